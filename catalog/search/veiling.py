"""What strangers find: datasets, but not by the names of fields that they do not see.

An entry of the index holds the names of all fields. Before candidates are ranked and counted for a stranger,
those of sensitive fields are taken out of them, so that neither a hit nor a count tells of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.disclosure import ORDINARY, is_sensitive
from catalog.search.entries import Kind, element_names
from catalog.search.text import folded
from catalog.sensing.register import newest_sensed
from standards.data_elements import DataElement
from standards.documents import Kind as StandardKind
from standards.library import Library


class Veil:
    """Takes sensitive fields out of candidates, by the standards as they are when it is made."""

    def __init__(self, library: Library) -> None:
        every = (e for e in library.every_version(StandardKind.DATA_ELEMENT) if isinstance(e, DataElement))
        self._elements = tuple(folded(element_names(e)) for e in every if is_sensitive(e.id, library))

    def rows(self, session: Session, rows: Sequence[sa.Row[Any]]) -> Sequence[Any]:
        """Return the candidates as a stranger may find them."""
        datasets = [row.key for row in rows if row.kind == Kind.DATASET and row.fields]
        if not datasets:
            return rows
        sensed = self._sensed(session, datasets)
        return [
            SimpleNamespace(
                **(dict(row._mapping) | {"fields": self._seen(row.fields, sensed.get(row.key, ()))})
            )
            if row.kind == Kind.DATASET
            else row
            for row in rows
        ]

    def document(self, session: Session, kind: str, key: str, document: dict[str, Any]) -> dict[str, Any]:
        """Return what is shown of an entry as a stranger may see it."""
        if kind != Kind.DATASET or "fields" not in document:
            return document
        sensed = self._sensed(session, [key]).get(key, ())
        shown = [each for each in document["fields"] if self._seen(folded(each), sensed)]
        return document | {"fields": shown}

    def _seen(self, fields: str, sensed: Sequence[str]) -> str:
        beginnings = tuple(f"{name} " for name in sensed)
        return "\n".join(
            line
            for line in fields.split("\n")
            if not line.endswith(self._elements) and not line.startswith(beginnings)
        )

    def _sensed(self, session: Session, datasets: Sequence[str]) -> dict[str, tuple[str, ...]]:
        found = newest_sensed(session, datasets)
        return {
            name: tuple(folded(each.field) for each in sensed if each.kind.level > ORDINARY)
            for name, sensed in found.items()
        }
