"""Impact: who is affected if a dataset or a field changes, and which security level data carries along.

A level propagates along edges, the highest wins (`standards.security.highest`). It stops at a product whose
release proves a lower one: its manifest has the report of the recipe's privacy step. Everything else, a job
that only claims to mask columns too, hands on what it received.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.lineage import graph, nodes, walking
from catalog.lineage.facts import Named, NodeKind
from catalog.lineage.graph import GraphNode, graph_node
from catalog.lineage.walking import Direction
from catalog.tables import DatasetRow, GrantRow, LineageEdgeRow, LineageNodeRow, ReleaseRow
from standards.security import SecurityLevel, highest

NAMESPACE = "shuize"
"""Where the platform's own datasets, products and jobs are."""

_NODE = nodes.table(LineageNodeRow)
_EDGE = nodes.table(LineageEdgeRow)
_FAR = graph.MAX_DEPTH
_LIVING = ("active", "intended")

ProductLevel = Callable[[str], SecurityLevel | None]
"""The highest level among a product's output fields, as its recipe declares them; None without a recipe."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Level(_Frozen):
    """A node's security level: what is declared of it, what it inherits, and which of them counts.

    `inherited_from` is a node that hands on the highest; `proved_by` the release that proves a lower level.
    """

    node: GraphNode
    level: SecurityLevel | None
    declared: SecurityLevel | None
    inherited: SecurityLevel | None
    inherited_from: str | None
    proved_by: str | None


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

    def __init__(self, database: Database, product_level: ProductLevel) -> None:
        self._database = database
        self._product_level = product_level

    def of(self, node: str, *, as_of: datetime | None = None) -> Affected:
        """Return what a change of the node affects. Raises NodeNotFound, MalformedNodeId."""
        at = graph.moment(as_of, ever=False)
        with self._database.read() as session:
            start = graph.find(session, node)
            spread = _spread(session, start, at)
            reached = spread.fields | spread.datasets | spread.whole | spread.jobs
            names = nodes.names_of(session, reached | {start})
            products = sorted(
                names[place].name
                for place in (spread.datasets | spread.whole)
                if names[place].namespace == NAMESPACE
            )
            releases = _releases(session, products)
            grants = _grants(session, sorted({release.product for release in releases}))
            levels = _levels(session, spread.datasets | spread.whole, at, self._product_level)

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
        """Return a dataset's security level and where it comes from. Raises NodeNotFound, MalformedNodeId."""
        with self._database.read() as session:
            place = graph.find(session, node)
            return _levels(session, {place}, graph.moment(as_of, ever=False), self._product_level)[0]


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


def _levels(
    session: Session, wanted: Collection[int], at: int, product_level: ProductLevel
) -> tuple[Level, ...]:
    """Return the level of each node, by propagation over everything upstream of them together."""
    sources = walking.closure(session, wanted, Direction.UPSTREAM, at, graph.MAX_NODES) | set(wanted)
    names = nodes.names_of(session, sources)
    own = {place: name.name for place, name in names.items() if name.namespace == NAMESPACE}
    own = {place: name for place, name in own.items() if names[place].kind is NodeKind.DATASET}
    declared, proofs = _declared(session, own, product_level)
    following: dict[int, list[int]] = defaultdict(list)
    for step in walking.steps(session, sources, Direction.UPSTREAM, at):
        following[step.source].append(step.target)
    inherited: dict[int, tuple[SecurityLevel, int]] = {}
    level = dict(declared)
    waiting = sorted(declared, key=lambda place: declared[place].rank)
    while waiting:
        place = waiting.pop()
        origin = inherited[place][1] if level[place] != declared.get(place) else place
        for target in following[place]:
            known = inherited.get(target)
            if known is None or level[place] > known[0]:
                inherited[target] = (level[place], origin)
            if target in proofs:
                continue
            if target not in level or level[place] > level[target]:
                level[target] = highest(filter(None, (level.get(target), level[place])))
                waiting.append(target)
    return tuple(
        _level(place, names, level.get(place), declared.get(place), inherited.get(place), proofs.get(place))
        for place in sorted(wanted, key=names.__getitem__)
    )


def _level(
    place: int,
    names: dict[int, Named],
    level: SecurityLevel | None,
    declared: SecurityLevel | None,
    inherited: tuple[SecurityLevel, int] | None,
    proof: str | None,
) -> Level:
    return Level(
        node=graph_node(names[place]),
        level=level,
        declared=declared,
        inherited=inherited[0] if inherited else None,
        inherited_from=names[inherited[1]].id if inherited else None,
        proved_by=proof if proof and inherited and level and inherited[0] > level else None,
    )


def _declared(
    session: Session, own: dict[int, str], product_level: ProductLevel
) -> tuple[dict[int, SecurityLevel], dict[int, str]]:
    """Return what is declared of the platform's own datasets and products, and which releases prove it."""
    documents = sa.select(DatasetRow.name, DatasetRow.document).where(DatasetRow.name.in_(own.values()))
    levels = {name: SecurityLevel(doc["security_level"]) for name, doc in session.execute(documents)}
    releases = {
        row.product: row.manifest.get("predicate", {}).get("privacy") and f"{row.product} {row.version}"
        for row in session.scalars(
            sa.select(ReleaseRow)
            .where(ReleaseRow.product.in_(own.values()), ReleaseRow.state != "replaced")
            .order_by(ReleaseRow.version)
        )
    }
    declared, proofs = dict[int, SecurityLevel](), dict[int, str]()
    for place, name in own.items():
        if name in levels:
            declared[place] = levels[name]
        elif name in releases and (level := product_level(name)) is not None:
            declared[place] = level
            if releases[name]:
                proofs[place] = releases[name]
    return declared, proofs
