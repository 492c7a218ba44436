"""Timelines as rows: only what changes in them is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.lineage.intervals import FOREVER, Interval, Timeline
from catalog.lineage.nodes import chunks, insert, table
from catalog.tables import LineageEdgeRow, LineageObservationRow

Edge = tuple[int, int]
Observations = Mapping[int, Collection[tuple[int, Mapping[Edge, str | None]]]]
"""Owner → moments, each with all of the owner's edges at it."""

_EDGE = table(LineageEdgeRow)
_SEEN = table(LineageObservationRow)
_Row = tuple[int, int, int, int]


def observe(session: Session, observations: Observations) -> None:
    """Write what owners said, in whatever order of time, in the caller's transaction."""
    newest = _newest(session, observations.keys())
    late = {o for o, said in observations.items() if o in newest and min(at for at, _ in said) < newest[o]}
    timelines: dict[int, Timeline[Edge]] = {
        owner: Timeline([newest[owner]] if owner in newest else []) for owner in observations
    }
    for owner, moments in _moments(session, late).items():
        timelines[owner].moments = moments
    before = _rows(session, observations.keys() - late, _EDGE.c.valid_until == FOREVER)
    before |= _rows(session, late, sa.true())
    for (source, target, owner, start), (end, how) in before.items():
        mine = timelines[owner].intervals.setdefault((source, target), [])
        mine.append(Interval(start, end, how))
    seen = []
    for owner, said in observations.items():
        known = set(timelines[owner].moments)
        for at, edges in sorted(said, key=lambda each: each[0]):
            timelines[owner].observe(at, edges)
        seen += [{"owner": owner, "seen_at": at} for at in {at for at, _ in said} - known]
    insert(session, LineageObservationRow, seen)
    _write(session, before, timelines)


def _newest(session: Session, owners: Collection[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in chunks(owners):
        query = sa.select(_SEEN.c.owner, sa.func.max(_SEEN.c.seen_at)).group_by(_SEEN.c.owner)
        found.update((o, at) for o, at in session.execute(query.where(_SEEN.c.owner.in_(part))).all())
    return found


def _moments(session: Session, owners: Collection[int]) -> dict[int, list[int]]:
    found = defaultdict(list)
    for part in chunks(owners):
        query = sa.select(_SEEN.c.owner, _SEEN.c.seen_at).where(_SEEN.c.owner.in_(part))
        for owner, at in session.execute(query.order_by(_SEEN.c.owner, _SEEN.c.seen_at)).all():
            found[owner].append(at)
    return found


def _rows(
    session: Session, owners: Collection[int], which: sa.ColumnElement[bool]
) -> dict[_Row, tuple[int, str | None]]:
    columns = (_EDGE.c.source, _EDGE.c.target, _EDGE.c.owner, _EDGE.c.valid_from)
    found: dict[_Row, tuple[int, str | None]] = {}
    for part in chunks(owners):
        query = sa.select(*columns, _EDGE.c.valid_until, _EDGE.c.how)
        for *row, end, how in session.execute(query.where(_EDGE.c.owner.in_(part), which)).all():
            found[row[0], row[1], row[2], row[3]] = (end, how)
    return found


def _write(
    session: Session,
    before: dict[_Row, tuple[int, str | None]],
    timelines: dict[int, Timeline[Edge]],
) -> None:
    after = {
        (source, target, owner, each.start): (each.end, each.how)
        for owner, timeline in timelines.items()
        for (source, target), intervals in timeline.intervals.items()
        for each in intervals
    }
    replace(session, [row for row in before if after.get(row) != before[row]], {
        row: after[row] for row in after if before.get(row) != after[row]
    })  # fmt: skip


def replace(session: Session, gone: Collection[_Row], come: Mapping[_Row, tuple[int, str | None]]) -> None:
    """Delete edges, then insert edges."""
    names = ("source", "target", "owner", "valid_from")
    if gone:
        own = sa.and_(*(_EDGE.c[name] == sa.bindparam(f"b_{name}") for name in names))
        values: list[dict[str, Any]] = [
            {f"b_{name}": value for name, value in zip(names, row, strict=True)} for row in gone
        ]
        session.connection().execute(sa.delete(_EDGE).where(own), values)
    insert(
        session,
        LineageEdgeRow,
        [
            dict(zip(names, row, strict=True)) | {"valid_until": end, "how": how}
            for row, (end, how) in come.items()
        ],
    )
