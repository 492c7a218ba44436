"""What data have we, and how good is it?

Nouns: party · series · dataset · dataset version · field · quality report · finding · release · grant ·
receipt · chain intent · lineage event. Their rows live in `tables/` and nowhere else; their bytes
live in the object store under their SHA-256.

How data walks through:

    file ─ readers ─▶ text columns ─ loading ─▶ typed rows ─ parquet ─▶ store ─▶ dataset version
               │                                   │                                │
               └─ suggesting ─▶ document           └─ profiling, sensing, drift     └─ quality ─▶ findings

The rooms, each with one class (or two) whose public methods are each one transaction:

    who answers       parties `Parties` · organisation `Organisation`, `People` · roles `Roles`
    what is in force  changes `Changes` · datasets `Datasets`, `SeriesRegister` · standards `Standards` ·
                      product_register `ProductRegister` · glossary `Glossary` · suggesting `Suggester`
    what came in      loading `Loader` · sensing `Sensings` · drift `Drifts` · quality `Quality`
    what went out     releases `Releases` · grants `Grants` · receipts `Receipts` · exchange (DCAT, ODCS)
    what is known     lineage `Lineage` · search `Search` · assets `Assets` · trail `Trail`
    what is on chain  intents `Intents` · deployments `Deployments`

The catalog knows nothing of chains: it keeps what others intend to send there, so that a crash loses nothing.
"""
