"""The audit trail: every act of governance, in one chain of hashes that nobody can quietly rewrite.

An entry is written in the transaction of the act it speaks of, so neither is ever there alone. It holds
who (a party's id), when, what, on what, and a small `detail` of ids, numbers and digests: no names and no
free text, which stay in rows of their own and appear here as their digest.

    digest(n) = SHA-256 of the RFC 8785 form of {sequence, at, by, act, subject, detail digest, digest(n-1)}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from catalog.bulk import insert_all
from catalog.database import Clock, Database, take_turns
from catalog.tables import TrailRow
from catalog.trail_rows import Comparison, TrailRows
from standards import digests
from standards.digests import Digest
from standards.errors import InvalidInput

Detail = Mapping[str, str | int | bool | None]

START = Digest("0" * 64)
"""What the first entry has for a previous digest."""
_AT_A_TIME = 2000
_LAST, _LOCKED = "trail.last", "trail.locked"
_ROWS = sa.inspect(TrailRow).local_table
_NEWEST = sa.select(_ROWS.c.sequence, _ROWS.c.digest).order_by(_ROWS.c.sequence.desc()).limit(1)


class MalformedHead(InvalidInput):
    """A text that was to be a head of the trail is none."""

    code = "malformed-head"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True)
class Act:
    """What was done: `act` in the past tense (`dataset-registered`), on what, by whom, with what."""

    act: str
    subject_kind: str
    subject: str
    by: str | None = None
    detail: Detail = field(default_factory=dict)


class TrailEntry(_Frozen):
    """One act. `by` is a party's id, or `system` for what the platform does by itself."""

    sequence: int
    at: datetime
    by: str | None
    act: str
    subject_kind: str
    subject: str
    detail: dict[str, str | int | bool | None]
    detail_digest: Digest
    previous: Digest
    digest: Digest

    def recomputed(self) -> Digest:
        """Return the digest that the entry's other values give."""
        return _digest(self.model_dump(exclude={"detail", "digest"}))


class TrailHead(_Frozen):
    """The newest entry's number and digest: it stands for the whole trail. 0 for an empty one."""

    sequence: int
    digest: Digest

    def __str__(self) -> str:
        return f"{self.sequence}:{self.digest}"


class TrailBreak(_Frozen):
    """The first place where the trail is not what was written."""

    sequence: int
    what: str


class TrailVerification(_Frozen):
    """What recomputing said: how many entries hold, up to which head, and where it breaks, if it does.

    `rows` is None of a broken trail: what it says of rows is then worth nothing.
    """

    entries: int
    head: TrailHead
    broken: TrailBreak | None
    rows: TrailRows | None = None

    @property
    def holds(self) -> bool:
        """Whether the entries are consistent with each other and with the rows they speak of."""
        return self.rows is not None and not self.rows.differing


class TrailFilter(_Frozen):
    """Which entries to list: those for which everything given holds, newest last, `limit` of them."""

    act: str | None = None
    by: str | None = None
    subject_kind: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: int | None = Field(None, ge=0, le=2**53)
    limit: int = Field(1000, ge=1, le=10_000)


def lock(session: Session, *first: str) -> None:
    """Be the only one who writes to the trail until the transaction ends; `first` are turns taken before.

    `record` does so itself. Who checks something and then writes by it calls this first, and the check
    still holds when the entry is written. It is the last turn to take: whoever has it waits for no other.
    """
    if _LOCKED not in session.info:
        take_turns(session, *first, "trail")
        session.info[_LOCKED] = True


def record(session: Session, at: datetime, act: Act) -> None:
    """Write an entry in the caller's transaction."""
    record_all(session, at, [act])


def record_all(session: Session, at: datetime, acts: Iterable[Act]) -> None:
    """Write an entry for each act, in order, in the caller's transaction."""
    lock(session)
    sequence, digest = session.info.get(_LAST) or _last(session)
    rows = []
    for act in acts:
        rows.append(row := _values(sequence + 1, digest, at, act))
        sequence, digest = row["sequence"], row["digest"]
    if rows:
        insert_all(session, _ROWS, rows)
        session.info[_LAST] = sequence, digest


