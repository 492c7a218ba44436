"""Two versions side by side, and the warnings that loading keeps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from sqlalchemy.orm import Session

from catalog.datasets.models import DatasetVersion
from catalog.drift import counting, judging
from catalog.drift.counting import Column, Figures, Spread
from catalog.drift.models import (
    DriftWarning,
    FieldChange,
    FieldDrift,
    FieldFigures,
    VersionDrift,
)
from catalog.tables import VersionDriftRow


@dataclass(frozen=True)
class Side:
    """One of two versions: its number, its file, and the data element of each field as it was loaded."""

    number: int
    path: Path
    elements: Mapping[str, str]


def compare(
    connection: duckdb.DuckDBPyConnection, dataset: str, before: Side, after: Side, secret: Collection[str]
) -> VersionDrift:
    """Return how the second version differs from the first. Of `secret` fields no value is in it."""
    rows = [pq.read_metadata(side.path).num_rows for side in (before, after)]
    columns = [_columns(side.path) for side in (before, after)]
    names = [*columns[1], *(name for name in columns[0] if name not in columns[1])]
    fields = []
    warnings: list[DriftWarning] = []
    if judging.rows_drift(*rows):
        warnings.append(DriftWarning(field=None, what=f"{rows[0]:,} rows became {rows[1]:,}"))
    for name in names:
        pair = _Pair(columns[0].get(name), columns[1].get(name), name in secret)
        drift, said = _field(connection, name, pair, before, after)
        fields.append(drift)
        warnings += (DriftWarning(field=name, what=what) for what in said)
    return VersionDrift(
        dataset=dataset,
        base=before.number,
        number=after.number,
        rows_before=rows[0],
        rows_after=rows[1],
        fields=tuple(fields),
        warnings=tuple(warnings),
    )


def keep(session: Session, version: DatasetVersion, drift: VersionDrift, now: datetime) -> None:
    """Write the warnings down with the version, once. The caller has the dataset's turn."""
    if session.get(VersionDriftRow, (version.dataset, version.number)) is None:
        session.add(
            VersionDriftRow(
                dataset=version.dataset, version=version.number, base=drift.base, compared_at=now,
                warnings=[each.model_dump(mode="json") for each in drift.warnings],
            )
        )  # fmt: skip
        session.flush()


@dataclass(frozen=True)
class _Pair:
    before: Column | None
    after: Column | None
    secret: bool


def _columns(path: Path) -> dict[str, Column]:
    return {field.name: Column(path, field.name, field.type) for field in pq.read_schema(path)}


def _field(
    connection: duckdb.DuckDBPyConnection, name: str, pair: _Pair, before: Side, after: Side
) -> tuple[FieldDrift, list[str]]:
    old = None if pair.before is None else counting.figures(connection, pair.before)
    new = None if pair.after is None else counting.figures(connection, pair.after)
    elements = (before.elements.get(name), after.elements.get(name))
    change = _change(pair, elements)
    drift = FieldDrift(
        field=name,
        change=change,
        before=_shown(pair.before, old, elements[0], pair.secret),
        after=_shown(pair.after, new, elements[1], pair.secret),
    )
    if pair.before is None or pair.after is None or old is None or new is None:
        return drift, [f"the field was {change}"]
    said = [_changed(drift)] if change is not FieldChange.KEPT else []
    said += _nulls(old, new)
    if pair.before.is_time:
        return drift, [*said, *_ends_earlier(pair, old, new)]
    if change is FieldChange.TYPE or not (old.rows > old.nulls and new.rows > new.nulls):
        return drift, said
    spread = counting.spread(connection, pair.before, pair.after, old)
    drift = _with_spread(drift, spread, pair.secret)
    said += _spread_warnings(drift, spread, old)
    if pair.before.is_text and not spread.by_value:
        tops = [counting.most_frequent(connection, column) for column in (pair.before, pair.after)]
        said += _text_warnings(old, new, tops)
    return drift, said


