"""Figures of the data itself: of the newest check of each dataset that was kept before an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.figures.counting import rate
from catalog.figures.models import DatasetQuality, Measures
from catalog.store import FolderStore, ObjectNotFound
from catalog.tables import QualityRunRow
from standards.digests import Digest
from standards.rules import Severity

_DIMENSIONS = {"02": "completeness", "03": "accuracy"}
"""The figure that an indicator of GB/T 36344-2018 counts for, by its first two digits."""

Counts = tuple[int, int]
"""What passed (A) and what was judged (B)."""


@dataclass(frozen=True)
class Checks:
    """The figures of checks: in all, of each dataset, and of each unit by its path."""

    total: Measures
    datasets: tuple[DatasetQuality, ...]
    by_path: Mapping[str, Measures]

    def of_level(self, path: str, depth: int) -> dict[str, Measures]:
        """Return the figures of the units below a path whose own paths have so many parts."""
        below = f"{path}/" if path else ""
        return {
            unit: measures
            for unit, measures in self.by_path.items()
            if unit.startswith(below) and unit.count("/") + 1 == depth
        }


def checks(session: Session, store: FolderStore, until: datetime, path: str) -> Checks:
    """Return the figures of the newest check of each dataset before an instant, of a unit or (empty) of all.

    Of units there are completeness and accuracy, as each check counted them by the paths of its day. Usable
    rows and rules run are known of whole datasets alone.
    """
    by_path: dict[str, dict[str, Counts]] = defaultdict(dict)
    datasets = []
    for row in _newest(session, until):
        own = _judged(row.report, path, by_path)
        if not path:
            own |= _of_whole(row, store)
        if own:
            datasets.append(_quality(row, own))
    total: dict[str, Counts] = {}
    for each in datasets:
        for figure, measure in each.figures.items():
            _add(total, figure, (measure.numerator or 0, measure.denominator or 0))
    return Checks(_measured(total), tuple(datasets), {unit: _measured(by_path[unit]) for unit in by_path})


def _newest(session: Session, until: datetime) -> Iterator[QualityRunRow]:
    run = QualityRunRow
    newest = sa.select(sa.func.max(run.id)).where(run.ran_at < until).group_by(run.dataset)
    yield from session.scalars(sa.select(run).where(run.id.in_(newest)).order_by(run.dataset))


def _judged(report: Mapping[str, Any], path: str, by_path: dict[str, dict[str, Counts]]) -> dict[str, Counts]:
    """Return what rules judged of a unit, or (empty path) of all; add it to what units have."""
    own: dict[str, Counts] = {}
    for result in report["rules"]:
        figure = _DIMENSIONS.get(result["indicator"][:2])
        if figure is None:
            continue
        if not path:
            _add(own, figure, (result["passing"], result["judged"]))
        for unit, counted in result.get("by_organisation", {}).items():
            counts = counted["judged"] - counted["failing"], counted["judged"]
            _add(by_path[unit], figure, counts)
            if unit == path:
                _add(own, figure, counts)
    return own


def _of_whole(row: QualityRunRow, store: FolderStore) -> dict[str, Counts]:
    """Return what is known of the dataset as a whole; of checks from before the library's rules nothing."""
    report = row.report
    if "not_run" not in report:
        return {}
    run, not_run = len(report["rules"]), len(report["not_run"])
    found = {"rule-coverage": (run, run + not_run)}
    unusable = _unusable(report, store)
    if unusable is not None:
        found["usable-rate"] = (report["rows"] - unusable, report["rows"])
    return found


def _unusable(report: Mapping[str, Any], store: FolderStore) -> int | None:
    """Return how many rows a failed critical rule found fault with, None if what was found is gone."""
    critical = [
        each["rule"]
        for each in report["rules"]
        if each["severity"] == Severity.CRITICAL and not each["passed"]
    ]
    if not critical:
        return 0
    try:
        place = store.path(Digest(report["findings"]))
    except ObjectNotFound:
        return None
    found = pq.read_table(place, columns=["row"], filters=pc.field("rule").isin(critical))
    return int(pc.count_distinct(found["row"]).as_py())


def _quality(row: QualityRunRow, own: Mapping[str, Counts]) -> DatasetQuality:
    return DatasetQuality(
        dataset=row.dataset,
        version=row.version,
        checked_at=row.ran_at,
        report_digest=row.report_digest,
        figures=_measured(own),
    )


def _measured(counts: Mapping[str, Counts]) -> Measures:
    return {figure: rate(*each) for figure, each in sorted(counts.items())}


def _add(counts: dict[str, Counts], figure: str, more: Counts) -> None:
    passed, judged = counts.get(figure, (0, 0))
    counts[figure] = passed + more[0], judged + more[1]
