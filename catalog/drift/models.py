"""What differs between two versions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class FieldChange(StrEnum):
    """What became of a field between two versions."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"
    TYPE = "type"
    ELEMENT = "element"


class DriftWarning(_Frozen):
    """A difference beyond its threshold, in words; `field` is None for the whole table."""

    field: str | None
    what: str


class FieldFigures(_Frozen):
    """A field of one version; shares are 0 to 1. Extremes are in text form, None for secret fields."""

    type: str
    element: str | None
    null_share: float
    distinct: int
    minimum: str | None
    maximum: str | None


class FieldDrift(_Frozen):
    """A field in both versions or one of them.

    `psi` is the population stability index of its values, None where there is nothing to compare,
    as with text that hardly repeats;
    `psi_chance` is what chance alone exceeds once in a thousand in tables of this size. `new_share` is the
    share of rows whose value the older version does not have at all, None for fields of many values;
    `new_values` and `gone_values` are the first of them, empty for secret fields.
    """

    field: str
    change: FieldChange
    before: FieldFigures | None
    after: FieldFigures | None
    psi: float | None = None
    psi_chance: float | None = None
    new_share: float | None = None
    new_values: tuple[str, ...] = ()
    gone_values: tuple[str, ...] = ()


class VersionDrift(_Frozen):
    """How version `number` of a dataset differs from version `base`."""

    dataset: str
    base: int
    number: int
    rows_before: int
    rows_after: int
    fields: tuple[FieldDrift, ...]
    warnings: tuple[DriftWarning, ...]


class KeptDrift(_Frozen):
    """What loading warned of when a version came, against the version before it."""

    dataset: str
    version: int
    base: int
    warnings: tuple[DriftWarning, ...]
    compared_at: datetime
