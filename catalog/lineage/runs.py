"""Runs and versions: what happened, and which versions of which datasets it read and made."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.lineage import nodes
from catalog.lineage.events import instant
from catalog.lineage.facts import Named
from catalog.tables import LineageEventRow, LineageRunRow, LineageVersionRow

_RUN = nodes.table(LineageRunRow)
_VERSION = nodes.table(LineageVersionRow)
_EVENT = nodes.table(LineageEventRow)
_ENDED = ("COMPLETE", "FAIL", "ABORT")

Facets = dict[str, Any]


class Frozen(BaseModel):
    """A result, which nobody changes."""

    model_config = ConfigDict(frozen=True)


class Identity(Frozen):
    """The two names of a dataset or a job."""

    namespace: str
    name: str


class VersionRef(Frozen):
    """A version of a dataset, as a run read it or made it."""

    dataset: Identity
    version: str


class Run(Frozen):
    """A run of a job. `state` is the type of the event that counts: an end before anything else."""

    id: str
    job: Identity
    state: str
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    parent_run: str | None
    parent_job: Identity | None
    facets: Facets
    inputs: tuple[VersionRef, ...]
    outputs: tuple[VersionRef, ...]


class Version(Frozen):
    """A version of a dataset, the run that made it, and the versions that run read."""

    version: str
    made_at: datetime
    run: str | None
    made_from: tuple[VersionRef, ...]


def latest_runs(session: Session, jobs: Collection[int]) -> dict[int, Run]:
    """Return each job's newest run."""
    rows: dict[int, Any] = {}
    for part in nodes.chunks(jobs):
        newest = sa.select(_RUN.c.job, sa.func.max(_RUN.c.created_at).label("at")).group_by(_RUN.c.job)
        of = newest.where(nodes.among(session, _RUN.c.job, part)).subquery()
        mine = sa.and_(_RUN.c.job == of.c.job, _RUN.c.created_at == of.c.at)
        for row in session.execute(sa.select(_RUN).join(of, mine).order_by(_RUN.c.id)).all():
            rows[row.job] = row
    return dict(zip(rows, shown_runs(session, rows.values()), strict=True))


def shown_runs(session: Session, rows: Collection[Any]) -> tuple[Run, ...]:
    """Return runs of rows, in their order, with all facets their events gave."""
    facets: dict[str, Facets] = defaultdict(dict)
    for part in nodes.chunks({row.run_id for row in rows}):
        query = sa.select(_EVENT.c.run_id, _EVENT.c.body).where(_EVENT.c.run_id.in_(part))
        for run_id, body in session.execute(query.order_by(_EVENT.c.event_time, _EVENT.c.id)).all():
            facets[run_id] |= json.loads(body)["run"].get("facets", {})
    versions = _read_and_made(session, [row.id for row in rows])
    jobs = {row.job for row in rows} | {row.parent_job for row in rows if row.parent_job}
    names = nodes.names_of(session, jobs)
    found = []
    for row in rows:
        started = row.created_at if row.started_at is None else row.started_at
        found.append(
            Run(
                id=row.run_id,
                job=identity(names[row.job]),
                state=row.state,
                created_at=instant(row.created_at),
                updated_at=instant(row.state_at),
                started_at=instant(started),
                ended_at=instant(row.state_at) if row.state in _ENDED else None,
                parent_run=row.parent_run,
                parent_job=identity(names[row.parent_job]) if row.parent_job else None,
                facets=facets[row.run_id],
                inputs=versions[row.id, False],
                outputs=versions[row.id, True],
            )
        )
    return tuple(found)


def _read_and_made(
    session: Session, runs: Collection[int]
) -> defaultdict[tuple[int, bool], tuple[VersionRef, ...]]:
    rows: list[Any] = []
    for part in nodes.chunks(runs):
        rows += session.execute(sa.select(_VERSION).where(nodes.among(session, _VERSION.c.run, part))).all()
    names = nodes.names_of(session, {row.dataset for row in rows})
    found: defaultdict[tuple[int, bool], tuple[VersionRef, ...]] = defaultdict(tuple)
    for row in sorted(rows, key=lambda row: names[row.dataset]):
        found[row.run, row.made] += (VersionRef(dataset=identity(names[row.dataset]), version=row.version),)
    return found


def shown_versions(session: Session, rows: Collection[Any]) -> tuple[Version, ...]:
    """Return versions of rows, in their order."""
    runs = {row.run for row in rows if row.run is not None}
    sources, ids = _read_and_made(session, runs), dict[int, str]()
    for part in nodes.chunks(runs):
        query = sa.select(_RUN.c.id, _RUN.c.run_id).where(nodes.among(session, _RUN.c.id, part))
        ids.update((place, run_id) for place, run_id in session.execute(query).all())
    return tuple(
        Version(
            version=row.version, made_at=instant(row.seen_at), run=ids.get(row.run),
            made_from=sources[row.run, False] if row.run is not None else (),
        )
        for row in rows
    )  # fmt: skip


def identity(name: Named) -> Identity:
    """Return the two names."""
    return Identity(namespace=name.namespace, name=name.name)
