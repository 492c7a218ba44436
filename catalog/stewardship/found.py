"""What a run found, as taking needs it: the findings, and of each rule what an order keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("rule", pa.string()),
        ("object", pa.string()),
        ("row", pa.int64()),
        ("organisation", pa.string()),
        ("answerable", pa.string()),
    ]
)
"""One finding: an object that breaks a rule, its row if it has one, whose it is, and who is named for it."""


@dataclass(frozen=True)
class FoundRule:
    """A rule that failed: its version, the digest it can be run again by, how bad it is, who answers."""

    id: str
    version: str
    digest: str
    severity: str
    owner: str | None = None


@dataclass(frozen=True)
class Found:
    """The findings of a run over a version, or without `run` of an inspection."""

    dataset: str
    version: int
    at: datetime
    rules: Mapping[str, FoundRule]
    findings: pa.Table = field(repr=False)
    run: int | None = None

    @property
    def detail(self) -> dict[str, Any]:
        """What an entry of the log says of where its findings came from."""
        return {"version": self.version, **({"run": self.run} if self.run is not None else {})}
