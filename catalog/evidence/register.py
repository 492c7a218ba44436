"""The use cases: add a file to a work order, list, show, hand out, export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.database import Clock, Database
from catalog.evidence import comparing, exporting, media, photos
from catalog.evidence.hands import require_going_on, require_hand
from catalog.evidence.media import MediaKind
from catalog.evidence.models import (
    Claim,
    Evidence,
    EvidenceNotFound,
    EvidenceThere,
    EvidenceVerification,
    Limits,
    MalformedClaim,
    UnreadableEvidence,
)
from catalog.evidence.verifying import ADDED, verify
from catalog.parties import require_member
from catalog.stewardship import transitions
from catalog.stewardship.transitions import Step
from catalog.store import FolderStore, StoredObject
from catalog.tables import EvidenceRow, TransitionRow, WorkOrderRow

_AT_A_TIME = 1 << 20


class EvidenceRegister:
    """Evidence to work orders. Nothing in it is ever changed or removed."""

    def __init__(self, database: Database, store: FolderStore, clock: Clock, limits: Limits) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self.limits = limits

    def require_may_add(self, work_order: int, *, by: str) -> None:
        """Raise what `add` would of order and party alone: for who is about to send a large file."""
        with self._database.read() as session:
            order = transitions.require_order(session, work_order)
            self._require_hand(session, order, by)
            require_going_on(order)

    def add(self, work_order: int, file: Path, claim: Claim, *, by: str) -> Evidence:
        """Keep a file as evidence to a work order, and say so in the order's transitions.

        Raises WorkOrderNotFound, NoHandInOrder, EvidenceTooLarge, UnreadableEvidence, UnknownMedium,
        NotWhatItSays, MalformedFileName, MalformedClaim, EvidenceThere, StoreUnavailable.
        """
        self._require_past(claim)
        self.require_may_add(work_order, by=by)
        with self._copied(file, claim.name) as copy:
            medium = media.of_file(copy, claim.name, claim.media_type)
            photo = photos.of_photo(copy, self.limits.time_zone) if medium.kind is MediaKind.PHOTO else None
            difference = comparing.compare(claim, photo, self.limits) if photo is not None else None
            stored = self._store.put(copy)
        with self._database.write() as session:
            order = transitions.locked(session, work_order)
            self._require_hand(session, order, by)
            require_going_on(order)
            evidence = Evidence(
                work_order=order.id, number=_next_number(session, order, stored), name=claim.name,
                kind=medium.kind, media_type=medium.media_type, sha256=stored.digest,
                size_bytes=stored.size_bytes, claim=claim, photo=photo, difference=difference,
                also=_also(session, stored), added_by=by, added_at=self._clock(),
            )  # fmt: skip
            _keep(session, order, evidence)
        return evidence

    def list(self, work_order: int, *, by: str | None = None) -> tuple[Evidence, ...]:
        """Return the evidence to a work order, oldest first; `by` None is the operator.

        Raises WorkOrderNotFound, NoHandInOrder.
        """
        with self._database.read() as session:
            order = transitions.require_order(session, work_order)
            if by is not None:
                self._require_hand(session, order, by)
            return tuple(map(_evidence, _rows(session, work_order)))

    def get(self, work_order: int, number: int, *, by: str | None = None) -> Evidence:
        """Return one evidence. Raises EvidenceNotFound and as `list`."""
        listed = self.list(work_order, by=by)
        found = next((each for each in listed if each.number == number), None)
        if found is None:
            known = f"it has the numbers 1 to {len(listed)}" if listed else "it has none yet"
            raise EvidenceNotFound(f"work order {work_order} has no evidence {number}", hint=known)
        return found

    def path(self, evidence: Evidence) -> Path:
        """Return where its bytes lie, having hashed them. Raises ObjectNotFound, ObjectDamaged."""
        return self._store.intact(evidence.sha256)

    def export(self, work_order: int, folder: Path) -> tuple[str, ...]:
        """Write the evidence to a new folder, with what an auditor needs, and return the files' names.

        Raises WorkOrderNotFound, EvidenceFolderExists, EvidenceFolderNotWritable, ObjectDamaged.
        """
        listed = self.list(work_order)
        with self._database.read() as session:
            log = [_plain(row) for row in transitions.entries(session, work_order)]
        records = {"evidence": [each.document() for each in listed], "transitions": log}
        text = json.dumps(records, ensure_ascii=False, indent=2) + "\n"
        files = {each.number: self.path(each) for each in listed}
        return exporting.export(listed, files, text.encode(), folder)

    def verify(self, work_order: int) -> EvidenceVerification:
        """Hash every file again, and lay bytes, records and the order's transitions beside one another.

        Raises WorkOrderNotFound.
        """
        with self._database.read() as session:
            order = transitions.require_order(session, work_order)
            return verify(session, order, _rows(session, work_order), self._store)

    def _require_past(self, claim: Claim) -> None:
        now = self._clock()
        if claim.taken_at is not None and claim.taken_at > now:
            raise MalformedClaim(
                f"{claim.name} is said to be of {claim.taken_at.isoformat()}, and it is {now.isoformat()}",
                hint="give the time it was taken at, with its UTC offset",
            )

    def _require_hand(self, session: Session, order: WorkOrderRow, by: str) -> None:
        now = self._clock()
        require_member(session, by, now)
        require_hand(session, order, by, now.date())

    @contextmanager
    def _copied(self, file: Path, name: str) -> Iterator[Path]:
        """Yield a copy on the store's disk; a file that is too large is refused before it is read."""
        try:
            size = file.stat().st_size
            source = file.open("rb")
        except OSError as error:
            raise UnreadableEvidence(
                f"{file} can't be read: {error.strerror}", hint="check the path and its permissions"
            ) from error
        with source:
            self.limits.require(size, name)
            if not size:
                raise UnreadableEvidence(f"{name} is empty", hint="give a file with content")
            with self._store.scratch() as scratch:
                copy, copied = scratch / "evidence", 0
                with copy.open("wb") as target:
                    while part := source.read(_AT_A_TIME):
                        copied += len(part)
                        self.limits.require(copied, name)  # something may still write to it
                        target.write(part)
                yield copy


