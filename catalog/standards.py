"""Standards of a utility's own: imported documents, kept beside the bundled ones and never changed.

They come in by change requests (`catalog.changes.publishing`): nobody publishes one alone.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.tables import StandardRow
from standards import digests, protection
from standards.data_elements import DataElement
from standards.differences import compare
from standards.documents import Document, Kind, StandardRef
from standards.errors import Conflict, Fault, NotFound
from standards.library import Library
from standards.tables import MODELS

_NAME = 12
"""Characters of the digest that name an import."""
_STAMP = sa.select(sa.func.count(), sa.func.max(StandardRow.number))
"""Changes with every import: rows are only added, and their numbers are not in the order of commits."""


class StandardPublished(Conflict):
    """The version exists with another content; `faults` shows what differs."""

    code = "standard-published"


class StandardIdTaken(Conflict):
    """The id belongs to a standard of another kind."""

    code = "standard-id-taken"


class ProtectionLowered(Conflict):
    """A version protects values less than one before it, and nobody said that it is meant."""

    code = "protection-lowered"


class ImportedStandard(BaseModel):
    """An imported document: which, of what kind, by whom and when."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    reference: StandardRef
    imported_by: str
    imported_at: datetime


class StandardsDraft(BaseModel):
    """Standards to be published together, whole.

    `there` are the versions of each that were there when it was asked for; `lowers` the places in which a
    data element protects less than before, which the requester said is meant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    standards: tuple[dict[str, Any], ...]
    there: dict[str, tuple[str, ...]]
    lowers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the import is called: by what is in it."""
        return f"import-{digests.of_document({'standards': list(self.standards)})[:_NAME]}"

    def documents(self) -> tuple[Document, ...]:
        """Return the standards."""
        return tuple(_document(each) for each in self.standards)


class Standards:
    """The register of imported standards; `bundled` are those that come with the program."""

    def __init__(self, database: Database, bundled: Library) -> None:
        self._database = database
        self.bundled = bundled
        self._lock = threading.Lock()
        self._stamp: tuple[int, int | None] = (0, None)
        self._seen: tuple[Document, ...] = ()

    def documents(self) -> tuple[Document, ...]:
        """Return every imported document; the same object as long as nobody imports."""
        with self._database.glance() as connection:
            stamp = _stamp(connection)
        with self._lock:
            if stamp == self._stamp:
                return self._seen
        with self._database.read() as session:
            stamp, seen = _stamp(session.connection()), imported(session)
        with self._lock:
            self._stamp, self._seen = stamp, seen
            return seen

    def imports(self) -> tuple[ImportedStandard, ...]:
        """Return what was imported, oldest first."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(StandardRow).order_by(StandardRow.number))
            return tuple(map(_imported, rows))

    def library(self) -> Library:
        """Return the bundled standards with what is imported now beside them."""
        there = self.documents()
        return self.bundled.beside(lambda: there)


def _stamp(connection: sa.Connection) -> tuple[int, int | None]:
    count, newest = connection.execute(_STAMP).one()
    return count, newest


def lowered(added: Sequence[Document], present: Library) -> list[Fault]:
    """Return where what is added protects values less than a version that is there."""
    elements = (each for each in added if isinstance(each, DataElement))
    return [fault for each in elements for fault in protection.lowered(each, versions_of(present, each.id))]


def sorted_out(documents: Sequence[Document], present: Library) -> tuple[list[Document], list[Document]]:
    """Return what is new and what is there already. Raises StandardPublished, StandardIdTaken."""
    added: list[Document] = []
    unchanged: list[Document] = []
    kinds: dict[str, Kind] = {}
    for document in documents:
        versions = versions_of(present, document.id)
        kind = versions[0].kind if versions else kinds.setdefault(document.id, document.kind)
        if kind is not document.kind:
            raise StandardIdTaken(
                f"{document.id} is a {kind}, so it can't be a {document.kind}", hint="give it another id"
            )
        same = next((each for each in versions if each.version == document.version), None)
        if same is None:
            added.append(document)
        elif same.digest() == document.digest():
            unchanged.append(document)
        else:
            raise _published(same, document)
    return added, unchanged


def _published(there: Document, given: Document) -> StandardPublished:
    changes = compare(there, given).changes
    return StandardPublished(
        f"{there.kind} {there.citation} is published, and this one differs: "
        + "; ".join(map(str, changes[:3]))
        + (f"; and {len(changes) - 3} more" if len(changes) > 3 else ""),
        hint="a published version never changes: give the new text a new version",
        faults=[Fault(change.place, str(change)) for change in changes],
    )


def versions_of(library: Library, standard_id: str) -> tuple[Document, ...]:
    """Return every version of a standard, oldest first; none of one that is not there."""
    try:
        return library.versions(standard_id)
    except NotFound:
        return ()


def _document(said: dict[str, Any]) -> Document:
    return MODELS[Kind(said["kind"])].model_validate({k: v for k, v in said.items() if k != "kind"})


def imported(session: Session) -> tuple[Document, ...]:
    """Return every imported document, in the caller's transaction."""
    rows = session.scalars(sa.select(StandardRow).order_by(StandardRow.number))
    return tuple(MODELS[Kind(row.kind)].model_validate(row.document) for row in rows)


def row_of(document: Document, by: str, now: datetime) -> StandardRow:
    """Return the row of a standard that is published now, as somebody asked."""
    return StandardRow(
        id=document.id,
        version=document.version,
        kind=document.kind.value,
        digest=document.digest(),
        document=document.document(),
        imported_by=by,
        imported_at=now,
    )


def _imported(row: StandardRow) -> ImportedStandard:
    return ImportedStandard(
        kind=Kind(row.kind),
        reference=StandardRef.model_validate({"id": row.id, "version": row.version, "digest": row.digest}),
        imported_by=row.imported_by,
        imported_at=row.imported_at,
    )
