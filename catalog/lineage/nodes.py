"""Nodes as rows: names become integer ids, and two names of one dataset become one id."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from catalog.bulk import insert_all
from catalog.lineage.facts import Named, NodeKind
from catalog.tables import LineageNamespaceRow, LineageNodeRow, Row

_AT_A_TIME = 1_000
_NONE: Mapping[Named, int] = {}
_Value = TypeVar("_Value")


def chunks(values: Collection[_Value]) -> Iterator[Sequence[_Value]]:
    """Yield the values in parts that one statement may hold."""
    listed = list(values)
    for start in range(0, len(listed), _AT_A_TIME):
        yield listed[start : start + _AT_A_TIME]


def among(session: Session, column: sa.ColumnElement[Any], ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """Return the condition that a column is one of these ids.

    On PostgreSQL they are one array: a statement of a thousand parameters takes longer to plan than to
    run. That the column is not null is said besides: a prepared statement needs it for a partial index.
    """
    if session.get_bind().dialect.name == "postgresql":
        within = column == sa.any_(sa.literal(list(ids), ARRAY(sa.BigInteger)))
        return sa.and_(within, column.is_not(None))
    return column.in_(ids)


def key(node: Named) -> bytes:
    """Return 16 bytes for a node's whole name: an index over names of 4 kB would not do on PostgreSQL."""
    parts = (str(int(node.kind)), node.namespace, node.name, node.field)
    said = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hashlib.blake2b(said, digest_size=16).digest()


def table(row: type[Row]) -> sa.Table:
    """Return the row's table: thousands of rows are written without an object for each."""
    assert isinstance(row.__table__, sa.Table)
    return row.__table__


def next_id(session: Session, column: Any) -> int:
    """Return the first free id. The caller has the turn of lineage's only writer."""
    return (session.scalar(sa.select(sa.func.max(column))) or 0) + 1


def insert(session: Session, row: type[Row], values: list[dict[str, Any]]) -> None:
    """Insert many rows in one go."""
    insert_all(session, table(row), values)


class Nodes:
    """Ids of names, looked up or given, in the caller's transaction."""

    def __init__(self, session: Session, now: int) -> None:
        self._session = session
        self._now = now
        self._ids: dict[Named, int] = {}

    def __getitem__(self, node: Named) -> int:
        return self._ids[node]

    def resolve(self, names: Iterable[Named]) -> None:
        """Find or make every node; an alias has the id of the dataset it stands for."""
        wanted = set(names) - self._ids.keys()
        fields = {node for node in wanted if node.kind is NodeKind.FIELD}
        whole = (wanted - fields) | {node.dataset for node in fields}
        self._find_or_make(whole - self._ids.keys(), {})
        parents = {node.dataset: self._ids[node.dataset] for node in fields}
        theirs = _names_of(self._session, set(parents.values()))
        own = {node: _under(node, theirs[parents[node.dataset]]) for node in fields}
        self._find_or_make(
            set(own.values()) - self._ids.keys(), {f: parents[n.dataset] for n, f in own.items()}
        )
        for node, canonical in own.items():
            self._ids[node] = self._ids[canonical]

    def resolve_aliases(self, aliases: Mapping[Named, Named]) -> list[tuple[int, int]]:
        """Make unknown aliases names of what they stand for; return those known as another node.

        What they stand for has been resolved.
        """
        unknown = {alias: self._ids[own] for alias, own in aliases.items() if alias not in self._ids}
        self._find_or_make(set(unknown), {}, unknown)
        pairs = {(self._ids[own], self._ids[alias]) for alias, own in aliases.items()}
        return sorted((own, alias) for own, alias in pairs if own != alias)

    def forget(self) -> None:
        """Forget what was found: names have come to mean other nodes."""
        self._ids.clear()

    def _find_or_make(
        self, names: set[Named], parents: Mapping[Named, int], aliases: Mapping[Named, int] = _NONE
    ) -> None:
        by_key = {key(node): node for node in names}
        own = table(LineageNodeRow).c
        for part in chunks(by_key.keys()):
            query = sa.select(own.id, own.key, own.same_as).where(own.key.in_(part))
            for found, its_key, same_as in self._session.execute(query).all():
                self._ids[by_key[its_key]] = found if same_as is None else same_as
        missing = sorted(node for node in names if node not in self._ids)
        if not missing:
            return
        namespaces = self._namespaces({node.namespace for node in missing})
        first = next_id(self._session, own.id)
        rows = []
        for place, node in enumerate(missing, first):
            self._ids[node] = aliases.get(node, place)
            rows.append(
                {
                    "id": place, "key": key(node), "kind": int(node.kind), "parent": parents.get(node),
                    "namespace": namespaces[node.namespace], "name": node.field or node.name,
                    "same_as": aliases.get(node),
                }
            )  # fmt: skip
        insert(self._session, LineageNodeRow, rows)

    def _namespaces(self, names: set[str]) -> dict[str, int]:
        own = table(LineageNamespaceRow).c
        found: dict[str, int] = {}
        for part in chunks(names):
            query = sa.select(own.name, own.id).where(own.name.in_(part))
            found.update((name, place) for name, place in self._session.execute(query))
        missing = sorted(names - found.keys())
        if missing:
            given = dict(zip(missing, range(next_id(self._session, own.id), 2**62), strict=False))
            rows = [{"id": n, "name": name, "created_at": self._now} for name, n in given.items()]
            insert(self._session, LineageNamespaceRow, rows)
            found |= given
        return found


def names_of(
    session: Session, ids: Collection[int], known: Mapping[int, Named] = MappingProxyType({})
) -> dict[int, Named]:
    """Return the names behind ids, fields with their datasets'; those known already need not be looked up."""
    wanted = set(ids)
    found = {place: known[place] for place in wanted & known.keys()}
    return found | _names_of(session, wanted - known.keys())


def _names_of(session: Session, ids: set[int]) -> dict[int, Named]:
    node, space = table(LineageNodeRow).alias(), table(LineageNamespaceRow).alias()
    parent = table(LineageNodeRow).alias()
    query = (
        sa.select(node.c.id, node.c.kind, space.c.name, node.c.name, parent.c.name)
        .join(space, space.c.id == node.c.namespace)
        .join(parent, parent.c.id == node.c.parent, isouter=True)
    )
    found: dict[int, Named] = {}
    for part in chunks(ids):
        for place, kind, namespace, name, dataset in session.execute(
            query.where(among(session, node.c.id, part))
        ).all():
            is_field = kind == NodeKind.FIELD
            whole = (dataset, name) if is_field else (name, "")
            found[place] = Named(NodeKind(kind), namespace, *whole)
    return found


def _under(field: Named, dataset: Named) -> Named:
    return Named(NodeKind.FIELD, dataset.namespace, dataset.name, field.field)