def _rows(session: Session, work_order: int) -> tuple[EvidenceRow, ...]:
    query = sa.select(EvidenceRow).where(EvidenceRow.work_order == work_order)
    return tuple(session.scalars(query.order_by(EvidenceRow.number)))


def _next_number(session: Session, order: WorkOrderRow, stored: StoredObject) -> int:
    rows = _rows(session, order.id)
    if same := [row.number for row in rows if row.digest == stored.digest]:
        raise EvidenceThere(
            f"this file is evidence {order.id}/{same[0]} already",
            hint=f"see: shuize evidence list {order.id}",
        )
    return len(rows) + 1


def _also(session: Session, stored: StoredObject) -> tuple[str, ...]:
    query = sa.select(EvidenceRow).where(EvidenceRow.digest == stored.digest)
    rows = session.scalars(query.order_by(EvidenceRow.work_order, EvidenceRow.number))
    return tuple(f"{row.work_order}/{row.number}" for row in rows)


def _keep(session: Session, order: WorkOrderRow, evidence: Evidence) -> None:
    session.add(
        EvidenceRow(
            work_order=evidence.work_order, number=evidence.number, digest=evidence.sha256,
            document=evidence.document(), added_by=evidence.added_by, added_at=evidence.added_at,
        )
    )  # fmt: skip
    session.flush()
    detail = {
        "evidence": evidence.number,
        "sha256": evidence.sha256,
        "record": evidence.record_digest(),
        "kind": evidence.kind.value,
    }
    transitions.write(session, order, Step(ADDED, evidence.added_at, evidence.added_by, detail))


def _plain(row: TransitionRow) -> dict[str, object]:
    """Return an entry of an order's log as its digest is made: instants as ISO 8601 in UTC."""
    said = {column.key: getattr(row, column.key) for column in sa.inspect(TransitionRow).columns}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}


def _evidence(row: EvidenceRow) -> Evidence:
    return Evidence.model_validate(row.document)
