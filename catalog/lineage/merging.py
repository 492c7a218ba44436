"""Merging: a symlinks facet has said that two names are one dataset, and both have rows already."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.lineage import nodes, timelines
from catalog.lineage.facts import Named, NodeKind
from catalog.lineage.nodes import table
from catalog.tables import (
    LineageEdgeRow,
    LineageNodeRow,
    LineageObservationRow,
    LineageStateRow,
    LineageVersionRow,
)

_NODE = table(LineageNodeRow)
_EDGE = table(LineageEdgeRow)
_SEEN = table(LineageObservationRow)
_STATE = table(LineageStateRow)
_VERSION = table(LineageVersionRow)


def merge(session: Session, kept: int, alias: int) -> bool:
    """Make `alias` another name of `kept`, fields included; return whether that was new.

    Both ids are followed to what they stand for first, so that names said to be each other's end as one.
    """
    kept, alias = _root(session, kept), _root(session, alias)
    if kept == alias:
        return False
    moved = {alias: kept} | _fields(session, kept, alias)
    connection = session.connection()
    for old, new in moved.items():
        whose = sa.or_(_NODE.c.id == old, _NODE.c.same_as == old)
        connection.execute(sa.update(_NODE).where(whose).values(same_as=new))
    connection.execute(sa.update(_VERSION).where(_VERSION.c.dataset == alias).values(dataset=kept))
    _move_moments(session, kept, alias)
    _move_facets(session, kept, alias)
    _move_edges(session, moved)
    return True


def _root(session: Session, place: int) -> int:
    same_as = session.scalar(sa.select(_NODE.c.same_as).where(_NODE.c.id == place))
    return place if same_as is None else same_as


def _fields(session: Session, kept: int, alias: int) -> dict[int, int]:
    """Return each field of the alias with that of the same name of what it stands for, made if need be."""
    names = nodes.names_of(session, {kept, alias})
    query = sa.select(_NODE.c.id, _NODE.c.name).where(_NODE.c.parent == alias, _NODE.c.same_as.is_(None))
    mine = {row.id: row.name for row in session.execute(query)}
    own = names[kept]
    wanted = {p: Named(NodeKind.FIELD, own.namespace, own.name, name) for p, name in mine.items()}
    found = nodes.Nodes(session, 0)
    found.resolve(wanted.values())
    return {place: found[field] for place, field in wanted.items()}


def _move_moments(session: Session, kept: int, alias: int) -> None:
    mine = set(session.scalars(sa.select(_SEEN.c.seen_at).where(_SEEN.c.owner == alias)))
    mine -= set(session.scalars(sa.select(_SEEN.c.seen_at).where(_SEEN.c.owner == kept)))
    session.connection().execute(sa.delete(_SEEN).where(_SEEN.c.owner == alias))
    nodes.insert(session, LineageObservationRow, [{"owner": kept, "seen_at": at} for at in sorted(mine)])


def _move_facets(session: Session, kept: int, alias: int) -> None:
    """Leave the alias without facets of its own; what it had counts where the kept one has none."""
    rows = {
        row.node: row
        for row in session.execute(sa.select(_STATE).where(_STATE.c.node.in_((kept, alias)))).all()
    }
    if alias not in rows:
        return
    connection = session.connection()
    if kept not in rows:
        connection.execute(sa.update(_STATE).where(_STATE.c.node == alias).values(node=kept))
        return
    one, other = rows[kept], rows[alias]
    facets: dict[str, Any] = json.loads(other.facets)
    for name, said in json.loads(one.facets).items():
        if name not in facets or facets[name][0] <= said[0]:
            facets[name] = said
    connection.execute(sa.delete(_STATE).where(_STATE.c.node == alias))
    connection.execute(
        sa.update(_STATE).where(_STATE.c.node == kept).values(
            created_at=min(one.created_at, other.created_at),
            updated_at=max(one.updated_at, other.updated_at),
            facets=json.dumps(facets, ensure_ascii=False, separators=(",", ":")),
        )
    )  # fmt: skip


def _move_edges(session: Session, moved: dict[int, int]) -> None:
    """Give the edges of the alias to what it stands for; intervals that come to overlap become one."""
    spans: dict[tuple[int, int, int], list[tuple[int, int, str | None]]] = defaultdict(list)
    old: dict[tuple[int, int, int, int], tuple[int, str | None]] = {}
    ends = set(moved) | set(moved.values())
    for part in nodes.chunks(ends):
        touched = sa.or_(_EDGE.c.source.in_(part), _EDGE.c.target.in_(part), _EDGE.c.owner.in_(part))
        for source, target, owner, start, end, how in session.execute(sa.select(_EDGE).where(touched)).all():
            old[source, target, owner, start] = (end, how)
    for (source, target, owner, start), (end, how) in old.items():
        one, other = moved.get(source, source), moved.get(target, target)
        if one != other or source == target:
            spans[one, other, moved.get(owner, owner)].append((start, end, how))
    new = {}
    for (source, target, owner), each in spans.items():
        for start, end, how in _united(each):
            new[source, target, owner, start] = (end, how)
    gone = [row for row in old if new.get(row) != old[row]]
    timelines.replace(session, gone, {row: new[row] for row in new if old.get(row) != new[row]})


def _united(spans: list[tuple[int, int, str | None]]) -> list[tuple[int, int, str | None]]:
    found: list[tuple[int, int, str | None]] = []
    for start, end, how in sorted(spans, key=lambda each: each[:2]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]), how or found[-1][2])
        else:
            found.append((start, end, how))
    return found