def _change(pair: _Pair, elements: tuple[str | None, str | None]) -> FieldChange:
    if pair.before is None:
        return FieldChange.ADDED
    if pair.after is None:
        return FieldChange.REMOVED
    if pair.before.type != pair.after.type:
        return FieldChange.TYPE
    return FieldChange.KEPT if elements[0] == elements[1] else FieldChange.ELEMENT


def _shown(
    column: Column | None, found: Figures | None, element: str | None, secret: bool
) -> FieldFigures | None:
    if column is None or found is None:
        return None
    return FieldFigures(
        type=str(column.type),
        element=element,
        null_share=found.nulls / found.rows if found.rows else 0.0,
        distinct=found.distinct,
        minimum=None if secret else found.minimum,
        maximum=None if secret else found.maximum,
    )


def _changed(drift: FieldDrift) -> str:
    assert drift.before is not None
    assert drift.after is not None
    if drift.change is FieldChange.TYPE:
        return f"its type was {drift.before.type} and is {drift.after.type}"
    return f"its data element was {drift.before.element} and is {drift.after.element}"


def _nulls(old: Figures, new: Figures) -> list[str]:
    if not (old.rows and new.rows) or not judging.nulls_drift((old.nulls, old.rows), (new.nulls, new.rows)):
        return []
    return [f"{old.nulls / old.rows:.1%} of its values were missing and {new.nulls / new.rows:.1%} are"]


def _ends_earlier(pair: _Pair, old: Figures, new: Figures) -> list[str]:
    """Times move on from version to version, so their spread is not judged; that they go back is."""
    if old.maximum is None or new.maximum is None or new.maximum >= old.maximum:
        return []
    where = "" if pair.secret else f" ({new.maximum}, it was {old.maximum})"
    return [f"its last value is earlier than before{where}"]


def _with_spread(drift: FieldDrift, spread: Spread, secret: bool) -> FieldDrift:
    total = sum(spread.after)
    has_bins = spread.by_value or len(spread.before) > 1
    return drift.model_copy(
        update={
            "psi": judging.psi(spread.before, spread.after) if has_bins else None,
            "psi_chance": judging.psi_by_chance(spread.before, spread.after) if has_bins else None,
            "new_share": spread.new_count / total if spread.by_value else None,
            "new_values": () if secret else spread.new,
            "gone_values": () if secret else spread.gone,
        }
    )


def _spread_warnings(drift: FieldDrift, spread: Spread, old: Figures) -> Iterator[str]:
    psi, chance = drift.psi or 0.0, drift.psi_chance or 0.0
    if psi >= max(judging.PSI_LARGE, chance):
        yield f"its values are spread otherwise than before (stability index {psi:.2f})"
    total = sum(spread.after)
    was, now = (0, old.rows - old.nulls), (spread.new_count, total)
    if spread.by_value and now[0] >= judging.NEW_SHARE * total and judging.shares_differ(was, now):
        named = f": {_listed(drift.new_values)}" if drift.new_values else ""
        yield f"{now[0] / total:.1%} of its values were never there before{named}"


def _text_warnings(old: Figures, new: Figures, tops: Sequence[int]) -> Iterator[str]:
    """Of text with many values it is judged how many differ and how often the first one stands."""
    was, now = old.rows - old.nulls, new.rows - new.nulls
    if judging.distinct_drift((old.distinct, was), (new.distinct, now)):
        yield f"its {was:,} values were {old.distinct:,} different ones, and {now:,} are {new.distinct:,}"
    if judging.top_drift((tops[0], was), (tops[1], now)):
        yield f"its most frequent value was {tops[0] / was:.1%} of them and is {tops[1] / now:.1%}"


def _listed(values: Iterable[str]) -> str:
    return ", ".join(value if len(value) <= 40 else value[:39] + "…" for value in values)
