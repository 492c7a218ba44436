"""What do we make and share?

Nouns: recipe · release · manifest · grant · terms · receipt · sample. How data walks through:

    dataset versions ─ inputs ─▶ recipe's SQL ─ making ─▶ records ─ anonymize ─▶ product table
                                                                                      │ packaging
    partner ◀─ serving ◀─ grant ◀─ publishing ◀─ approval ◀─ draft ◀─ building ◀──────┘
                 │           │          │
               receipt     chain      chain

The rooms: `recipe` reads a recipe; `building` makes a draft of it, `anonymize` on the way; `anchoring` is
everything that comes to stand on a chain: the contract, publications, withdrawals, grants, a move to another
chain; `exporting` writes a release's files; `serving` answers partners, by `row_queries`; `recipes` and
`samples` are bundled.
This is the only package that knows both the catalog and the chain: `anchoring` carries an intent from the one
to the other, so that a crash between them loses nothing and repeats nothing.
"""
