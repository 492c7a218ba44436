"""Impact: who is affected if a dataset or a field changes, down to grants and parties."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.lineage import graph, nodes, walking
from catalog.lineage.facts import NodeKind
from catalog.lineage.finding import find
from catalog.lineage.graph import GraphNode, graph_node
from catalog.lineage.levels import Level, ProductLevel, levels_of
from catalog.lineage.namespaces import PRODUCTS
from catalog.lineage.walking import Direction
from catalog.tables import GrantRow, LineageEdgeRow, LineageNodeRow, ReleaseRow
from standards.library import Library

_NODE = nodes.table(LineageNodeRow)
_EDGE = nodes.table(LineageEdgeRow)
_FAR = graph.MAX_DEPTH
_LIVING = ("active", "intended")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class AffectedRelease(_Frozen):
    """A release of an affected product."""

    product: str
    version: int
    state: str
    manifest_digest: str


class AffectedGrant(_Frozen):
    """A grant, living or about to be, to an affected product."""

    id: str
    product: str
    party: str
    state: str
    not_after: datetime


class Affected(_Frozen):
    """Who is affected. `whole` are datasets of which nothing says which of their columns are."""

    start: GraphNode
    fields: tuple[GraphNode, ...]
    datasets: tuple[GraphNode, ...]
    whole: tuple[GraphNode, ...]
    jobs: tuple[GraphNode, ...]
    products: tuple[str, ...]
    releases: tuple[AffectedRelease, ...]
    grants: tuple[AffectedGrant, ...]
    parties: tuple[str, ...]
    levels: tuple[Level, ...]


class Impact:
    """Answers from lineage, releases and grants together."""

    def __init__(self, database: Database, product_level: ProductLevel, library: Library) -> None:
        self._database = database
        self._product_level = product_level
        self._library = library

    def of(self, node: str, *, as_of: datetime | None = None) -> Affected:
        """Return what a change of the node affects. Raises NodeNotFound, MalformedNodeId."""
        at = graph.moment(as_of, ever=False)
        library = self._library.now()
        with self._database.read() as session:
            start = find(session, node)
            spread = _spread(session, start, at)
            reached = spread.fields | spread.datasets | spread.whole | spread.jobs
            names = nodes.names_of(session, reached | {start})
            products = sorted(
                names[place].name
                for place in (spread.datasets | spread.whole)
                if names[place].namespace == PRODUCTS
            )
            releases = _releases(session, products)
            grants = _grants(session, sorted({release.product for release in releases}))
            affected = spread.datasets | spread.whole
            levels = levels_of(session, affected, at, self._product_level, library)

        def listed(places: Iterable[int]) -> tuple[GraphNode, ...]:
            return tuple(graph_node(name) for name in sorted(names[place] for place in places))

        return Affected(
            start=graph_node(names[start]),
            fields=listed(spread.fields - {start}),
            datasets=listed(spread.datasets),
            whole=listed(spread.whole),
            jobs=listed(spread.jobs - {start}),
            products=tuple(sorted({release.product for release in releases})),
            releases=releases,
            grants=grants,
            parties=tuple(sorted({grant.party for grant in grants})),
            levels=levels,
        )

    def level(self, node: str, *, as_of: datetime | None = None) -> Level:
        """Return the security level of a dataset or field and where it comes from.

        Raises NodeNotFound, MalformedNodeId.
        """
        at, library = graph.moment(as_of, ever=False), self._library.now()
        with self._database.read() as session:
            return levels_of(session, {find(session, node)}, at, self._product_level, library)[0]


class _Spread:
    """What a change has reached so far."""

    def __init__(self) -> None:
        self.fields: set[int] = set()
        self.datasets: set[int] = set()
        self.whole: set[int] = set()
        self.jobs: set[int] = set()


def _spread(session: Session, start: int, at: int) -> _Spread:
    kind = session.scalar(sa.select(_NODE.c.kind).where(_NODE.c.id == start))
    spread = _Spread()
    if kind != NodeKind.FIELD:
        reached = walking.closure(session, [start], Direction.DOWNSTREAM, at, graph.MAX_NODES)
        _sort(session, reached - {start}, spread)
        datasets = spread.datasets | ({start} if kind == NodeKind.DATASET else set())
        starts = graph.fields_of(session, datasets)
        reached_fields, _ = graph.column_levels(session, starts, Direction.DOWNSTREAM, at, _FAR)
        spread.fields = set(reached_fields) - graph.fields_of(session, {start})
        return spread
    frontier = {start}
    while frontier:
        reached_fields, _ = graph.column_levels(session, frontier, Direction.DOWNSTREAM, at, _FAR)
        new = set(reached_fields) - spread.fields
        spread.fields |= new
        touched = _parents(session, new)
        frontier = _unexplained(session, touched, spread, at)
        spread.datasets |= touched
    spread.datasets -= spread.whole | _parents(session, {start})
    return spread


def _unexplained(session: Session, datasets: set[int], spread: _Spread, at: int) -> set[int]:
    """Return the fields of what jobs make from the datasets without saying from which columns.

    Those datasets are affected as wholes; so is what is made of them in turn.
    """
    waiting, fields = datasets - spread.datasets, set[int]()
    seen = set(waiting)
    while waiting:
        jobs = {step.target for step in walking.steps(session, waiting, Direction.DOWNSTREAM, at)}
        spread.jobs |= jobs
        made = [(step.source, step.target) for step in walking.steps(session, jobs, Direction.DOWNSTREAM, at)]
        explained = _explained(session, jobs, at)
        fresh = {target for job, target in made if (job, target) not in explained} - seen - spread.whole
        spread.whole |= fresh
        fields |= graph.fields_of(session, fresh)
        seen |= fresh
        waiting = fresh
    return fields - spread.fields


def _explained(session: Session, jobs: Collection[int], at: int) -> set[tuple[int, int]]:
    """Return the job and dataset pairs for which the job has said columns."""
    found: set[tuple[int, int]] = set()
    for part in nodes.chunks(jobs):
        query = (
            sa.select(_EDGE.c.owner, _NODE.c.parent)
            .join(_NODE, _NODE.c.id == _EDGE.c.target)
            .where(
                nodes.among(session, _EDGE.c.owner, part), _NODE.c.parent.is_not(None), walking.holding(at)
            )
        )
        found.update((owner, parent) for owner, parent in session.execute(query.distinct()).all())
    return found


def _parents(session: Session, fields: Collection[int]) -> set[int]:
    found: set[int] = set()
    for part in nodes.chunks(fields):
        found.update(
            session.scalars(
                sa.select(_NODE.c.parent).where(nodes.among(session, _NODE.c.id, part)).distinct()
            )
        )
    return found


def _sort(session: Session, places: Collection[int], spread: _Spread) -> None:
    for part in nodes.chunks(places):
        for place, kind in session.execute(
            sa.select(_NODE.c.id, _NODE.c.kind).where(nodes.among(session, _NODE.c.id, part))
        ).all():
            (spread.jobs if kind == NodeKind.JOB else spread.datasets).add(place)


def _releases(session: Session, products: Collection[str]) -> tuple[AffectedRelease, ...]:
    query = sa.select(ReleaseRow).where(ReleaseRow.product.in_(products), ReleaseRow.state != "replaced")
    return tuple(
        AffectedRelease(
            product=row.product, version=row.version, state=row.state, manifest_digest=row.manifest_digest
        )
        for row in session.scalars(query.order_by(ReleaseRow.product, ReleaseRow.version))
    )


def _grants(session: Session, products: Collection[str]) -> tuple[AffectedGrant, ...]:
    query = sa.select(GrantRow).where(GrantRow.product.in_(products), GrantRow.state.in_(_LIVING))
    return tuple(
        AffectedGrant(
            id=row.id, product=row.product, party=row.party, state=row.state,
            not_after=datetime.fromisoformat(row.terms["not_after"]),
        )
        for row in session.scalars(query.order_by(GrantRow.product, GrantRow.party, GrantRow.id))
    )  # fmt: skip
