"""Finding: from what somebody calls a node to the node."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.lineage import nodes
from catalog.lineage.facts import Named, NodeKind
from catalog.lineage.namespaces import DATASETS, PRODUCTS
from catalog.tables import LineageNodeRow
from standards.errors import InvalidInput, NotFound

_NODE = nodes.table(LineageNodeRow)
_WORDS = {"dataset": NodeKind.DATASET, "job": NodeKind.JOB, "datasetField": NodeKind.FIELD}
_MOST_SPLITS = 2_000


class NodeNotFound(NotFound):
    """No event has spoken of this dataset, job or field."""

    code = "lineage-node-not-found"


class MalformedNodeId(InvalidInput):
    """What was given is no id of a node."""

    code = "malformed-node-id"


class AmbiguousNode(InvalidInput):
    """A dataset and a product have this name."""

    code = "ambiguous-node"


def find(session: Session, said: str) -> int:
    """Return the node behind an id such as `dataset:NAMESPACE:NAME`, or behind a name of this platform's own.

    Namespaces and names hold colons themselves: of all ways to read the id the one that is known counts.
    Without any colon it is a dataset or a product of the platform. Raises NodeNotFound, MalformedNodeId,
    AmbiguousNode.
    """
    if ":" not in said and said:
        return _own(session, said)
    word, _, rest = said.partition(":")
    if word not in _WORDS or ":" not in rest:
        raise MalformedNodeId(
            f"{said[:200]!r} is no id of a node",
            hint="give dataset:NAMESPACE:NAME, job:NAMESPACE:NAME or datasetField:NAMESPACE:NAME:FIELD; "
            "or the name of a dataset or product of this platform",
        )
    spellings = [rest] if "#" not in rest else [rest, rest.rpartition("#")[0]]
    for spelling in spellings:
        names = list(itertools.islice(_readings(_WORDS[word], spelling), _MOST_SPLITS))
        keys = {nodes.key(name) for name in names}
        for part in nodes.chunks(keys):
            query = sa.select(_NODE.c.id, _NODE.c.same_as).where(_NODE.c.key.in_(part)).order_by(_NODE.c.id)
            if found := session.execute(query).first():
                return found.id if found.same_as is None else int(found.same_as)
    if _WORDS[word] is NodeKind.FIELD and (place := _of_alias(session, rest)) is not None:
        return place
    raise NodeNotFound(
        f"no event has spoken of {said[:200]}", hint="see what there is: GET /api/v1/namespaces"
    )


def _own(session: Session, name: str) -> int:
    """Return the platform's dataset or product of this name."""
    readings = [Named(NodeKind.DATASET, space, name) for space in (DATASETS, PRODUCTS)]
    try:
        keys = {nodes.key(each): each for each in readings}
    except UnicodeEncodeError:
        keys = {}
    query = sa.select(_NODE.c.id, _NODE.c.same_as, _NODE.c.key).where(_NODE.c.key.in_(keys))
    found = session.execute(query).all()
    if len(found) > 1:
        ids = " or ".join(each.id for each in readings)
        raise AmbiguousNode(f"a dataset and a product are called {name}", hint=f"say which: {ids}")
    if not found:
        raise NodeNotFound(
            f"lineage knows no dataset or product {name[:200]!r}",
            hint="it is known from its first load or build on (shuize dataset list, shuize product list); "
            "of others give the whole id, such as dataset:NAMESPACE:NAME",
        )
    return int(found[0].id if found[0].same_as is None else found[0].same_as)


def _of_alias(session: Session, rest: str) -> int | None:
    """Return the field that is meant by the name of a dataset that is another's alias."""
    for whole in itertools.islice(_readings(NodeKind.FIELD, rest), _MOST_SPLITS):
        try:
            dataset = find(session, whole.dataset.id)
        except NodeNotFound:
            continue
        query = sa.select(_NODE.c.id).where(_NODE.c.parent == dataset, _NODE.c.name == whole.field)
        place = session.scalar(query.where(_NODE.c.same_as.is_(None)))
        if place is not None:
            return int(place)
    return None


def _readings(kind: NodeKind, rest: str) -> Iterator[Named]:
    try:
        rest.encode()
    except UnicodeEncodeError:
        return
    parts = rest.split(":")
    ends = range(len(parts) - 1, 1, -1) if kind is NodeKind.FIELD else [len(parts)]
    for end in ends:
        for cut in range(end - 1, 0, -1):
            namespace, name = ":".join(parts[:cut]), ":".join(parts[cut:end])
            if namespace and name:
                yield Named(kind, namespace, name, ":".join(parts[end:]))
