"""Every figure, defined once in `definitions.yaml`: what is counted, over what.

Reports print these texts and `docs/reports.md` shows them; `folding` and `counting` carry them out.
"""

from __future__ import annotations

from enum import StrEnum
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict


class Unit(StrEnum):
    """What a figure is measured in."""

    PERCENT = "%"
    HOURS = "h"
    ORDERS = "orders"
    ISSUES = "issues"


class Definition(BaseModel):
    """A figure: what it counts, and of a rate over what. `high_is_good` is None where neither is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    title_zh: str
    unit: Unit
    counts: str
    counts_zh: str
    over: str | None = None
    over_zh: str | None = None
    high_is_good: bool | None = None


_SAID = yaml.safe_load(resources.files("catalog.figures").joinpath("definitions.yaml").read_text("utf-8"))

DEFINITIONS: tuple[Definition, ...] = tuple(map(Definition.model_validate, _SAID["figures"]))

NOTES: tuple[str, str] = (_SAID["notes"][0], _SAID["notes"][1].replace(" ", ""))
"""What holds of every figure, in English and Chinese."""

AGE_BANDS: tuple[tuple[int, int | None], ...] = ((0, 3), (3, 7), (7, 30), (30, 90), (90, None))
"""Bands of the backlog's age in days, from the first included to the second left out.

An order's age is the time from its first entry, or from its last reopening, to the period's end.
"""
