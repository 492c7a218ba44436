"""Security levels: what is declared of data, and what it carries along.

A level propagates along edges, the highest wins (`standards.security.highest`). It stops at a product whose
release proves a lower one: its manifest has the report of the recipe's privacy step. Everything else, a job
that only claims to mask columns too, hands on what it received.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.lineage import graph, nodes, walking
from catalog.lineage.facts import Named, NodeKind
from catalog.lineage.graph import GraphNode, graph_node
from catalog.lineage.namespaces import DATASETS, PRODUCTS
from catalog.lineage.walking import Direction
from catalog.tables import DatasetRow, ReleaseRow
from standards.security import SecurityLevel, highest

ProductLevel = Callable[[str], SecurityLevel | None]
"""The highest level among a product's output fields, as its recipe declares them; None without a recipe."""


class Level(BaseModel):
    """A node's security level: what is declared of it, what it inherits, and which of them counts.

    `inherited_from` is a node that hands on the highest; `proved_by` the release that proves a lower level.
    """

    model_config = ConfigDict(frozen=True)

    node: GraphNode
    level: SecurityLevel | None
    declared: SecurityLevel | None
    inherited: SecurityLevel | None
    inherited_from: str | None
    proved_by: str | None


def levels_of(
    session: Session, wanted: Collection[int], at: int, product_level: ProductLevel
) -> tuple[Level, ...]:
    """Return the level of each node, by propagation over everything upstream of them together."""
    sources = walking.closure(session, wanted, Direction.UPSTREAM, at, graph.MAX_NODES) | set(wanted)
    names = nodes.names_of(session, sources)
    declared = _declared(session, _own(names, DATASETS))
    levels, proofs = _proved(session, _own(names, PRODUCTS), product_level)
    declared |= levels
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


def _own(names: dict[int, Named], namespace: str) -> dict[int, str]:
    """Return the platform's own datasets or products among the nodes, by name."""
    return {
        place: name.name
        for place, name in names.items()
        if name.namespace == namespace and name.kind is NodeKind.DATASET
    }


def _declared(session: Session, datasets: dict[int, str]) -> dict[int, SecurityLevel]:
    """Return the levels that documents declare of datasets."""
    levels: dict[str, SecurityLevel] = {}
    for part in nodes.chunks(set(datasets.values())):
        query = sa.select(DatasetRow.name, DatasetRow.document).where(DatasetRow.name.in_(part))
        levels |= {name: SecurityLevel(said["security_level"]) for name, said in session.execute(query)}
    return {place: levels[name] for place, name in datasets.items() if name in levels}


def _proved(
    session: Session, products: dict[int, str], product_level: ProductLevel
) -> tuple[dict[int, SecurityLevel], dict[int, str]]:
    """Return the levels of products that have releases, and which releases prove them."""
    releases = {
        row.product: row.manifest.get("predicate", {}).get("privacy") and f"{row.product} {row.version}"
        for row in session.scalars(
            sa.select(ReleaseRow)
            .where(ReleaseRow.product.in_(products.values()), ReleaseRow.state != "replaced")
            .order_by(ReleaseRow.version)
        )
    }
    levels, proofs = dict[int, SecurityLevel](), dict[int, str]()
    for place, name in products.items():
        if name in releases and (level := product_level(name)) is not None:
            levels[place] = level
            if releases[name]:
                proofs[place] = releases[name]
    return levels, proofs
