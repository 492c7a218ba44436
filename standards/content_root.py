"""The content root of a table: one hash that stands for every row, whatever the file format.

A row is the canonical JSON array of its values' text forms, null for a missing value; a leaf is the
RFC 6962 leaf hash of those bytes; the root is the Merkle tree over the rows in their order. So the
Parquet and the CSV of one release have the same root, and because 4,096 is a power of two, every
aligned run of 4,096 rows is a node of the tree: a row can be proved without the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from standards import merkle
from standards.digests import Digest


def row_bytes(values: Sequence[str | None]) -> bytes:
    """Return the row's canonical JSON array (RFC 8785; for arrays of text the plain encoder agrees)."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def content_root(rows: Iterable[Sequence[str | None]]) -> Digest:
    """Return the Merkle root over the rows' text forms, in their order."""
    return Digest(merkle.root(merkle.leaf_hash(row_bytes(row)) for row in rows).hex())
