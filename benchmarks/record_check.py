"""How long one record takes against all rules of its dataset, over HTTP: a customer of a synthetic city.

Customers have the most rules of the library. What they refer to (cards, contracts, units, districts) is there
in full, so that references are looked up among as many rows as a utility has. The server runs in a thread of
this process and the requests come one after another over loopback, each another record. `--quick` takes a
city of a hundredth; the time does not grow with it much, since rows are found by halving.
"""

from __future__ import annotations

import http.client
import json
import tempfile
import threading
import time
from pathlib import Path
from statistics import quantiles

import pyarrow.parquet as pq
import uvicorn
import yaml

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from benchmarks.claims import claim, parse_quick
from catalog.datasets.models import parse_draft
from catalog.table_types import text_rows
from products.samples.city.datasets import ALL
from products.samples.city.writing import write_city
from tests.builders import Room, a_party, a_room

CUSTOMERS, QUICK_CUSTOMERS = 100_000, 1_000
REQUESTS = 400
GOAL_MS = 20
LOADED = ("customers", "contracts", "account-cards", "districts", "units")


def main() -> None:
    """Make a city, serve it, ask."""
    customers = QUICK_CUSTOMERS if parse_quick(__doc__) else CUSTOMERS
    with tempfile.TemporaryDirectory() as folder:
        room = _loaded(Path(folder), customers)
        token = room.parties.replace_token("alice", by="bob").token
        platform = Platform(Settings(home=room.folder, database_url=room.url, store=room.store_folder))
        config = uvicorn.Config(create_app(platform), port=0, log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        first, times, rules = _asked(port, token, _records(room))
        server.should_exit = True
        thread.join()
        platform.close()
        room.database.close()
    cuts = quantiles(times, n=100)
    claim(
        f"one record against {rules} rules over HTTP, p95, city of {customers:,} customers",
        cuts[94] * 1000,
        "ms",
        f"<= {GOAL_MS} ms",
        cuts[94] * 1000 <= GOAL_MS,
        packages=("duckdb", "fastapi", "uvicorn"),
        beside={"p50": cuts[49] * 1000, "p99": cuts[98] * 1000, "first, compiled and indexed": first * 1000},
    )


def _loaded(folder: Path, customers: int) -> Room:
    written = write_city(folder / "city", customers, 7)
    room = a_room(folder)
    for name in ("li-na", "wang-wei"):
        room.parties.add(a_party(id=name, name=name), by="water-group")
    for dataset in ALL:
        if dataset.name in LOADED:
            text = (written.folder / f"{dataset.name}.dataset.yaml").read_text("utf-8")
            draft = parse_draft(yaml.safe_load(text), where=dataset.name)
            room.enter(draft)
            room.loader.load(draft.name, written.folder / dataset.file_name, by="li-na")
    return room


def _records(room: Room) -> list[dict[str, str | None]]:
    path = room.store.path(room.datasets.version("city-customers").digest)
    table = pq.read_table(path)
    step = max(1, table.num_rows // REQUESTS)
    some = table.take(list(range(0, table.num_rows, step))[:REQUESTS])
    return [dict(zip(some.column_names, row, strict=True)) for row in text_rows(some)]


def _asked(port: int, token: str, records: list[dict[str, str | None]]) -> tuple[float, list[float], int]:
    """Return how long the first request took and the others, and how many rules were decided."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    times, rules = [], 0
    for record in records:
        body = json.dumps({"records": [record]})
        start = time.perf_counter()
        connection.request("POST", "/datasets/city-customers/check-records", body, headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        times.append(time.perf_counter() - start)
        assert answer.status == 200, said
        rules = sum(rule["undecidable"] is None for rule in said["rules"])
    connection.close()
    return times[0], times[1:], rules


if __name__ == "__main__":
    main()
