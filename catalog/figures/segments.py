"""Segments: copies in Parquet of what the log held in a span of time, for figures that read all of it.

The log is the only record. A segment follows from it alone, byte for byte, so segments can be verified
against it, thrown away and made again. What is too young for a segment is read from the SQL database.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog import parquet
from catalog.database import Clock, Database, take_turns
from catalog.engine import engine
from catalog.figures import entries
from catalog.figures.partials import STEP, partial
from catalog.store import FolderStore, ObjectNotFound
from catalog.tables import LogSegmentRow, TransitionRow
from standards import digests
from standards.digests import Digest
from standards.errors import Unavailable

LAG = timedelta(hours=1)
"""How old an entry is before it is copied: no transaction that writes one takes that long."""


class SegmentCheck(BaseModel):
    """A segment, and whether the log would make the same bytes again."""

    model_config = ConfigDict(frozen=True)

    begins: datetime
    until: datetime
    entries: int
    digest: Digest
    intact: bool


@dataclass(frozen=True)
class Segment:
    """The files of one segment: its entries, and their partial fold."""

    begins: datetime
    until: datetime
    entries: Path
    fold: Path


@dataclass(frozen=True)
class Log:
    """The log up to an instant: segments, the last of which may go on, and the entries that are in none."""

    segments: tuple[Segment, ...]
    rest: pa.Table


class Segments:
    """The segments of the log. `smallest` and `largest` bound how many entries one holds.

    An instant is never cut, so one with more entries than `largest` makes a larger segment. Small ones are
    joined as they come to be.
    """

    def __init__(
        self, database: Database, store: FolderStore, clock: Clock,
        *, smallest: int = 50_000, largest: int = 1_000_000,
    ) -> None:  # fmt: skip
        self._database = database
        self._store = store
        self._clock = clock
        self._smallest = smallest
        self._largest = largest

    def log(self, until: datetime) -> Log:
        """Return the log until before an instant, in one state of the database."""
        with suppress(Unavailable):  # a home that can only be read has its figures too, more slowly
            self.seal()
        with self._database.read() as session:
            rows = [row for row in _rows(session) if row.begins < until]
            begins = rows[-1].until if rows else None
            rest = entries.read(session, entries.between(begins, until))
        try:
            found = tuple(map(self._files, rows))
        except ObjectNotFound:
            self.forget()
            return self.log(until)
        return Log(found, rest)

    def seal(self) -> int:
        """Copy what is old enough, if it is enough to be worth it, and return how many segments were made."""
        made = 0
        while (span := self._next()) is not None:
            if not self._make(*span):
                break
            made += 1
        return made

    def forget(self) -> None:
        """Remove every segment; the next figures make them again."""
        with self._database.write() as session:
            session.execute(sa.delete(LogSegmentRow))

    def verify(self) -> tuple[SegmentCheck, ...]:
        """Make every segment again and compare; one that differs was tampered with, or its log was.

        Raises ObjectNotFound if one is gone, which the next report makes again.
        """
        with self._database.read() as session:
            rows = _rows(session)
        return tuple(self._verified(row) for row in rows)

    def _keep(self, path: Path) -> Digest:
        def move(target: Path, _scratch: Path) -> None:
            path.replace(target)

        digest = digests.of_file(path)
        self._store.derived(_name(digest), move)
        return digest

    def _files(self, row: LogSegmentRow) -> Segment:
        copied, folded = (self._store.derived(_name(digest), _gone) for digest in (row.digest, row.folded))
        return Segment(row.begins, row.until, copied, folded)

    def _verified(self, row: LogSegmentRow) -> SegmentCheck:
        with self._database.read() as session:
            table = entries.read(session, entries.between(row.begins, row.until))
        kept = [digests.of_file(self._store.derived(_name(each), _gone)) for each in (row.digest, row.folded)]
        with self._store.scratch() as scratch:
            again = [digests.of_file(path) for path in write_files(table, scratch)]
        is_whole = again == kept == [row.digest, row.folded]
        return SegmentCheck(
            begins=row.begins,
            until=row.until,
            entries=row.entries,
            digest=Digest(row.digest),
            intact=is_whole,
        )

    def _next(self) -> tuple[datetime, datetime] | None:
        """Return the span of the next segment, or None if too little is old enough."""
        at = TransitionRow.at
        until = self._clock() - LAG
        with self._database.read() as session:
            rows = list(_rows(session))
            young = at < until if not rows else sa.and_(at >= rows[-1].until, at < until)
            oldest = sa.select(at).where(young).order_by(at)
            if session.scalar(oldest.offset(self._smallest - 1).limit(1)) is None:
                return None
            begins = rows[-1].until if rows else session.scalars(oldest.limit(1)).one()
            cut = session.scalar(oldest.offset(self._largest).limit(1))
            if cut is not None:
                return begins, max(cut, session.scalars(oldest.limit(1)).one() + timedelta(microseconds=1))
            size = session.scalar(sa.select(sa.func.count()).select_from(TransitionRow).where(young)) or 0
        # equals join to twice the size, so an entry is copied a few times and segments stay few
        while rows and rows[-1].entries <= size and rows[-1].entries + size <= self._largest:
            size, begins = size + rows[-1].entries, rows.pop().begins
        return begins, until

    def _make(self, begins: datetime, until: datetime) -> bool:
        """Copy a span, in place of the segments in it. Returns whether nobody else was sooner."""
        which = entries.between(begins, until)
        with self._database.read() as session:
            table = entries.read(session, which)
        with self._store.scratch() as scratch:
            digest, folded = map(self._keep, write_files(table, scratch))
        with self._database.write() as session:
            take_turns(session, "log segments")
            before = [row for row in _rows(session) if row.begins < begins]
            counted = session.scalar(sa.select(sa.func.count()).select_from(TransitionRow).where(which))
            newest = session.scalar(sa.select(sa.func.max(LogSegmentRow.until)))
            if (
                counted != table.num_rows
                or (before and before[-1].until != begins)
                or (newest or until) > until
            ):
                return False
            session.execute(sa.delete(LogSegmentRow).where(LogSegmentRow.begins >= begins))
            session.add(
                LogSegmentRow(begins=begins, until=until, entries=counted, digest=digest, folded=folded)
            )
            return True


def _name(digest: str) -> str:
    return f"log-{digest}"


def _gone(_target: Path, _scratch: Path) -> None:
    raise ObjectNotFound("a copy of the log is gone", hint="ask again: it is made again")


def write_files(table: pa.Table, scratch: Path) -> tuple[Path, Path]:
    """Write a segment's files: the same entries make the same bytes, in whatever order they were read."""
    with engine(scratch) as connection:
        connection.register("read", table)
        copied = f"SELECT *, {STEP} AS step FROM read ORDER BY work_order, number"
        for name, query in (("entries", copied), ("fold", f"{partial('read')} ORDER BY work_order")):
            found = connection.sql(query).to_arrow_reader(parquet.ROW_GROUP_ROWS)
            parquet.write(scratch / name, found.schema, found)
    return scratch / "entries", scratch / "fold"


def _rows(session: Session) -> Sequence[LogSegmentRow]:
    return session.scalars(sa.select(LogSegmentRow).order_by(LogSegmentRow.begins)).all()
