"""Search across everything: datasets, products, concepts, data elements, codes, units, parties.

    a thing ─ entries ─▶ entry ─ index ─▶ row + grams ─ native ─▶ FTS5 | GIN      in one transaction
    a query ─ query ─▶ words ─ grams ─▶ native ─▶ candidates ─ ranking ─▶ hits    by answering

Whoever stores a thing calls `index.write(session, [entries.of_…(thing)])` in the transaction that stores it.
`searching.Search` has the use cases. How results are ranked stands in `ranking.py` and docs/search.md.
"""
