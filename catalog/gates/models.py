"""What a dataset declares of its gate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from standards.rules import LineOfDefence, Severity


class GateAction(StrEnum):
    """What becomes of a file in which rows fail, from the mildest to the strictest."""

    NONE = "none"
    WARN = "warn"
    QUARANTINE = "quarantine"
    REJECT = "reject"

    def is_milder(self, other: GateAction) -> bool:
        """Say whether this lets more pass than another."""
        order = list(GateAction)
        return order.index(self) < order.index(other)


class Gate(BaseModel):
    """The gate of a dataset: what happens, and which rules decide.

    Rows that are held back go to the dataset `quarantine` names; by default it is called NAME-quarantine.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: GateAction = GateAction.NONE
    lines: tuple[LineOfDefence, ...] = (LineOfDefence.BEFORE,)
    severities: tuple[Severity, ...] = (Severity.CRITICAL, Severity.MAJOR)
    quarantine: str | None = None

    def held_in(self, dataset: str) -> str:
        """Return the name of the dataset that holds back the rows of another."""
        return self.quarantine or f"{dataset}-quarantine"


@dataclass(frozen=True)
class Rows:
    """Rows on their way to be a version: Parquet, how many, and what each (from 1) is called in the file."""

    path: Path
    count: int
    named: Callable[[Collection[int]], Mapping[int, str]]


class RuleAtGate(BaseModel):
    """A rule that failed at the gate: how many rows of the file, which first, and what else than rows."""

    model_config = ConfigDict(frozen=True)

    rule: str
    title_zh: str
    title_en: str
    severity: Severity
    judged: int
    failing: int
    rows: tuple[int, ...]
    """The first failing rows of data, counted from 1."""


class GateReport(BaseModel):
    """What the gate said of a file. The same file, rules and neighbours give the same report."""

    model_config = ConfigDict(frozen=True)

    action: GateAction
    rules: int
    failed: tuple[RuleAtGate, ...]
    not_run: tuple[tuple[str, str], ...] = ()
    """Rules that could not be run, each with the reason."""
    rows: int = 0
    held_back: int = 0
    held_in: str | None = None
