"""Datasets under governance: what they are, who answers for them, and their immutable versions.

`models` are the documents, `fitting` compares one with the standards, `register` keeps datasets and
versions. Change requests (`catalog.changes`) are the only way in for a document.
"""
