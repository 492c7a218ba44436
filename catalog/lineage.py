"""Lineage: OpenLineage events, kept whole, and the edges they draw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.tables import LineageEdgeRow, LineageEventRow
from standards.errors import Fault, InvalidInput


class MalformedEvent(InvalidInput):
    """An OpenLineage event without the parts every run event has."""

    code = "malformed-event"


class Lineage:
    """The store of events; raw ones are append-only, edges are derived from them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, event: Mapping[str, Any]) -> None:
        """Keep an OpenLineage run event. Raises MalformedEvent. Source: OpenLineage spec 2-0-2."""
        try:
            when = datetime.fromisoformat(event["eventTime"])
            run, job = event["run"]["runId"], f"{event['job']['namespace']}:{event['job']['name']}"
        except (KeyError, TypeError, ValueError) as error:
            raise MalformedEvent(
                "this is not an OpenLineage run event",
                hint="eventTime, run.runId, job.namespace and job.name are required",
                faults=[Fault("/", f"missing or malformed: {error}")],
            ) from error
        kind = str(event.get("eventType") or "OTHER")
        with self._database.write() as session:
            session.add(
                LineageEventRow(
                    event_time=when if when.tzinfo else when.replace(tzinfo=UTC),
                    event_type=kind,
                    run_id=run,
                    job=job,
                    event=dict(event),
                )
            )
            if kind == "COMPLETE":
                _draw(session, event, f"job:{job}")

    def events(self, *, run: str | None = None) -> tuple[dict[str, Any], ...]:
        """Return the events in the order of their time, of one run if given."""
        query = sa.select(LineageEventRow).order_by(LineageEventRow.event_time, LineageEventRow.id)
        if run is not None:
            query = query.where(LineageEventRow.run_id == run)
        with self._database.read() as session:
            return tuple(row.event for row in session.scalars(query))

    def upstream(self, node: str) -> tuple[str, ...]:
        """Return every node the given one was made from, directly or not, sorted."""
        start = sa.select(LineageEdgeRow.source.label("node")).where(LineageEdgeRow.target == node)
        found = start.cte("found", recursive=True)
        found = found.union(sa.select(LineageEdgeRow.source).where(LineageEdgeRow.target == found.c.node))
        with self._database.read() as session:
            return tuple(session.scalars(sa.select(found.c.node).order_by(found.c.node)))


def node_id(namespace: str, name: str) -> str:
    """Return the id of a dataset's node, in Marquez's form."""
    return f"dataset:{namespace}:{name}"


def _draw(session: Session, event: Mapping[str, Any], job: str) -> None:
    inputs = [node_id(d["namespace"], d["name"]) for d in event.get("inputs") or ()]
    outputs = [node_id(d["namespace"], d["name"]) for d in event.get("outputs") or ()]
    for source, target in [(name, job) for name in inputs] + [(job, name) for name in outputs]:
        session.merge(LineageEdgeRow(source=source, target=target))
