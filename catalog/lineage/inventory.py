"""Inventory: the datasets, jobs, runs and versions that events have spoken of, as they stand now."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.lineage import entries, nodes
from catalog.lineage.entries import DatasetEntry, JobEntry
from catalog.lineage.events import instant
from catalog.lineage.facts import Named, NodeKind
from catalog.lineage.finding import NodeNotFound
from catalog.lineage.graph import GraphNode, Walk
from catalog.lineage.runs import (
    Frozen,
    Run,
    Version,
    shown_runs,
    shown_versions,
)
from catalog.tables import (
    LineageEventRow,
    LineageNamespaceRow,
    LineageNodeRow,
    LineageRunRow,
    LineageVersionRow,
)

_NODE = nodes.table(LineageNodeRow)
_SPACE = nodes.table(LineageNamespaceRow)
_RUN = nodes.table(LineageRunRow)
_VERSION = nodes.table(LineageVersionRow)
_EVENT = nodes.table(LineageEventRow)


class Page(Frozen):
    """Which part of a list is wanted."""

    limit: int = 100
    offset: int = 0


class Namespace(Frozen):
    """A namespace, since lineage first heard of it."""

    name: str
    created_at: datetime


class Events(Frozen):
    """Raw events, and how many there are in all."""

    total: int
    events: tuple[dict[str, Any], ...]


class Inventory:
    """What lineage knows of, listed. Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def namespaces(self, page: Page) -> tuple[Namespace, ...]:
        """Return the namespaces by name."""
        query = sa.select(_SPACE.c.name, _SPACE.c.created_at).order_by(_SPACE.c.name)
        with self._database.read() as session:
            rows = session.execute(query.limit(page.limit).offset(page.offset)).all()
        return tuple(Namespace(name=name, created_at=instant(at)) for name, at in rows)

    def namespace(self, name: str) -> Namespace:
        """Return the namespace. Raises NodeNotFound."""
        with self._database.read() as session:
            _, at = _namespace(session, name)
        return Namespace(name=name, created_at=instant(at))

    def datasets(self, namespace: str, page: Page) -> tuple[int, tuple[DatasetEntry, ...]]:
        """Return how many datasets a namespace has, and a page of them. Raises NodeNotFound."""
        with self._database.read() as session:
            total, found = _listed(session, namespace, NodeKind.DATASET, page)
            return total, tuple(entries.datasets(session, found).values())

    def dataset(self, namespace: str, name: str) -> DatasetEntry:
        """Return the dataset, whichever of its names is given. Raises NodeNotFound."""
        with self._database.read() as session:
            place = find_named(session, Named(NodeKind.DATASET, namespace, name))
            return entries.datasets(session, [place])[place]

    def jobs(self, namespace: str, page: Page) -> tuple[int, tuple[JobEntry, ...]]:
        """Return how many jobs a namespace has, and a page of them. Raises NodeNotFound."""
        with self._database.read() as session:
            total, found = _listed(session, namespace, NodeKind.JOB, page)
            return total, tuple(entries.jobs(session, found).values())

    def job(self, namespace: str, name: str) -> JobEntry:
        """Return the job. Raises NodeNotFound."""
        with self._database.read() as session:
            place = find_named(session, Named(NodeKind.JOB, namespace, name))
            return entries.jobs(session, [place])[place]

    def runs(self, namespace: str, name: str, page: Page) -> tuple[int, tuple[Run, ...]]:
        """Return how many runs a job had, and a page of them, newest first. Raises NodeNotFound."""
        with self._database.read() as session:
            job = find_named(session, Named(NodeKind.JOB, namespace, name))
            mine = _RUN.c.job == job
            total = session.scalar(sa.select(sa.func.count()).where(mine)) or 0
            query = sa.select(_RUN).where(mine).order_by(_RUN.c.created_at.desc(), _RUN.c.id.desc())
            rows = session.execute(query.limit(page.limit).offset(page.offset)).all()
            return total, shown_runs(session, rows)

    def run(self, run_id: str) -> Run:
        """Return the run. Raises NodeNotFound."""
        with self._database.read() as session:
            rows = session.execute(sa.select(_RUN).where(_RUN.c.run_id == run_id).limit(1)).all()
            if not rows:
                raise NodeNotFound(f"no event has spoken of a run {run_id[:60]!r}")
            return shown_runs(session, rows)[0]

    def versions(self, namespace: str, name: str, page: Page) -> tuple[int, tuple[Version, ...]]:
        """Return how many versions of a dataset were made, and a page, newest first. Raises NodeNotFound."""
        with self._database.read() as session:
            dataset = find_named(session, Named(NodeKind.DATASET, namespace, name))
            mine = sa.and_(_VERSION.c.dataset == dataset, _VERSION.c.made)
            total = session.scalar(sa.select(sa.func.count()).where(mine)) or 0
            query = sa.select(_VERSION).where(mine).order_by(_VERSION.c.seen_at.desc(), _VERSION.c.key)
            return total, shown_versions(
                session, session.execute(query.limit(page.limit).offset(page.offset)).all()
            )

    def version(self, namespace: str, name: str, version: str) -> Version:
        """Return one version of a dataset. Raises NodeNotFound."""
        with self._database.read() as session:
            dataset = find_named(session, Named(NodeKind.DATASET, namespace, name))
            mine = sa.and_(_VERSION.c.dataset == dataset, _VERSION.c.made, _VERSION.c.version == version)
            query = sa.select(_VERSION).where(mine).order_by(_VERSION.c.seen_at.desc())
            found = shown_versions(session, session.execute(query.limit(1)).all())
        if not found:
            raise NodeNotFound(
                f"{namespace}:{name} has no version {version[:60]!r}",
                hint="see its versions: GET /api/v1/namespaces/NAMESPACE/datasets/NAME/versions",
            )
        return found[0]

    def events(
        self,
        page: Page,
        *,
        namespace: str | None = None,
        before: datetime | None = None,
        after: datetime | None = None,
        newest_first: bool = True,
    ) -> Events:
        """Return raw events in the order of their time, of a namespace's jobs if given."""
        conditions: list[sa.ColumnElement[bool]] = [sa.true()]
        if namespace is not None:
            conditions.append(_EVENT.c.namespace == namespace)
        if before is not None:
            conditions.append(_EVENT.c.event_time < before)
        if after is not None:
            conditions.append(_EVENT.c.event_time >= after)
        order = (_EVENT.c.event_time, _EVENT.c.id)
        query = sa.select(_EVENT.c.body).where(*conditions)
        query = query.order_by(*(each.desc() for each in order) if newest_first else order)
        with self._database.read() as session:
            total = session.scalar(sa.select(sa.func.count()).select_from(_EVENT).where(*conditions)) or 0
            bodies = session.scalars(query.limit(page.limit).offset(page.offset)).all()
        return Events(total=total, events=tuple(json.loads(body) for body in bodies))

    def described(self, walk: Walk) -> dict[str, DatasetEntry | JobEntry]:
        """Return what there is to say of the datasets and jobs of a walk, by their ids."""
        ids = {place: node for place, node in zip(walk.rows, walk.nodes, strict=True) if node.field is None}
        names = {
            place: Named(NodeKind[node.kind.upper()], node.namespace, node.name)
            for place, node in ids.items()
        }
        datasets = [place for place, node in ids.items() if node.kind == "dataset"]
        jobs = [place for place, node in ids.items() if node.kind == "job"]
        with self._database.read() as session:
            found: dict[int, Any] = {
                **entries.datasets(session, datasets, names),
                **entries.jobs(session, jobs, names),
            }
        return {ids[place].id: entry for place, entry in found.items()}

    def search(self, text: str, limit: int) -> tuple[GraphNode, ...]:
        """Return datasets and jobs whose names hold the text, in the order they were first heard of."""
        escaped = "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in text)
        holds = _NODE.c.name.like(f"%{escaped}%", escape="\\")
        query = sa.select(_NODE.c.id).where(_NODE.c.kind != int(NodeKind.FIELD), holds)
        with self._database.read() as session:
            found = session.scalars(query.order_by(_NODE.c.id).limit(limit)).all()
            names = nodes.names_of(session, found)
        return tuple(_as_node(names[place]) for place in found)


