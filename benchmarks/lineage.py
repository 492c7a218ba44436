"""Lineage questions over HTTP on large graphs, on SQLite and PostgreSQL.

Two generated graphs: 2 million nodes and 3 million edges, of which a random node's whole upstream and
downstream is asked; 259 thousand nodes and 389 thousand edges, of which the surroundings at depth 4 are
asked, both ways and as Marquez answers, with what is known of each node. In pipelines of 200 datasets each is
made by a job that reads of the 50 before it; one job in twenty reads what another pipeline begins with.
"""

from __future__ import annotations

import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from benchmarks.claims import claim, parse_quick
from benchmarks.databases import each_kind
from catalog.database import Database
from catalog.lineage.facts import Named, NodeKind
from catalog.lineage.intervals import FOREVER
from catalog.lineage.nodes import insert, key
from catalog.tables import LineageEdgeRow, LineageNamespaceRow, LineageNodeRow, LineageStateRow

SEED = 20261121
P95_GOAL_MS = 50
NAMESPACE = "warehouse"
ROWS_AT_A_TIME = 20_000
REACH = 50
"""How far back in time a job reads: the last so many datasets of its own pipeline."""
PIPELINE = 200
"""Datasets of one pipeline; one job in twenty reads what another pipeline begins with."""


def main() -> None:
    """Build both graphs on both databases, and ask."""
    quick = parse_quick(__doc__)
    large, small = (20_000, 30_000), (5_000, 7_500)
    if not quick:
        large, small = (2_000_000, 3_000_000), (259_000, 389_000)
    asked = 30 if quick else 300
    for kind, opened in each_kind():
        with opened() as url, a_graph(url, *large) as (client, datasets):
            measure(kind, "closure", client, datasets, asked, _closure, large, P95_GOAL_MS)
        with opened() as url, a_graph(url, *small) as (client, datasets):
            measure(kind, "depth 4, both ways", client, datasets, asked, _around, small, P95_GOAL_MS)
            measure(kind, "depth 4, as Marquez answers", client, datasets, asked, _marquez, small)


def _closure(node: str, number: int) -> tuple[str, dict[str, Any]]:
    return "/lineage/walk", {"node": node, "direction": ("upstream", "downstream")[number % 2]}


def _around(node: str, _number: int) -> tuple[str, dict[str, Any]]:
    return "/lineage/walk", {"node": node, "direction": "both", "depth": 4}


def _marquez(node: str, _number: int) -> tuple[str, dict[str, Any]]:
    return "/api/v1/lineage", {"nodeId": node, "depth": 4}


def measure(
    kind: str, what: str, client: TestClient, datasets: int, asked: int,
    ask: Callable[[str, int], tuple[str, dict[str, Any]]], size: tuple[int, int], goal_ms: int | None = None,
) -> None:  # fmt: skip
    """Ask for random nodes, after a few to warm up, and print the claim; Marquez's answer has no goal."""
    chosen = random.Random(SEED)
    took, found = [], []
    for number in range(asked + 10):
        path, parameters = ask(f"dataset:{NAMESPACE}:d{chosen.randrange(datasets)}", number)
        start = time.perf_counter()
        answer = client.get(path, params=parameters)
        seconds = time.perf_counter() - start
        assert answer.status_code == 200, answer.text
        if number >= 10:
            took.append(seconds)
            found.append(len(answer.json().get("nodes") or answer.json().get("graph", ())))
    p95 = statistics.quantiles(took, n=20)[-1] * 1000
    claim(
        f"lineage over HTTP, {kind}, {what}, {size[0]:,} nodes and {size[1]:,} edges, p95 "
        f"(median {statistics.median(took) * 1000:.1f} ms; nodes found: median "
        f"{statistics.median(found):.0f}, most {max(found):,})",
        p95, "ms", None if goal_ms is None else f"<= {goal_ms}", None if goal_ms is None else p95 <= goal_ms,
        packages=["sqlalchemy", "fastapi"],
    )  # fmt: skip


@contextmanager
def a_graph(url: str, nodes: int, edges: int) -> Iterator[tuple[TestClient, int]]:
    """Yield a client of an application over a generated graph, and how many datasets it has."""
    database = Database(url)
    database.upgrade()
    datasets = nodes // 2
    with database.write() as session:
        insert(session, LineageNamespaceRow, [{"id": 1, "name": NAMESPACE, "created_at": 0}])
        for rows in _parts(_nodes(datasets, nodes - datasets)):
            insert(session, LineageNodeRow, rows)
            insert(session, LineageStateRow, [_state(row["id"]) for row in rows])
        for rows in _parts(_edges(datasets, edges)):
            insert(session, LineageEdgeRow, rows)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE" if "postgresql" in url else "ANALYZE"))
    database.close()
    with tempfile.TemporaryDirectory() as home:
        platform = Platform(Settings(home=Path(home), database_url=url, lineage_open=True))
        with TestClient(create_app(platform)) as client:
            yield client, datasets
        platform.close()


def _nodes(datasets: int, jobs: int) -> Iterator[dict[str, Any]]:
    for kind, count, letter in ((NodeKind.DATASET, datasets, "d"), (NodeKind.JOB, jobs, "j")):
        for number in range(count):
            name = f"{letter}{number}"
            yield {
                "id": number + 1 + (datasets if kind is NodeKind.JOB else 0),
                "key": key(Named(kind, NAMESPACE, name)), "kind": int(kind), "namespace": 1,
                "parent": None, "name": name, "same_as": None,
            }  # fmt: skip


def _state(node: int) -> dict[str, Any]:
    schema = '{"schema":[0,{"fields":[{"name":"a","type":"int"},{"name":"b","type":"text"}]}]}'
    return {"node": node, "created_at": 0, "updated_at": 0, "facets": schema}


def _edges(datasets: int, edges: int) -> Iterator[dict[str, Any]]:
    """Yield the edges: each job makes one dataset, and reads those before it until there are enough."""
    chosen = random.Random(SEED)
    left = edges - datasets
    for number in range(datasets):
        job = datasets + 1 + number
        yield _edge(job, number + 1, job)
        begin = number - number % PIPELINE
        near = range(max(begin, number - REACH), number)
        wanted = min(len(near), max(1, round(left / (datasets - number) * chosen.uniform(0.5, 1.5))))
        sources = set(chosen.sample(near, wanted)) if near else set()
        if number >= PIPELINE and chosen.random() < 0.05:
            sources.add(chosen.randrange(number // PIPELINE) * PIPELINE)
        for source in sorted(sources):
            left -= 1
            yield _edge(source + 1, job, job)


def _edge(source: int, target: int, owner: int) -> dict[str, Any]:
    return {
        "source": source, "target": target, "owner": owner, "valid_from": 0, "valid_until": FOREVER,
        "how": None,
    }  # fmt: skip


def _parts(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while part := list(itertools.islice(rows, ROWS_AT_A_TIME)):
        yield part


if __name__ == "__main__":
    main()
