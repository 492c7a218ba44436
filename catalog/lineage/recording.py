"""Recording: raw events are kept as they were written, then drawn, in one transaction."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.bulk import not_collecting
from catalog.database import Database, take_turns
from catalog.lineage import drawing, events, files
from catalog.lineage.events import Event
from catalog.lineage.facts import Named, NodeKind
from catalog.lineage.graph import Graph
from catalog.lineage.nodes import chunks, insert, next_id
from catalog.lineage.strict_json import EventTooLarge, MalformedEvent
from catalog.lineage.walking import Direction
from catalog.tables import (
    LineageEdgeRow,
    LineageEventRow,
    LineageNamespaceRow,
    LineageNodeRow,
    LineageObservationRow,
    LineageRunRow,
    LineageStateRow,
    LineageVersionRow,
)
from standards.progress import Progress, silent

_DERIVED = (
    LineageEdgeRow, LineageObservationRow, LineageVersionRow, LineageRunRow, LineageStateRow,
    LineageNodeRow, LineageNamespaceRow,
)  # fmt: skip
_REDRAWN_AT_A_TIME = 2_000
_IMPORTED_AT_A_TIME = 1_000


class Refused(BaseModel):
    """An event of a batch that was not kept: its place in the batch, and why."""

    model_config = ConfigDict(frozen=True)

    index: int
    reason: str


class Kept(BaseModel):
    """What came of a batch. A replayed event counts as received, not as new."""

    model_config = ConfigDict(frozen=True)

    received: int
    new: int
    refused: tuple[Refused, ...] = ()
    warnings: tuple[str, ...] = ()


class Lineage:
    """The store of events. What `record` has answered for can be asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_settled = False
        self._lock = threading.Lock()
        self.graph = Graph(database)

    def record(self, event: Mapping[str, Any], *, by: str | None = None) -> Kept:
        """Keep an OpenLineage event; the same event again changes nothing. Raises MalformedEvent."""
        return self._keep([events.of_document(event)], by)

    def record_text(self, body: bytes, *, by: str | None = None) -> Kept:
        """Keep the event in a JSON text, as it is written. Raises MalformedEvent, EventTooLarge."""
        return self._keep([events.parse(body)], by)

    def record_within(self, session: Session, body: bytes) -> None:
        """Keep the event in a JSON text in the transaction that writes what it tells of: both or neither.

        Call `settle` before the transaction. Raises MalformedEvent, EventTooLarge.
        """
        _write(session, [events.parse(body)], None)

    def record_batch(self, body: bytes, *, by: str | None = None) -> Kept:
        """Keep what is right of a JSON array of events, all at once, and say what is not.

        Raises MalformedEvent if it is no JSON array, EventTooLarge.
        """
        with not_collecting():
            return self._keep(events.parse_batch(body), by)

    def record_file(self, body: bytes, *, by: str | None = None) -> Kept:
        """Keep what is right of a file: a JSON array, one event, or one event a line; so many at a time.

        Raises MalformedEvent if it is none of these.
        """
        parsed = files.parse_file(body)
        received, new, refused, warnings = 0, 0, list[Refused](), dict[str, None]()
        while part := list(itertools.islice(parsed, _IMPORTED_AT_A_TIME)):
            kept = self._keep(part, by)
            refused += [Refused(index=received + each.index, reason=each.reason) for each in kept.refused]
            received, new = received + kept.received, new + kept.new
            warnings |= dict.fromkeys(kept.warnings)
        return Kept(received=received, new=new, refused=tuple(refused), warnings=tuple(warnings))

    def events(
        self, *, run: str | None = None, limit: int | None = None, offset: int = 0
    ) -> tuple[dict[str, Any], ...]:
        """Return the events in the order of their time, of one run if given."""
        query = sa.select(LineageEventRow.body).order_by(LineageEventRow.event_time, LineageEventRow.id)
        if run is not None:
            query = query.where(LineageEventRow.run_id == run)
        with self._database.read() as session:
            bodies = session.scalars(query.limit(limit).offset(offset)).all()
        return tuple(events.document_of(body) for body in bodies)

    def upstream(self, node: str) -> tuple[str, ...]:
        """Return the id of every node the given one was made from, directly or not, sorted.

        A node that feeds itself, through whatever stands between, is upstream of itself; of one that
        nobody has spoken of there is nothing.
        """
        self.settle()
        reached = self.graph.closure(node, Direction.UPSTREAM, missing_ok=True)
        return tuple(sorted(each.id for each in reached.nodes))

    def settle(self, progress: Progress = silent) -> None:
        """Draw the events that an earlier version of the catalog kept, or drew otherwise, if any."""
        if self._is_settled:
            return
        with self._lock:
            waiting = sa.select(LineageEventRow.id).where(~LineageEventRow.drawn).limit(1)
            with self._database.read() as session:
                is_waiting = session.scalar(waiting) is not None
            if is_waiting:
                with self._database.write() as session:
                    take_turns(session, "lineage")
                    _draw_waiting(session, progress)
            self._is_settled = True

    def redraw(self, progress: Progress = silent) -> int:
        """Draw everything again from the raw events, and return how many there are.

        For when drawing has learnt to read more out of events. All of it or nothing: until it is done, others
        see the graph as it was.
        """
        with self._database.write() as session:
            take_turns(session, "lineage")
            for row in _DERIVED:
                session.execute(sa.delete(row))
            session.execute(sa.update(LineageEventRow).values(drawn=False))
            return _draw_waiting(session, progress)

    def _keep(self, parsed: Sequence[Event | MalformedEvent | EventTooLarge], by: str | None) -> Kept:
        self.settle()
        right = [each for each in parsed if isinstance(each, Event)]
        refused = tuple(
            Refused(index=index, reason=each.message)
            for index, each in enumerate(parsed)
            if not isinstance(each, Event)
        )
        warnings = tuple(dict.fromkeys(said for event in right for said in event.warnings))
        fresh: list[Event] = []
        if right:
            with self._database.write() as session:
                fresh = _write(session, right, by)
        return Kept(received=len(parsed), new=len(fresh), refused=refused, warnings=warnings)


