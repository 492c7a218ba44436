"""Standards of a utility's own: imported documents, kept beside the bundled ones and never changed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog import trail
from catalog.changes.models import OwnRequest
from catalog.database import Clock, Database
from catalog.parties import require_member
from catalog.search import index as search_index
from catalog.tables import StandardRow
from catalog.trail import Act
from standards import protection
from standards.data_elements import DataElement
from standards.differences import compare
from standards.documents import Document, Kind, StandardRef
from standards.errors import Conflict, Fault, NotFound
from standards.library import Library
from standards.tables import MODELS

_STAMP = sa.select(sa.func.count(), sa.func.max(StandardRow.number))
"""Changes with every import: rows are only added, and their numbers are not in the order of commits."""


class StandardPublished(Conflict):
    """The version exists with another content; `faults` shows what differs."""

    code = "standard-published"


class StandardIdTaken(Conflict):
    """The id belongs to a standard of another kind."""

    code = "standard-id-taken"


class ProtectionLowered(Conflict):
    """A version protects values less than one before it, and no second member agreed."""

    code = "protection-lowered"


class StandardsImport(BaseModel):
    """What an import did: which documents are new, and which were there already, word for word."""

    model_config = ConfigDict(frozen=True)

    added: tuple[StandardRef, ...]
    unchanged: tuple[StandardRef, ...]


class ImportedStandard(BaseModel):
    """An imported document: which, of what kind, by whom and when."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    reference: StandardRef
    imported_by: str
    imported_at: datetime


class Standards:
    """The register of imported standards; `bundled` are those that come with the program."""

    def __init__(self, database: Database, bundled: Library, clock: Clock) -> None:
        self._database = database
        self._bundled = bundled
        self._clock = clock
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
            stamp, seen = _stamp(session.connection()), _documents(session)
        with self._lock:
            self._stamp, self._seen = stamp, seen
            return seen

    def imports(self) -> tuple[ImportedStandard, ...]:
        """Return what was imported, oldest first."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(StandardRow).order_by(StandardRow.number))
            return tuple(map(_imported, rows))

    def add(
        self, documents: Sequence[Document], *, by: str, approved_by: str | None = None
    ) -> StandardsImport:
        """Import documents, all or none.

        Raises UnknownParty, PartnersDontGovern, PersonLeft; StandardPublished if a version is there with
        another content; StandardIdTaken; MalformedStandard if one speaks of a standard that is nowhere, the
        import included; ProtectionLowered unless `approved_by` names a second member; OwnRequest.
        """
        with self._database.write() as session:
            now = self._clock()
            require_member(session, by, now)
            if approved_by is not None:
                require_member(session, approved_by, now)
            if approved_by == by:
                raise OwnRequest(
                    f"{by} imports it, so {by} can't be the one who agrees", hint="name another member"
                )
            there = _documents(session)
            present = self._bundled.beside(lambda: there)
            added, unchanged = _sorted_out(documents, present)
            lowered = _lowered(added, present)
            if lowered and approved_by is None:
                raise ProtectionLowered(
                    f"{lowered[0].pointer}: {lowered[0].detail}; it would hold for every dataset at once",
                    hint="keep the protection, or take an id of your own; "
                    "if it is right, name a second member who agrees: --approved-by PARTY",
                    faults=lowered,
                )
            after = (*there, *added)
            self._bundled.beside(lambda: after).require_sound(added)
            session.add_all(_row(document, by, now) for document in added)
            less = {fault.pointer.partition("/")[0] for fault in lowered}
            acts = [_act(each, by, approved_by if each.citation in less else None) for each in added]
            trail.record_all(session, now, acts)
            if added:
                search_index.forget_source(session, "standards")
            return StandardsImport(
                added=tuple(document.reference() for document in added),
                unchanged=tuple(document.reference() for document in unchanged),
            )


def _stamp(connection: sa.Connection) -> tuple[int, int | None]:
    count, newest = connection.execute(_STAMP).one()
    return count, newest


def _act(document: Document, by: str, lowering_approved_by: str | None) -> Act:
    named = f"{document.id} {document.version}"
    detail: dict[str, str] = {"sha256": document.digest()}
    if lowering_approved_by is not None:
        detail["lowering_approved_by"] = lowering_approved_by
    return Act("standard-imported", "standard", named, by, detail)


def _lowered(added: Sequence[Document], present: Library) -> list[Fault]:
    """Return where what is added protects values less than a version that is there."""
    elements = (each for each in added if isinstance(each, DataElement))
    return [fault for each in elements for fault in protection.lowered(each, _versions(present, each.id))]


def _sorted_out(documents: Sequence[Document], present: Library) -> tuple[list[Document], list[Document]]:
    """Return what is new and what is there already. Raises StandardPublished, StandardIdTaken."""
    added: list[Document] = []
    unchanged: list[Document] = []
    kinds: dict[str, Kind] = {}
    for document in documents:
        versions = _versions(present, document.id)
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


def _versions(library: Library, standard_id: str) -> tuple[Document, ...]:
    try:
        return library.versions(standard_id)
    except NotFound:
        return ()


def _documents(session: Session) -> tuple[Document, ...]:
    rows = session.scalars(sa.select(StandardRow).order_by(StandardRow.number))
    return tuple(MODELS[Kind(row.kind)].model_validate(row.document) for row in rows)


def _row(document: Document, by: str, now: datetime) -> StandardRow:
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
