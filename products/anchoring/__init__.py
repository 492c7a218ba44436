"""What the catalog intends comes to stand on a chain, exactly once.

`anchor` carries one step out, whatever dies on the way; `carrier` carries the transaction that is signed for
it. The steps are in `release_steps`, `grant_steps`, `moving_steps` and `role_steps`; `steps` makes one again
from its stored intent. Three use cases take them: `founder` puts the contract there, `publisher` publishes,
withdraws, grants and revokes, `mover` carries a home to another registry. `standing` says which registry a
record speaks of; `registers` are the parts of the catalog that record the outcome.
"""
