"""A whole chain in one file, for machines that have no node.

    create(path)            genesis.py    block 0, from the chain id alone
    EmbeddedChain(path)     rpc.py        JSON-RPC requests → answers: a dict, a batch, or the bytes of a body
      methods.py, params.py, shapes.py      what is asked, and the JSON it is answered with
      limits.py                             how much work for a stranger, and in which turns
      execution.py, proofs.py               calls, gas estimates; Merkle proofs
      ledger.py, rules.py                   blocks and transactions, by py-evm under Prague rules
      store.py                              the SQLite file they lie in
    EmbeddedProvider(chain) provider.py   the same, as a provider of web3.py

A transaction is mined into a block of its own and is on the disk before its hash is answered. Gas is free.
Several processes may read and write the same file. What such a chain proves, and what it can't, is in
`../DECISIONS.md`.
"""

import sys

import contracts.recursion  # noqa: F401  # first: what follows would raise the limit for good

_limit = sys.getrecursionlimit()

import eth.vm.forks.prague  # noqa: E402, F401  # for what it does on import, undone below

# py-evm raises the recursion limit as well, to 12,288. With the usual one, calls between contracts can nest
# some ninety deep; deeper ones are refused.
sys.setrecursionlimit(_limit)