def find_named(session: Session, name: Named) -> int:
    """Return the node of this name, or that it is an alias of. Raises NodeNotFound."""
    query = sa.select(_NODE.c.id, _NODE.c.same_as).where(_NODE.c.key == nodes.key(name))
    row = session.execute(query).first()
    if row is None:
        raise NodeNotFound(
            f"no event has spoken of {name.id[:200]}", hint="see what there is: GET /api/v1/namespaces"
        )
    return int(row.id if row.same_as is None else row.same_as)


def _as_node(name: Named) -> GraphNode:
    return GraphNode(id=name.id, kind=name.kind.name.lower(), namespace=name.namespace, name=name.name)


def _namespace(session: Session, name: str) -> tuple[int, int]:
    row = session.execute(sa.select(_SPACE.c.id, _SPACE.c.created_at).where(_SPACE.c.name == name)).first()
    if row is None:
        raise NodeNotFound(
            f"no event has spoken of a namespace {name[:200]!r}", hint="see: GET /api/v1/namespaces"
        )
    return row.id, row.created_at


def _listed(session: Session, namespace: str, kind: NodeKind, page: Page) -> tuple[int, list[int]]:
    space, _ = _namespace(session, namespace)
    mine = sa.and_(_NODE.c.namespace == space, _NODE.c.kind == int(kind), _NODE.c.same_as.is_(None))
    total = session.scalar(sa.select(sa.func.count()).where(mine)) or 0
    query = sa.select(_NODE.c.id).where(mine).order_by(_NODE.c.id)
    return total, list(session.scalars(query.limit(page.limit).offset(page.offset)))
