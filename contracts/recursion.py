"""Importing this keeps the interpreter's recursion limit where it was.

py_ecc, which web3 and eth-account bring, raises it to 100,000 when first imported. With that, 100 kB of
nested JSON overflow the C stack of `json.loads` and kill the whole server (tried on Python 3.11). So it is
imported here, before anything else does, and the limit is put back; it is raised once only.
"""

import sys

_USUAL = 1000
"""Python's own limit, for where another module was first."""

_limit = sys.getrecursionlimit()

import py_ecc  # noqa: E402, F401  # for what it does on import, undone below

sys.setrecursionlimit(_limit if _limit < 10_000 else _USUAL)
