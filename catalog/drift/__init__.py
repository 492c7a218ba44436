"""How does one version of a dataset differ from another: its fields, its rows, how values are spread?

    two versions' Parquet ─ counting ─▶ figures of each field ─ judging (thresholds) ─▶ drift ─▶ comparing

`counting` asks the query engine over both files; `judging` holds every threshold and its source; `comparing`
is the use case, and what loading calls to warn. Of fields that tell of persons no value is shown.
"""
