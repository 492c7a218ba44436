"""Clients that others wrote, against a server that really runs: OpenLineage's sends, Marquez's reads."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import column_lineage_dataset, schema_dataset
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpCompression, HttpConfig, HttpTransport

from tests.api.shell import served, shuize
from tests.builders import an_event

RUN = "019a0000-0000-7000-8000-00000000000a"


@pytest.fixture(scope="module")
def server(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Yield a server's address and the token of a system."""
    home = Path(shutil.copytree(begun, tmp_path_factory.mktemp("lineage") / "home"))
    added = shuize(home, "party", "add", "spark", "--name", "Spark", "--kind", "system", "--json").json()
    with served(home) as address:
        yield address, added["token"]


def sender(address: str, token: str, **options: Any) -> OpenLineageClient:
    config = HttpConfig(url=address, auth=ApiKeyTokenProvider({"api_key": token}), **options)
    return OpenLineageClient(transport=HttpTransport(config))


def events() -> list[RunEvent]:
    made = column_lineage_dataset.ColumnLineageDatasetFacet(
        fields={
            "x": column_lineage_dataset.Fields(
                inputFields=[
                    column_lineage_dataset.InputField(namespace="pg://db:5432", name="public.a", field="p")
                ]
            )
        }
    )
    fields = schema_dataset.SchemaDatasetFacet(
        fields=[schema_dataset.SchemaDatasetFacetFields(name="x", type="int")]
    )
    common = {
        "run": Run(runId=RUN), "job": Job(namespace="airflow", name="daily"), "producer": "https://example.com",
        "inputs": [InputDataset(namespace="pg://db:5432", name="public.a")],
    }  # fmt: skip
    output = OutputDataset(
        namespace="pg://db:5432", name="public.b", facets={"columnLineage": made, "schema": fields}
    )
    return [
        RunEvent(eventType=RunState.START, eventTime="2026-03-01T00:00:00Z", **common),
        RunEvent(eventType=RunState.COMPLETE, eventTime="2026-03-01T00:01:00Z", outputs=[output], **common),
    ]


@pytest.fixture(scope="module")
def filled(server: tuple[str, str]) -> tuple[str, str]:
    """Return the server after the official client has sent a run, plain and as gzip."""
    start, done = events()
    sender(*server).emit(start)
    sender(*server, compression=HttpCompression.GZIP).emit(done)
    return server


@pytest.fixture
def marquez(filled: tuple[str, str]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # how it is packaged is not what is tested
        from marquez_client import MarquezClient
    return MarquezClient(url=filled[0], api_key=filled[1])


def test_the_official_client_is_told_when_it_may_not_send(server: tuple[str, str]) -> None:
    with pytest.raises(Exception, match="401"):
        sender(server[0], "szt_wrong").emit(events()[0])


def test_marquez_lists_namespaces_datasets_jobs_and_runs(marquez: Any) -> None:
    names = {each["name"] for each in marquez.list_namespaces()["namespaces"]}
    assert {"airflow", "pg://db:5432"} <= names
    assert marquez.get_namespace("pg://db:5432")["name"] == "pg://db:5432"
    found = marquez.list_datasets("pg://db:5432")
    assert found["totalCount"] == 2
    assert marquez.get_dataset("pg://db:5432", "public.b")["fields"][0]["name"] == "x"
    assert marquez.list_dataset_versions("pg://db:5432", "public.b")["versions"][0]["version"] == RUN
    assert marquez.get_dataset_version("pg://db:5432", "public.b", RUN)["createdByRun"] == {"id": RUN}
    assert [each["name"] for each in marquez.list_jobs("airflow")["jobs"]] == ["daily"]
    assert marquez.get_job("airflow", "daily")["latestRun"]["id"] == RUN
    assert marquez.list_job_runs("airflow", "daily")["runs"][0]["durationMs"] == 60_000
    assert marquez.get_job_run(RUN)["state"] == "COMPLETED"


def test_marquez_reads_columns_events_sources_and_tags(marquez: Any) -> None:
    graphs = (
        marquez.get_column_lineage_by_dataset("pg://db:5432", "public.b"),
        marquez.get_column_lineage_by_dataset_field("pg://db:5432", "public.b", "x"),
        marquez.get_column_lineage_by_job("airflow", "daily"),
    )
    for graph in graphs:
        assert "datasetField:pg://db:5432:public.a:p" in {node["id"] for node in graph["graph"]}
    assert marquez.list_events()["totalCount"] == 2
    assert marquez.list_events("airflow")["totalCount"] == 2
    assert marquez.list_sources()["sources"]
    assert marquez.get_source("pg://db:5432")["name"] == "pg://db:5432"
    assert marquez.list_tags() == {"tags": []}


def test_marquez_is_told_of_what_is_not_there(marquez: Any) -> None:
    from marquez_client.errors import APIError

    with pytest.raises(APIError) as caught:
        marquez.get_dataset("pg://db:5432", "nobody")
    assert "404" in str(caught.value.__cause__)


def test_an_event_is_an_event_wherever_it_comes_from(new_home: Path, tmp_path: Path) -> None:
    import json

    home = new_home
    file = tmp_path / "events.ndjson"
    file.write_text(json.dumps(an_event()) + "\n{oops\n" + json.dumps(an_event(run={"runId": "r"})))
    for party, kind in (("li-na", "person"), ("lab", "partner"), ("airflow", "system")):
        assert shuize(home, *f"party add {party} --name X --kind {kind} --as li-na".split()).code == 0
    words = ("lineage", "import", str(file), "--as")
    assert shuize(home, *words[:-1]).code == 3
    assert shuize(home, *words, "lab").code == 6
    assert shuize(home, *words, "nobody").code == 4
    said = shuize(home, *words, "airflow")
    assert said.code == 3
    assert "refused: event 2" in said.err
    assert "not a UUID" in said.err
    kept = shuize(home, *words, "li-na", "--json").json()
    assert (kept["received"], kept["new"], len(kept["refused"])) == (3, 0, 1)
    shown = shuize(home, "lineage", "show", "index", "--depth", "2")
    assert "dataset:shuize:inflow" in shown.out
    assert shuize(home, "lineage", "show", "nobody").code == 4
    assert shuize(home, "lineage", "import", str(tmp_path / "none"), "--as", "li-na").code == 3
    walk = shuize(home, "lineage", "show", "index", "--as-of", "2026-02-01", "--json").json()
    assert walk["nodes"] == []
    before = shuize(home, "lineage", "show", "index", "--as-of", "2026-02-01")
    assert "nothing is known upstream of dataset:shuize:index as of 2026-02-01" in before.err
    assert "nothing that is known depends on" in shuize(home, "lineage", "impact", "index").err
    redrawn = shuize(home, "lineage", "redraw")
    assert redrawn.out == "the graph is drawn from 2 events\n"
    assert "drawing lineage: 2 of 2 events" in redrawn.err
