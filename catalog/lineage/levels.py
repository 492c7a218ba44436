"""Security levels: what is declared of data, and what it carries along.

A dataset's own level is the highest of what its document says, what its fields' elements are in the versions
it cites, and what was sensed in its newest version; a field's that of its element and of what was sensed in
it.

A level propagates along edges, the highest wins (`standards.security.highest`). It stops at a product whose
release proves a lower one: its manifest has the report of the recipe's privacy step. Everything else, a job
that only claims to mask columns too, hands on what it received.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.datasets.citing import as_cited
from catalog.datasets.fitting import element_levels
from catalog.datasets.models import DatasetDraft
from catalog.lineage import graph, nodes, walking
from catalog.lineage.facts import Named, NodeKind
from catalog.lineage.graph import GraphNode, graph_node
from catalog.lineage.namespaces import DATASETS, PRODUCTS
from catalog.lineage.walking import Direction
from catalog.sensing.models import Sensed
from catalog.sensing.register import newest_sensed
from catalog.tables import DatasetRow, ReleaseRow
from standards.library import Library
from standards.security import SecurityLevel, highest

ProductLevel = Callable[[str], SecurityLevel | None]
"""The highest level among a product's output fields, as its recipe declares them; None without a recipe."""


class Own(NamedTuple):
    """A level that a node has by itself, and what gives it: its document, an element, what was sensed."""

    level: SecurityLevel
    why: str


class Level(BaseModel):
    """A node's security level: what is declared of it, what it inherits, and which of them counts.

    `declared_by` is what gives the declared level: a document, a data element, or what was sensed;
    `inherited_from` is a node that hands on the highest; `proved_by` the release that proves a lower level.
    """

    model_config = ConfigDict(frozen=True)

    node: GraphNode
    level: SecurityLevel | None
    declared: SecurityLevel | None
    declared_by: str | None
    inherited: SecurityLevel | None
    inherited_from: str | None
    proved_by: str | None


def levels_of(
    session: Session, wanted: Collection[int], at: int, product_level: ProductLevel, library: Library
) -> tuple[Level, ...]:
    """Return the level of each node, by propagation over everything upstream of them together."""
    sources = walking.closure(session, wanted, Direction.UPSTREAM, at, graph.MAX_NODES) | set(wanted)
    names = nodes.names_of(session, sources)
    own = _declared(session, _own(names, DATASETS), library)
    levels, proofs = _proved(session, _own(names, PRODUCTS), product_level)
    own |= {place: Own(level, "its recipe's output fields") for place, level in levels.items()}
    declared = {place: each.level for place, each in own.items()}
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
        _level(place, names, level.get(place), own.get(place), inherited.get(place), proofs.get(place))
        for place in sorted(wanted, key=names.__getitem__)
    )


def _level(
    place: int,
    names: dict[int, Named],
    level: SecurityLevel | None,
    own: Own | None,
    inherited: tuple[SecurityLevel, int] | None,
    proof: str | None,
) -> Level:
    return Level(
        node=graph_node(names[place]),
        level=level,
        declared=own.level if own else None,
        declared_by=own.why if own else None,
        inherited=inherited[0] if inherited else None,
        inherited_from=names[inherited[1]].id if inherited else None,
        proved_by=proof if proof and inherited and level and inherited[0] > level else None,
    )


def _own(names: dict[int, Named], namespace: str) -> dict[int, Named]:
    """Return the platform's own datasets or products among the nodes, and their fields."""
    return {
        place: name
        for place, name in names.items()
        if name.namespace == namespace and name.kind is not NodeKind.JOB
    }


def _declared(session: Session, ours: dict[int, Named], library: Library) -> dict[int, Own]:
    """Return the levels that datasets and fields have by themselves.

    A field without an element, as one of an older version, or all rows together, has its dataset's.
    """
    levels: dict[str, dict[str, Own]] = {}
    for part in nodes.chunks({named.name for named in ours.values()}):
        query = sa.select(DatasetRow.name, DatasetRow.document).where(DatasetRow.name.in_(part))
        documents = {name: DatasetDraft.model_validate(said) for name, said in session.execute(query)}
        sensed, cited = newest_sensed(session, part), as_cited(session, part, library)
        levels |= {
            name: own_levels(draft, sensed.get(name, ()), cited[name]) for name, draft in documents.items()
        }
    return {
        place: levels[named.name].get(named.field, levels[named.name][""])
        for place, named in ours.items()
        if named.name in levels
    }


def own_levels(draft: DatasetDraft, sensed: Iterable[Sensed], library: Library) -> dict[str, Own]:
    """Return the level of each field by its name, and the dataset's by the empty name."""
    elements = {field.name: field.element for field in draft.fields}
    fields = {
        name: Own(level, f"field {name}, element {elements[name]}")
        for name, level in element_levels(draft, library).items()
    }
    for each in sensed:
        known = fields.get(each.field)
        if each.field in elements and (known is None or each.kind.level > known.level):
            fields[each.field] = Own(
                each.kind.level, f"field {each.field}, in which {each.kind.title_en} are"
            )
    whole = Own(draft.security_level, "its document")
    return fields | {"": max((whole, *fields.values()), key=lambda own: own.level)}


def _proved(
    session: Session, products: dict[int, Named], product_level: ProductLevel
) -> tuple[dict[int, SecurityLevel], dict[int, str]]:
    """Return the levels of products that have releases, and which releases prove them."""
    releases = {
        row.product: row.manifest.get("predicate", {}).get("privacy") and f"{row.product} {row.version}"
        for row in session.scalars(
            sa.select(ReleaseRow)
            .where(
                ReleaseRow.product.in_({named.name for named in products.values()}),
                ReleaseRow.state != "replaced",
            )
            .order_by(ReleaseRow.version)
        )
    }
    levels, proofs = dict[int, SecurityLevel](), dict[int, str]()
    for place, (_, _, name, _) in products.items():
        if name in releases and (level := product_level(name)) is not None:
            levels[place] = level
            if releases[name]:
                proofs[place] = releases[name]
    return levels, proofs
