"""States: the newest facets of datasets and jobs, by event time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.lineage.events import Event
from catalog.lineage.nodes import Nodes, chunks, insert, table
from catalog.tables import LineageStateRow

_STATE = table(LineageStateRow)
_State = tuple[int, int, str]
_Said = Sequence[tuple[int, dict[str, Any]]]


def keep(session: Session, nodes: Nodes, events: Iterable[Event]) -> None:
    """Keep the newest of each facet; a deleted one stays deleted for events that are older still."""
    said: dict[int, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for event in events:
        for name, facets in event.facts.facets.items():
            said[nodes[name]].append((event.at, facets))
    old = _states(session, said.keys())
    fresh, changed = [], []
    for node, each in said.items():
        state = _renewed(old.get(node), each)
        row = dict(zip(("created_at", "updated_at", "facets"), state, strict=True))
        if node not in old:
            fresh.append(row | {"node": node})
        elif state != old[node]:
            changed.append(row | {"b_node": node})
    insert(session, LineageStateRow, fresh)
    if changed:
        update = sa.update(_STATE).where(_STATE.c.node == sa.bindparam("b_node"))
        session.connection().execute(update, changed)


def current(text: str) -> dict[str, Any]:
    """Return the facets that stand, of a state's row."""
    return {name: body for name, (_, body) in json.loads(text).items() if body is not None}


def _states(session: Session, nodes: Collection[int]) -> dict[int, _State]:
    found: dict[int, _State] = {}
    for part in chunks(nodes):
        for row in session.execute(sa.select(_STATE).where(_STATE.c.node.in_(part))).all():
            found[row.node] = (row.created_at, row.updated_at, row.facets)
    return found


def _renewed(old: _State | None, said: _Said) -> _State:
    created, updated, text = old or (said[0][0], said[0][0], "{}")
    kept = json.loads(text)
    for at, facets in said:
        created, updated = min(created, at), max(updated, at)
        for name, body in facets.items():
            if name not in kept or kept[name][0] <= at:
                kept[name] = [at, None if body.get("_deleted") else body]
    return created, updated, json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
