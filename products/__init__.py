"""What do we make and share?

Nouns: recipe · release · manifest · grant · terms · receipt · sample. How data walks through:

    dataset versions ─ inputs ─▶ recipe's SQL ─ making ─▶ records ─ anonymize ─▶ product table
                                                                                      │ packaging
    partner ◀─ serving ◀─ granting ◀─ publishing ◀─ approval ◀─ draft ◀─ building ◀───┘
                 │            │            │
               receipt      chain        chain

One module is one step a person takes: `building`, `publishing`, `granting`, `serving`. This is the only
package that knows both the catalog and the chain: `anchoring` carries an intent from the one to the other
so that a crash between them loses nothing and repeats nothing.
"""
