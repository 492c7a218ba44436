"""The graph: from a node's id to what it came from, what came of it, and by which columns, at any date."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.lineage import nodes, walking
from catalog.lineage.events import microseconds
from catalog.lineage.facts import EVERY_ROW, Named, NodeKind
from catalog.lineage.finding import NodeNotFound, find
from catalog.lineage.walking import EVER, NOW, Direction, Step
from catalog.tables import LineageNodeRow

MAX_NODES = 100_000
MAX_DEPTH = 100
_NODE = nodes.table(LineageNodeRow)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class GraphNode(_Frozen):
    """A node as it was reached: how far away, if the walk went level by level."""

    id: str
    kind: str
    namespace: str
    name: str
    field: str | None = None
    distance: int | None = None


class GraphEdge(_Frozen):
    """Data flows from source to target. `how`: the transformations of a column, as JSON."""

    source: str
    target: str
    how: str | None = None


class Walk(_Frozen):
    """What a walk found. It is cut when there is more than is answered at once."""

    start: GraphNode | None
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...] = ()
    is_cut: bool = False
    rows: tuple[int, ...] = Field((), exclude=True, repr=False)
    """The nodes' ids in the database, which mean nothing outside."""


class Graph:
    """Reads the graph as it held at a moment of event time; without one, as it holds now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def walk(
        self, node: str, direction: Direction, depth: int | None = None, *, as_of: datetime | None = None,
        ever: bool = False,
    ) -> Walk:  # fmt: skip
        """Return what is within so many edges, as `around` does, or however far, as `closure` does."""
        if depth is None:
            return self.closure(node, direction, as_of=as_of, ever=ever)
        return self.around(node, direction, depth, as_of=as_of, ever=ever)

    def closure(
        self,
        node: str,
        direction: Direction,
        *,
        as_of: datetime | None = None,
        ever: bool = False,
        missing_ok: bool = False,
    ) -> Walk:
        """Return everything upstream or downstream, however far. Raises NodeNotFound, MalformedNodeId."""
        with self._database.read() as session:
            try:
                start = find(session, node)
            except NodeNotFound:
                if missing_ok:
                    return Walk(start=None, nodes=())
                raise
            found = walking.closure(session, [start], direction, moment(as_of, ever), MAX_NODES + 1)
            names = nodes.names_of(session, found | {start})
        listed = tuple(graph_node(names[each]) for each in sorted(found, key=names.__getitem__)[:MAX_NODES])
        return Walk(start=graph_node(names[start]), nodes=listed, is_cut=len(found) > MAX_NODES)

    def around(
        self,
        node: str,
        direction: Direction,
        depth: int,
        *,
        as_of: datetime | None = None,
        ever: bool = False,
    ) -> Walk:
        """Return the nodes within so many edges, nearest first, and the edges between them.

        Of a field these are fields; what decides which rows a dataset has counts for each of its fields.
        Raises NodeNotFound, MalformedNodeId.
        """
        at = moment(as_of, ever)
        with self._database.read() as session:
            start = find(session, node)
            kind = session.scalar(sa.select(_NODE.c.kind).where(_NODE.c.id == start))
            if kind == NodeKind.FIELD:
                distances, steps = column_levels(session, {start}, direction, at, depth)
            else:
                distances = walking.levels(session, {start}, direction, at, depth, MAX_NODES)
                steps = [
                    step
                    for step in walking.steps(session, distances.keys(), Direction.DOWNSTREAM, at)
                    if step.target in distances
                ]
            names = nodes.names_of(session, distances.keys())
        return _walk(start, distances, steps, names)

    def columns(
        self, node: str, depth: int, *, downstream: bool = False, as_of: datetime | None = None
    ) -> Walk:
        """Return the columns that a field, or any field of a dataset or of a job's outputs, is made from.

        With `downstream` what is made from them too. Raises NodeNotFound, MalformedNodeId.
        """
        at = moment(as_of, ever=False)
        with self._database.read() as session:
            start = find(session, node)
            starts = self._fields(session, start, at)
            distances, steps = column_levels(session, starts, Direction.UPSTREAM, at, depth)
            if downstream:
                further, more = column_levels(session, starts, Direction.DOWNSTREAM, at, depth)
                distances |= {n: d for n, d in further.items() if n not in distances}
                steps = list(dict.fromkeys([*steps, *more]))
            names = nodes.names_of(session, distances.keys() | {start})
        return _walk(start, distances, steps, names)

    def _fields(self, session: Session, start: int, at: int) -> set[int]:
        kind = session.scalar(sa.select(_NODE.c.kind).where(_NODE.c.id == start))
        if kind == NodeKind.FIELD:
            return {start}
        datasets = {start}
        if kind == NodeKind.JOB:
            datasets = {step.target for step in walking.steps(session, {start}, Direction.DOWNSTREAM, at)}
        return fields_of(session, datasets)


def moment(as_of: datetime | None, ever: bool) -> int:
    """Return what walks compare: an instant, the present, or all time."""
    return EVER if ever else NOW if as_of is None else microseconds(as_of)


def graph_node(name: Named, distance: int | None = None) -> GraphNode:
    """Return a node as results show it."""
    return GraphNode(
        id=name.id, kind=name.kind.name.lower(), namespace=name.namespace, name=name.name,
        field=name.field or None, distance=distance,
    )  # fmt: skip


def fields_of(session: Session, datasets: Collection[int]) -> set[int]:
    """Return every field of the datasets that lineage knows."""
    found: set[int] = set()
    for part in nodes.chunks(datasets):
        query = sa.select(_NODE.c.id).where(
            nodes.among(session, _NODE.c.parent, part), _NODE.c.same_as.is_(None)
        )
        found.update(session.scalars(query))
    return found


def column_levels(
    session: Session, starts: Collection[int], direction: Direction, at: int, depth: int
) -> tuple[dict[int, int], list[Step]]:
    """Return each field reached with its distance, and the edges walked.

    Where a field decides which rows a dataset has, all the dataset's fields depend on it.
    """
    found, frontier = dict.fromkeys(starts, 0), set(starts)
    walked: dict[Step, None] = {}
    for distance in range(1, depth + 1):
        reached = set()
        for step in walking.steps(session, _spread(session, frontier, direction), direction, at):
            walked[step] = None
            reached |= {step.source, step.target}
        frontier = reached - found.keys()
        found |= dict.fromkeys(frontier, distance)
        if not frontier or len(found) >= MAX_NODES:
            break
    ends = {end for step in walked for end in (step.source, step.target)}
    found |= dict.fromkeys(ends - found.keys(), depth)
    return found, list(walked)


def _spread(session: Session, fields: set[int], direction: Direction) -> set[int]:
    """Return the fields and their datasets' rows; downstream also all fields of which the rows are there."""
    parents: dict[int, int] = {}
    rows: set[int] = set()
    for part in nodes.chunks(fields):
        query = sa.select(_NODE.c.id, _NODE.c.parent, _NODE.c.name).where(
            nodes.among(session, _NODE.c.id, part)
        )
        for place, parent, name in session.execute(query).all():
            parents[place] = parent
            if name == EVERY_ROW:
                rows.add(parent)
    spread = set(fields)
    for part in nodes.chunks(set(parents.values())):
        query = sa.select(_NODE.c.id).where(
            nodes.among(session, _NODE.c.parent, part), _NODE.c.name == EVERY_ROW
        )
        spread.update(session.scalars(query))
    if direction is not Direction.UPSTREAM:
        spread |= fields_of(session, rows)
    return spread


def _walk(start: int, distances: dict[int, int], steps: Collection[Step], names: dict[int, Named]) -> Walk:
    ordered = sorted(distances, key=lambda place: (distances[place], names[place]))
    return Walk(
        start=graph_node(names[start]),
        nodes=tuple(graph_node(names[place], distances[place]) for place in ordered[:MAX_NODES]),
        rows=tuple(ordered[:MAX_NODES]),
        edges=tuple(
            GraphEdge(source=names[s.source].id, target=names[s.target].id, how=s.how)
            for s in sorted(set(steps), key=lambda s: (s.source, s.target))
        ),
        is_cut=len(distances) > MAX_NODES,
    )
