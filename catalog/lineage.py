"""Lineage: OpenLineage events, kept whole, and the edges they draw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from catalog.database import Database
from catalog.tables import LineageEdgeRow, LineageEventRow
from standards.errors import Fault, InvalidInput

RUN_ID_LENGTH = 36


class MalformedEvent(InvalidInput):
    """An OpenLineage event without the parts every run event has."""

    code = "malformed-event"


class EventType(StrEnum):
    """What became of a run. Source: OpenLineage spec 2-0-2."""

    START = "START"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    ABORT = "ABORT"
    FAIL = "FAIL"
    OTHER = "OTHER"


class Lineage:
    """The store of events; raw ones are append-only, edges are derived from them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, event: Mapping[str, Any]) -> None:
        """Keep an OpenLineage run event. Raises MalformedEvent. Source: OpenLineage spec 2-0-2."""
        try:
            when = datetime.fromisoformat(event["eventTime"])
            when = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
            run, job = _run_id(event["run"]), f"job:{_named(event['job'])}"
            kind = EventType(event.get("eventType") or "OTHER")
            inputs = [f"dataset:{_named(dataset)}" for dataset in event.get("inputs") or ()]
            outputs = [f"dataset:{_named(dataset)}" for dataset in event.get("outputs") or ()]
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise MalformedEvent(
                "this is not an OpenLineage run event",
                hint="eventTime, run.runId, and namespace and name of the job and of every dataset "
                "are required",
                faults=[Fault("/", f"missing or malformed: {error}")],
            ) from error
        with self._database.write() as session:
            session.add(
                LineageEventRow(
                    event_time=when,
                    event_type=kind.value,
                    run_id=run,
                    job=job.removeprefix("job:"),
                    event=dict(event),
                )
            )
            if kind is EventType.COMPLETE:
                for source, target in [(name, job) for name in inputs] + [(job, name) for name in outputs]:
                    session.merge(LineageEdgeRow(source=source, target=target))

    def events(self, *, run: str | None = None) -> tuple[dict[str, Any], ...]:
        """Return the events in the order of their time, of one run if given."""
        query = sa.select(LineageEventRow).order_by(LineageEventRow.event_time, LineageEventRow.id)
        if run is not None:
            query = query.where(LineageEventRow.run_id == run)
        with self._database.read() as session:
            return tuple(row.event for row in session.scalars(query))

    def upstream(self, node: str) -> tuple[str, ...]:
        """Return every node the given one was made from, directly or not, sorted.

        A node that feeds itself, through whatever stands between, is upstream of itself.
        """
        start = sa.select(LineageEdgeRow.source.label("node")).where(LineageEdgeRow.target == node)
        found = start.cte("found", recursive=True)
        found = found.union(sa.select(LineageEdgeRow.source).where(LineageEdgeRow.target == found.c.node))
        with self._database.read() as session:
            return tuple(session.scalars(sa.select(found.c.node).order_by(found.c.node)))


def node_id(namespace: str, name: str) -> str:
    """Return the id of a dataset's node, in Marquez's form."""
    return f"dataset:{namespace}:{name}"


def _run_id(run: Mapping[str, Any]) -> str:
    """Return the run's id. It should be a UUID, and OpenLineage's own examples do not keep to that."""
    found = run["runId"]
    if not isinstance(found, str) or not 0 < len(found) <= RUN_ID_LENGTH:
        raise ValueError(f"runId is a text of at most {RUN_ID_LENGTH} characters")
    return found


def _named(part: Mapping[str, Any]) -> str:
    namespace, name = part["namespace"], part["name"]
    if not isinstance(namespace, str) or not isinstance(name, str) or not name:
        raise ValueError("namespace and name are texts")
    return f"{namespace}:{name}"
