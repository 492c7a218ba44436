"""The second line of defence: one record, or a few, against all rules, while somebody is typing it.

    record ─ typing ─▶ typed row ─ reach · lookups ─▶ the rows it refers to ─ compiled ─▶ answers

The statements are those of a full run. Only what they look at is small: `reach` tells by which values a
rule finds rows of other datasets, `lookups` has those rows by key, and `compiled` runs the rules over tables
that hold nothing else. A join by equality sees the same rows either way, so the answer is that of a full run.
What needs the dataset's other rows (repeated keys, series, totals) is said to be undecidable here; `planning`
tells them apart.
"""
