"""One script per claim; each prints one JSON line per claim. `make bench` runs them all.

A line is {"claim", "value", "unit", "goal", "holds", "versions"}; `goal` and `holds` are null of a figure for
which no goal was set. `--quick` makes a small run. Where a script compares with a peer it runs both in turn
in the same run and reports the median ratio.
"""
