"""Releases: draft → approved → published → withdrawn. A newer draft of a version replaces the older.

`models` are what is said of a release, `anchors` where it stands on chains, `register` keeps both.
"""
