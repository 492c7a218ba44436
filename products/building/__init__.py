"""A recipe and the newest versions of its datasets become a release's draft.

    dataset versions ─ inputs ─▶ recipe's SQL ─ making ─▶ records ─ anonymize ─▶ table ─ packaging ─▶ files

`builder` is the use case; `sql_lineage` reads from the recipe's SQL what comes from what, and
`lineage_events` tells the catalog.
"""
