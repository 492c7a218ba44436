"""What there is to say of a dataset or a job that events have spoken of, put together from its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.lineage import nodes, states, walking
from catalog.lineage.events import instant
from catalog.lineage.facts import Named, NodeKind
from catalog.lineage.runs import Facets, Frozen, Identity, Run, identity, latest_runs
from catalog.lineage.walking import NOW, Direction
from catalog.tables import LineageNodeRow, LineageStateRow, LineageVersionRow

_NODE = nodes.table(LineageNodeRow)
_STATE = nodes.table(LineageStateRow)
_VERSION = nodes.table(LineageVersionRow)
_NO_NAMES: Mapping[int, Named] = MappingProxyType({})


class DatasetEntry(Frozen):
    """A dataset with its newest facets. `aliases`: its other names."""

    id: Identity
    created_at: datetime
    updated_at: datetime
    facets: Facets
    version: str | None
    aliases: tuple[Identity, ...]


class JobEntry(Frozen):
    """A job with its newest facets, what it reads and makes, and its newest run."""

    id: Identity
    created_at: datetime
    updated_at: datetime
    facets: Facets
    inputs: tuple[Identity, ...]
    outputs: tuple[Identity, ...]
    latest_run: Run | None


def datasets(
    session: Session, ids: Collection[int], named: Mapping[int, Named] = _NO_NAMES
) -> dict[int, DatasetEntry]:
    """Return the datasets of these nodes; `named` are names the caller knows already."""
    names, known = nodes.names_of(session, ids, named), _states(session, ids)
    aliases: dict[int, list[int]] = defaultdict(list)
    versions: dict[int, str] = {}
    for part in nodes.chunks(ids):
        query = sa.select(_NODE.c.id, _NODE.c.same_as).where(nodes.among(session, _NODE.c.same_as, part))
        for place, same_as in session.execute(query).all():
            aliases[same_as].append(place)
        made = sa.select(_VERSION.c.dataset, _VERSION.c.version).where(
            nodes.among(session, _VERSION.c.dataset, part), _VERSION.c.made
        )
        versions.update((d, v) for d, v in session.execute(made.order_by(_VERSION.c.seen_at)).all())
    others = nodes.names_of(session, [place for each in aliases.values() for place in each])
    return {
        place: DatasetEntry(
            id=identity(names[place]), created_at=known[place][0], updated_at=known[place][1],
            facets=known[place][2], version=versions.get(place),
            aliases=tuple(identity(others[alias]) for alias in aliases[place]),
        )
        for place in ids
    }  # fmt: skip


def jobs(
    session: Session, ids: Collection[int], named: Mapping[int, Named] = _NO_NAMES
) -> dict[int, JobEntry]:
    """Return the jobs of these nodes; `named` are names the caller knows already."""
    known = _states(session, ids)
    read, made = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    for step in walking.steps(session, ids, Direction.BOTH, NOW):
        read[step.target].add(step.source)
        made[step.source].add(step.target)
    ends = set(ids).union(*(read[place] | made[place] for place in ids))
    names = nodes.names_of(session, ends, named)
    latest = latest_runs(session, ids)

    def of_datasets(of: set[int]) -> tuple[Identity, ...]:
        ordered = sorted(names[place] for place in of if names[place].kind is NodeKind.DATASET)
        return tuple(map(identity, ordered))

    return {
        place: JobEntry(
            id=identity(names[place]), created_at=known[place][0], updated_at=known[place][1],
            facets=known[place][2], inputs=of_datasets(read[place]), outputs=of_datasets(made[place]),
            latest_run=latest.get(place),
        )
        for place in ids
    }  # fmt: skip


def _states(session: Session, ids: Collection[int]) -> dict[int, tuple[datetime, datetime, Facets]]:
    """Return when each node was first and last spoken of, and its facets; mentions do not count."""
    found = dict.fromkeys(ids, (instant(0), instant(0), Facets()))
    for part in nodes.chunks(ids):
        for row in session.execute(sa.select(_STATE).where(nodes.among(session, _STATE.c.node, part))).all():
            times = (instant(row.created_at), instant(row.updated_at))
            found[row.node] = (*times, states.current(row.facets))
    return found