class Trail:
    """The trail as people and regulators read it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def record(self, act: Act) -> TrailHead:
        """Write an entry for an act that has no rows of its own here; return the new head."""
        with self._database.write() as session:
            record(session, self._clock(), act)
            return _head(session)

    def head(self) -> TrailHead:
        """Return the newest entry's number and digest: what to note, or to anchor, to pin all before it."""
        with self._database.read() as session:
            return _head(session)

    def list(self, chosen: TrailFilter | None = None) -> tuple[TrailEntry, ...]:
        """Return entries, oldest first: the newest `limit` that fit, or the first after `after`."""
        chosen = chosen or TrailFilter()
        query = sa.select(TrailRow).where(*_conditions(chosen)).limit(chosen.limit)
        with self._database.read() as session:
            if chosen.after is not None:
                return tuple(map(_of_row, session.scalars(query.order_by(TrailRow.sequence))))
            newest = session.scalars(query.order_by(TrailRow.sequence.desc())).all()
            return tuple(map(_of_row, reversed(newest)))

    def verify(self, expected: TrailHead | None = None) -> TrailVerification:
        """Recompute every digest and say where the trail breaks; if it does not, compare the rows with it.

        `expected` is a head somebody noted earlier: the trail must still go through it, which shows a
        trail cut short or written anew. Nothing else does.
        """
        last, comparison = TrailHead(sequence=0, digest=START), Comparison()
        with self._database.read() as session:
            for entry in _all(session):
                if what := _fault(entry, last) or _unlike(entry, expected):
                    return _broken(last, entry.sequence, what)
                last = TrailHead(sequence=entry.sequence, digest=entry.digest)
                comparison.hear(entry)
            if expected is not None and expected.sequence > last.sequence:
                return _broken(last, last.sequence + 1, f"entries up to {expected.sequence} have gone")
            rows = comparison.rows(session)
        return TrailVerification(entries=last.sequence, head=last, broken=None, rows=rows)


def parse_head(text: str) -> TrailHead:
    """Return the head written as `SEQUENCE:DIGEST`. Raises MalformedHead, MalformedDigest."""
    number, colon, digest = text.strip().partition(":")
    if not (colon and number.isascii() and number.isdigit() and len(number) < 19):
        raise MalformedHead(
            f"{text!r} is not a head of the trail", hint="give SEQUENCE:DIGEST, as `shuize trail head` prints"
        )
    return TrailHead(sequence=int(number), digest=digests.parse(digest))


def _all(session: Session) -> Iterator[TrailEntry]:
    """Yield every entry in order, in bounded memory."""
    after = -1
    while True:
        query = sa.select(TrailRow).where(TrailRow.sequence > after).order_by(TrailRow.sequence)
        page = session.scalars(query.limit(_AT_A_TIME)).all()
        yield from map(_of_row, page)
        session.expunge_all()
        if len(page) < _AT_A_TIME:
            return
        after = page[-1].sequence


def _conditions(chosen: TrailFilter) -> list[sa.ColumnElement[bool]]:
    equal = (
        (TrailRow.act, chosen.act),
        (TrailRow.by, chosen.by),
        (TrailRow.subject_kind, chosen.subject_kind),
        (TrailRow.subject, chosen.subject),
    )
    found = [column == value for column, value in equal if value is not None]
    found += [TrailRow.at >= chosen.since] if chosen.since is not None else []
    found += [TrailRow.at <= chosen.until] if chosen.until is not None else []
    return [*found, TrailRow.sequence > (chosen.after or 0)]


def _values(sequence: int, previous: Digest, at: datetime, act: Act) -> dict[str, Any]:
    """Return the row of the next entry."""
    values = {
        "sequence": sequence,
        "at": at.astimezone(UTC),
        "by": act.by,
        "act": act.act,
        "subject_kind": act.subject_kind,
        "subject": act.subject,
        "detail_digest": digests.of_document(act.detail),
        "previous": previous,
    }
    return values | {"detail": dict(act.detail), "digest": _digest(values)}


def _digest(values: Mapping[str, Any]) -> Digest:
    return digests.of_document(
        {
            "sequence": values["sequence"],
            "at": values["at"].astimezone(UTC).isoformat(),
            "by": values["by"],
            "act": values["act"],
            "subject": {"kind": values["subject_kind"], "id": values["subject"]},
            "detail": values["detail_digest"],
            "previous": values["previous"],
        }
    )


def _fault(entry: TrailEntry, last: TrailHead) -> str | None:
    if entry.sequence != last.sequence + 1:
        return f"entry {last.sequence + 1} is missing"
    if entry.previous != last.digest:
        return "it does not follow the entry before it"
    if digests.of_document(entry.detail) != entry.detail_digest:
        return "its detail was changed"
    if entry.recomputed() != entry.digest:
        return "what it says was changed"
    return None


def _unlike(entry: TrailEntry, expected: TrailHead | None) -> str | None:
    if expected is None or entry.sequence != expected.sequence or entry.digest == expected.digest:
        return None
    return "it is not the entry whose digest was noted: the trail was written anew"


def _broken(last: TrailHead, sequence: int, what: str) -> TrailVerification:
    broken = TrailBreak(sequence=sequence, what=what)
    return TrailVerification(entries=last.sequence, head=last, broken=broken)


def _head(session: Session) -> TrailHead:
    sequence, digest = _last(session)
    return TrailHead(sequence=sequence, digest=digest)


def _last(session: Session) -> tuple[int, Digest]:
    found = session.connection().execute(_NEWEST).first()
    return (found[0], Digest(found[1])) if found else (0, START)


def _of_row(row: TrailRow) -> TrailEntry:
    return TrailEntry.model_validate({name: getattr(row, name) for name in TrailEntry.model_fields})