def node_id(namespace: str, name: str) -> str:
    """Return the id of a dataset's node, in Marquez's form."""
    return Named(NodeKind.DATASET, namespace, name).id


def _write(session: Session, parsed: Sequence[Event], by: str | None) -> list[Event]:
    """Keep and draw the events that are not kept yet, and return them."""
    take_turns(session, "lineage")
    fresh = _new(session, parsed)
    _insert(session, fresh, by)
    if fresh:
        drawing.draw(session, fresh, events.microseconds(datetime.now(UTC)))
    return fresh


def _new(session: Session, parsed: Iterable[Event]) -> list[Event]:
    """Return the events that are not kept yet, each once."""
    by_digest = {event.digest: event for event in parsed}
    known: set[bytes] = set()
    for part in chunks(by_digest.keys()):
        query = sa.select(LineageEventRow.digest).where(LineageEventRow.digest.in_(part))
        known.update(session.scalars(query))
    return [event for digest, event in by_digest.items() if digest not in known]


def _insert(session: Session, fresh: Sequence[Event], by: str | None) -> None:
    first = next_id(session, LineageEventRow.id)
    rows = [
        {
            "id": place, "digest": event.digest, "event_time": events.instant(event.at),
            "kind": event.kind.value, "event_type": event.type.value, "run_id": event.run_id,
            "namespace": event.namespace, "body": event.body, "sent_by": by, "drawn": True,
        }
        for place, event in enumerate(fresh, first)
    ]  # fmt: skip
    insert(session, LineageEventRow, rows)


def _draw_waiting(session: Session, progress: Progress) -> int:
    """Draw what waits, in the order of event time: what is late is dearer to draw. Return how many events."""
    total = session.scalar(sa.select(sa.func.count()).where(~LineageEventRow.drawn)) or 0
    done = 0
    order = (LineageEventRow.event_time, LineageEventRow.id)
    query = sa.select(LineageEventRow.id, LineageEventRow.body).where(~LineageEventRow.drawn).order_by(*order)
    now = events.microseconds(datetime.now(UTC))
    while rows := session.execute(query.limit(_REDRAWN_AT_A_TIME)).all():
        drawing.draw(session, [events.reread(body) for _, body in rows], now)
        for part in chunks([place for place, _ in rows]):
            these = sa.update(LineageEventRow).where(LineageEventRow.id.in_(part))
            session.execute(these.values(drawn=True), execution_options={"synchronize_session": False})
        done += len(rows)
        progress(f"drawing lineage: {done:,} of {total:,} events")
    return total
