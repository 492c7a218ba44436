"""Drawing: what events say becomes nodes, facets, runs, versions and edges, a whole batch at a time."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.lineage import merging, states, timelines
from catalog.lineage.events import Event, EventKind, EventType
from catalog.lineage.facts import Facts
from catalog.lineage.nodes import Nodes, chunks, insert, next_id, table
from catalog.tables import LineageNodeRow, LineageRunRow, LineageVersionRow

_ENDS = {EventType.COMPLETE, EventType.FAIL, EventType.ABORT}
_Edges = dict[tuple[int, int], str | None]


def draw(session: Session, events: Sequence[Event], now: int) -> None:
    """Take in events that are new, in the caller's transaction and turn."""
    ordered = sorted(events, key=lambda event: event.at)
    nodes = Nodes(session, now)
    names = {name for event in ordered for name in event.facts.names()}
    nodes.resolve(names)
    aliases = {other: one for event in ordered for one, other in event.facts.aliases}
    unlike = nodes.resolve_aliases(aliases)
    merged = [merging.merge(session, own, alias) for own, alias in unlike]
    if any(merged):
        nodes.forget()
        nodes.resolve(names)
    states.keep(session, nodes, ordered)
    observed: dict[int, list[tuple[int, _Edges]]] = defaultdict(list)
    versions: dict[bytes, dict[str, Any]] = {}
    _keep_runs(session, nodes, ordered, observed, versions)
    for event in ordered:
        if event.kind is not EventKind.RUN:
            _keep_design(nodes, event, observed, versions)
    timelines.observe(session, observed)
    _insert_new_versions(session, versions)


class _Run:
    """A run while its events are taken in."""

    def __init__(self, row: dict[str, Any], is_new: bool) -> None:
        self.row = row
        self.is_new = is_new
        self.facts: dict[str, Any] = json.loads(row["facts"])

    def take(self, event: Event, nodes: Nodes) -> None:
        """Add what an event of the run says."""
        row, said = self.row, event.facts
        was_over, is_over = row["state"] in _ENDS, event.type in _ENDS
        if (is_over, event.at) >= (was_over, row["state_at"]) and event.type is not EventType.OTHER:
            row["state"], row["state_at"] = event.type.value, event.at
        row["created_at"] = min(row["created_at"], event.at)
        if event.type is EventType.START:
            row["started_at"] = min(event.at, row["started_at"] or event.at)
        if event.type is EventType.COMPLETE:
            row["completed_at"] = max(event.at, row["completed_at"] or event.at)
        if said.parent:
            row["parent_run"], row["parent_job"] = said.parent[0], nodes[said.parent[1]]
        for side, datasets in (("in", said.inputs), ("out", said.outputs)):
            for name, version in datasets.items():
                mine = self.facts[side]
                mine[str(nodes[name])] = version or mine.get(str(nodes[name]))
        self.facts["flows"] |= _flows(said, nodes)

    def edges(self) -> _Edges:
        """Return all edges of the run: in to the job, out of it, and what it says besides."""
        job = self.row["job"]
        edges: _Edges = {(int(node), job): None for node in self.facts["in"]}
        edges |= {(job, int(node)): None for node in self.facts["out"]}
        for pair, how in self.facts["flows"].items():
            source, _, target = pair.partition(">")
            edges[int(source), int(target)] = how
        return edges


def _flows(said: Facts, nodes: Nodes) -> dict[str, str | None]:
    """Return what flows where, in ids; the transformations of one pair of columns together."""
    found: dict[str, str | None] = {}
    for flow in said.flows:
        pair = f"{nodes[flow.source]}>{nodes[flow.target]}"
        before = found.get(pair)
        if before and flow.how and before != flow.how:
            both = json.loads(before) + json.loads(flow.how)
            found[pair] = _json([each for n, each in enumerate(both) if each not in both[:n]])
        else:
            found[pair] = flow.how or before
    return found


def _keep_runs(
    session: Session,
    nodes: Nodes,
    events: Sequence[Event],
    observed: dict[int, list[tuple[int, _Edges]]],
    versions: dict[bytes, dict[str, Any]],
) -> None:
    mine = [event for event in events if event.kind is EventKind.RUN]
    runs = _runs(session, nodes, mine)
    moments: dict[tuple[str, int], set[int]] = defaultdict(set)
    for event in mine:
        run = runs[_run_key(event, nodes)]
        run.take(event, nodes)
        if event.facts.is_streaming and event.type is EventType.RUNNING:
            moments[_run_key(event, nodes)].add(event.at)
        elif run.row["completed_at"] is not None:
            moments[_run_key(event, nodes)].add(run.row["completed_at"])
    for its_key, times in moments.items():
        run = runs[its_key]
        if edges := run.edges():  # a run that has said nothing takes nothing back
            observed[its_key[1]] += [(at, edges) for at in times]
        for made, side in ((False, "in"), (True, "out")):
            for node, version in run.facts[side].items():
                if made or version:
                    row = _version(int(node), version or its_key[0], run.row["id"], made, max(times))
                    versions[row["key"]] = row
    _write_runs(session, runs.values())


