"""What data have we, and how good is it?

Nouns: party · series · dataset · dataset version · field · quality report · finding · release · grant ·
receipt · chain intent · lineage event. Their rows live in `tables/` and nowhere else; their bytes
live in the object store under their SHA-256.

How data walks through:

    file ─ readers ─▶ text columns ─ loading ─▶ typed rows ─ parquet ─▶ store ─▶ dataset version
               │                                   │                                │
               └─ suggesting ─▶ document           └─ profiling, sensing, drift     └─ quality ─▶ findings

Each room has one class whose public methods are each one transaction: `Parties`, `Datasets`,
`Loader`, `Sensings`, `Drifts`, `Quality`, `Lineage`, `Releases`, `Grants`, `Receipts`, `Intents`. The
catalog knows nothing of chains: it keeps what others intend to send there, so that a crash loses nothing.
"""
