"""What do we make and share?

Nouns: recipe · release · manifest · grant · terms · receipt · sample. How data walks through:

    dataset versions ─ inputs ─▶ recipe's SQL ─ making ─▶ records ─ anonymize ─▶ product table
                                                                                      │ packaging
    partner ◀─ serving ◀─ grant ◀─ publishing ◀─ approval ◀─ draft ◀─ building ◀──────┘
                 │           │          │
               receipt     chain      chain

The rooms: `founding` puts the contract on a chain; `recipe`, `inputs`, `making`, `anonymize`, `packaging` and
`building` make a draft; `publishing` publishes, withdraws, grants and revokes; `exporting` writes a release's
files; `serving` answers partners; `lineage_events` and `sql_lineage` say what came from what; `recipes` and
`samples` are bundled. This is the only package that knows both the catalog and the chain: `anchoring` carries
an intent from the one to the other, `steps` does it for each kind of intent, so that a crash between them
loses nothing and repeats nothing.
"""
