"""The use cases of the asset register: enter, add, reverse, look up."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import trail
from catalog.assets.entries import Amortisation, Content, Cost, DocumentRef, EntryKind, Impairment, Reversal
from catalog.assets.ledger import Booked, Ledger, Plan, fen
from catalog.assets.models import (
    Asset,
    AssetAccount,
    AssetDraft,
    AssetEntry,
    MalformedAsset,
    Recognition,
    parse_entry,
)
from catalog.changes import GovernedKind
from catalog.database import Clock, Database, take_turns
from catalog.parties import require_member
from catalog.roles import NoSuchSubject
from catalog.store import FolderStore
from catalog.tables import AssetEntryRow, AssetRow, DatasetRow, ProductRow, ReleaseRow
from catalog.trail import Act
from standards import digests
from standards.errors import Conflict, NotFound
from standards.names import require_name


class AssetNotFound(NotFound):
    """No asset has this id."""

    code = "asset-not-found"


class EntryNotFound(NotFound):
    """The asset has no entry of this number."""

    code = "entry-not-found"


class AssetExists(Conflict):
    """The id is taken."""

    code = "asset-exists"


class AlreadyReversed(Conflict):
    """The entry was taken back before, or is itself a reversal."""

    code = "already-reversed"


class NotAmortised(Conflict):
    """Inventory is carried at cost until it is sold; only intangible assets are amortised."""

    code = "not-amortised"


class BooksDontAddUp(Conflict):
    """With this entry the asset would be carried below zero."""

    code = "books-dont-add-up"


class Assets:
    """The register of data assets. Nothing in it is ever changed."""

    def __init__(self, database: Database, store: FolderStore, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._clock = clock

    def keep_document(self, path: Path) -> DocumentRef:
        """Put a file into the object store and return its reference. Raises MalformedAsset."""
        with self._store.scratch() as scratch:
            try:
                shutil.copyfile(path, scratch / "document")
            except OSError as error:
                raise MalformedAsset(
                    f"{path} can't be read: {error.strerror}", hint="check the path"
                ) from error
            return DocumentRef(name=path.name, digest=self._store.put(scratch / "document").digest)

    def enter(self, draft: AssetDraft, *, by: str) -> Asset:
        """Enter an asset. Raises AssetExists, NoSuchSubject, MalformedName, ObjectNotFound."""
        require_name(draft.id, what="asset id")
        self._require_documents(draft.documents)
        now, document = self._clock(), draft.model_dump(mode="json")
        with self._database.write() as session:
            take_turns(session, f"asset {draft.id}")
            require_member(session, by, now)
            _require_subject(session, draft)
            if session.get(AssetRow, draft.id):
                raise AssetExists(f"an asset {draft.id} is there already", hint="see: shuize asset list")
            row = AssetRow(
                id=draft.id,
                subject_kind=draft.subject_kind.value,
                subject=draft.subject,
                document=document,
                digest=digests.of_document(document),
                entered_by=by,
                entered_at=now,
            )
            session.add(row)
            session.flush()
            trail.record(session, now, Act("asset-entered", "asset", row.id, by, {"document": row.digest}))
            return _asset(row)

    def add(self, asset: str, content: Content, *, by: str) -> AssetEntry:
        """Add an entry. Raises AssetNotFound, EntryNotFound, AlreadyReversed, NotAmortised, BooksDontAddUp.

        Also MalformedAsset for a day in the future, ObjectNotFound for a document that is not in the store.
        """
        self._require_documents(content.documents)
        now = self._clock()
        booked_on = content.booked_on or now.date()
        if booked_on > now.date():
            raise MalformedAsset(f"{booked_on} is in the future", hint="book it when its day has come")
        with self._database.write() as session:
            take_turns(session, f"asset {asset}")
            require_member(session, by, now)
            found = _require(session, asset)
            entries = _entries(session, asset)
            if isinstance(content, Reversal):
                _require_reversible(asset, content.reverses, entries)
            if isinstance(content, Amortisation) and found.document.recognised_as is Recognition.INVENTORY:
                raise NotAmortised(f"{asset} is inventory", hint="book an impairment if it has lost value")
            document = content.model_dump(mode="json")
            row = AssetEntryRow(
                asset=asset,
                number=len(entries) + 1,
                kind=content.kind.value,
                booked_on=booked_on,
                document=document,
                digest=digests.of_document({"asset": asset, "number": len(entries) + 1, "entry": document}),
                reverses=content.reverses if isinstance(content, Reversal) else None,
                entered_by=by,
                entered_at=now,
            )
            session.add(row)
            session.flush()
            entries = _entries(session, asset)
            if not ledger(entries).adds_up():
                raise BooksDontAddUp(
                    f"{asset} would be carried below zero", hint="see its table: shuize asset show " + asset
                )
            detail: dict[str, str | int] = {"entry": row.number, "document": row.digest}
            trail.record(session, now, Act(f"asset-{row.kind}-entered", "asset", asset, by, detail))
            return entries[-1]

    def reverse(self, asset: str, number: int, *, reason: str, by: str) -> AssetEntry:
        """Take an entry back, as if it had not been made. Raises as `add`."""
        said = {"kind": "reversal", "reverses": number, "reason": reason.strip()}
        return self.add(asset, parse_entry(said, where="the reversal"), by=by)

    def get(self, asset: str, on: date | None = None) -> AssetAccount:
        """Return an asset with its entries and its books, today's or a day's. Raises AssetNotFound."""
        with self._database.read() as session:
            return _account(session, _require(session, asset), on or self._clock().date())

    def list(
        self, on: date | None = None, *, after: str = "", limit: int | None = None
    ) -> tuple[AssetAccount, ...]:
        """Return the assets with their entries and books, by id: those after one, so many at most."""
        on = on or self._clock().date()
        with self._database.read() as session:
            query = sa.select(AssetRow).where(AssetRow.id > after).order_by(AssetRow.id)
            rows = session.scalars(query.limit(limit)).all()
            return tuple(_account(session, _asset(row), on) for row in rows)

    def _require_documents(self, documents: Iterable[DocumentRef]) -> None:
        for document in documents:
            self._store.path(document.digest)


def ledger(entries: Sequence[AssetEntry]) -> Ledger:
    """Return the books that the entries make, those that stand."""
    standing = [(entry.booked_on, entry.content) for entry in entries if entry.stands]
    costs = [(on, c) for on, c in standing if isinstance(c, Cost)]
    return Ledger(
        costs=tuple(Booked(on, fen(c.amount)) for on, c in costs if c.treatment == "capitalised"),
        expenses=tuple(Booked(on, fen(c.amount)) for on, c in costs if c.treatment == "expensed"),
        impairments=tuple(Booked(on, fen(c.amount)) for on, c in standing if isinstance(c, Impairment)),
        plans=tuple(
            Plan(c.starts_on, c.months, fen(c.residual)) for _, c in standing if isinstance(c, Amortisation)
        ),
    )


def _require_subject(session: Session, draft: AssetDraft) -> None:
    if draft.subject_kind is GovernedKind.DATASET:
        there = session.get(DatasetRow, draft.subject) is not None
    else:
        released = sa.select(ReleaseRow.id).where(ReleaseRow.product == draft.subject).limit(1)
        there = session.get(ProductRow, draft.subject) is not None or bool(session.scalar(released))
    if not there:
        raise NoSuchSubject(
            f"no {draft.subject_kind} is called {draft.subject!r}",
            hint=f"see: shuize {draft.subject_kind} list",
        )


def _require_reversible(asset: str, number: int, entries: Sequence[AssetEntry]) -> None:
    if not 1 <= number <= len(entries):
        raise EntryNotFound(f"{asset} has no entry {number}", hint=f"see: shuize asset show {asset}")
    entry = entries[number - 1]
    if entry.content.kind is EntryKind.REVERSAL:
        raise AlreadyReversed(f"entry {number} is a reversal", hint="enter what was taken back anew")
    if entry.reversed_by is not None:
        raise AlreadyReversed(
            f"entry {number} was taken back by entry {entry.reversed_by}",
            hint=f"see what stands now: shuize asset show {entry.asset}",
        )


def _require(session: Session, asset: str) -> Asset:
    row = session.get(AssetRow, asset)
    if row is None:
        raise AssetNotFound(f"no asset has the id {asset!r}", hint="see: shuize asset list")
    return _asset(row)


def _account(session: Session, asset: Asset, on: date) -> AssetAccount:
    entries = _entries(session, asset.id)
    books = ledger(entries)
    return AssetAccount(asset=asset, entries=entries, book=books.book(on), schedule=books.schedule())


def _entries(session: Session, asset: str) -> tuple[AssetEntry, ...]:
    query = sa.select(AssetEntryRow).where(AssetEntryRow.asset == asset).order_by(AssetEntryRow.number)
    rows = session.scalars(query).all()
    reversed_by = {row.reverses: row.number for row in rows if row.reverses is not None}
    return tuple(_entry(row, reversed_by.get(row.number)) for row in rows)


def _entry(row: AssetEntryRow, reversed_by: int | None) -> AssetEntry:
    said: dict[str, Any] = {name: getattr(row, name) for name in ("asset", "number", "booked_on", "digest")}
    said |= {"entered_by": row.entered_by, "entered_at": row.entered_at, "reversed_by": reversed_by}
    return AssetEntry.model_validate(said | {"content": row.document})


def _asset(row: AssetRow) -> Asset:
    return Asset(
        document=AssetDraft.model_validate(row.document),
        digest=digests.parse(row.digest),
        entered_by=row.entered_by,
        entered_at=row.entered_at,
    )