def _run_key(event: Event, nodes: Nodes) -> tuple[str, int]:
    assert event.run_id is not None
    assert event.facts.job is not None
    return event.run_id, nodes[event.facts.job]


def _runs(session: Session, nodes: Nodes, events: Sequence[Event]) -> dict[tuple[str, int], _Run]:
    own = table(LineageRunRow)
    wanted = {_run_key(event, nodes): event for event in reversed(events)}
    found: dict[tuple[str, int], _Run] = {}
    for part in chunks({run_id for run_id, _ in wanted}):
        for kept in session.execute(sa.select(own).where(own.c.run_id.in_(part))).mappings():
            if (kept["run_id"], kept["job"]) in wanted:
                found[kept["run_id"], kept["job"]] = _Run({**kept}, is_new=False)
    _follow_aliases(session, list(found.values()))
    first = next_id(session, own.c.id)
    for place, (run_id, job) in enumerate(sorted(wanted.keys() - found.keys()), first):
        event = wanted[run_id, job]
        row: dict[str, Any] = dict.fromkeys(("started_at", "completed_at", "parent_run", "parent_job"))
        given = {"id": place, "run_id": run_id, "job": job, "created_at": event.at}
        state = {"state": EventType.OTHER.value, "state_at": event.at}
        facts = '{"in":{},"out":{},"flows":{}}'
        found[run_id, job] = _Run(row | given | state | {"facts": facts}, is_new=True)
    return found


def _follow_aliases(session: Session, runs: list[_Run]) -> None:
    """Replace ids that have become another name of a dataset since they were written."""
    ids = {int(node) for run in runs for side in ("in", "out") for node in run.facts[side]}
    ids |= {int(node) for run in runs for pair in run.facts["flows"] for node in pair.split(">")}
    own, now = table(LineageNodeRow).c, dict[int, int]()
    for part in chunks(ids):
        query = sa.select(own.id, own.same_as).where(own.id.in_(part), own.same_as.is_not(None))
        now.update((place, same_as) for place, same_as in session.execute(query).all())
    if not now:
        return
    for run in runs:
        for side in ("in", "out"):
            run.facts[side] = {str(now.get(int(n), int(n))): v for n, v in run.facts[side].items()}
        run.facts["flows"] = {
            ">".join(str(now.get(int(n), int(n))) for n in pair.split(">")): how
            for pair, how in run.facts["flows"].items()
        }


def _write_runs(session: Session, runs: Any) -> None:
    fresh, changed = [], []
    for run in runs:
        row = run.row | {"facts": _json(run.facts)}
        if run.is_new:
            fresh.append(row)
        else:
            changed.append({name: value for name, value in row.items() if name != "id"} | {"b_id": row["id"]})
    insert(session, LineageRunRow, fresh)
    if changed:
        own = table(LineageRunRow)
        session.connection().execute(sa.update(own).where(own.c.id == sa.bindparam("b_id")), changed)


def _keep_design(
    nodes: Nodes,
    event: Event,
    observed: dict[int, list[tuple[int, _Edges]]],
    versions: dict[bytes, dict[str, Any]],
) -> None:
    """Take in a job or a dataset as designed: its edges are the job's own, or the dataset's."""
    said = event.facts
    owner = nodes[said.job] if said.job else nodes[next(iter(said.outputs))]
    edges: _Edges = {}
    if said.job:
        edges |= {(nodes[name], owner): None for name in said.inputs}
        edges |= {(owner, nodes[name]): None for name in said.outputs}
    for pair, how in _flows(said, nodes).items():
        source, _, target = pair.partition(">")
        edges[int(source), int(target)] = how
    if edges or said.says_flows:
        observed[owner].append((event.at, edges))
    for name, version in said.outputs.items():
        if version:
            row = _version(nodes[name], version, None, True, event.at)
            versions[row["key"]] = row


def _version(dataset: int, version: str, run: int | None, made: bool, at: int) -> dict[str, Any]:
    whole = json.dumps([dataset, version, run, made]).encode()
    its_key = hashlib.blake2b(whole, digest_size=16).digest()
    return {
        "key": its_key, "dataset": dataset, "run": run, "made": made, "version": version, "seen_at": at,
    }  # fmt: skip


def _insert_new_versions(session: Session, versions: dict[bytes, dict[str, Any]]) -> None:
    own = table(LineageVersionRow).c
    known: set[bytes] = set()
    for part in chunks(versions.keys()):
        known.update(session.scalars(sa.select(own.key).where(own.key.in_(part))))
    insert(session, LineageVersionRow, [row for its_key, row in versions.items() if its_key not in known])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
