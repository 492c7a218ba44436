"""What Marquez's clients expect to read. Fields that lineage here has nothing to say of are null or empty."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog.lineage.entries import DatasetEntry, JobEntry
from catalog.lineage.graph import GraphNode, Walk
from catalog.lineage.inventory import Namespace
from catalog.lineage.runs import Identity, Run, Version, VersionRef

Json = dict[str, Any]

_STATES = {
    "START": "RUNNING", "RUNNING": "RUNNING", "COMPLETE": "COMPLETED", "FAIL": "FAILED",
    "ABORT": "ABORTED", "OTHER": "NEW",
}  # fmt: skip
_TYPES = {"dataset": "DATASET", "job": "JOB", "field": "DATASET_FIELD"}


def graph(walk: Walk, described: Mapping[str, DatasetEntry | JobEntry]) -> Json:
    """Return a graph of datasets and jobs, each with its data and edges."""
    into, out = _edges(walk)
    return {
        "graph": [
            {
                "id": node.id,
                "type": _TYPES[node.kind],
                "data": _data(described[node.id]) if node.id in described else None,
                "inEdges": into[node.id],
                "outEdges": out[node.id],
            }
            for node in walk.nodes
        ]
    }


def column_graph(walk: Walk) -> Json:
    """Return a graph of fields; of each what it is made from, and how."""
    into, out = _edges(walk)
    nodes, sources = {node.id: node for node in walk.nodes}, defaultdict(list)
    for edge in walk.edges:
        if edge.source in nodes:
            sources[edge.target].append(_input_field(nodes[edge.source], edge.how))
    return {
        "graph": [
            {
                "id": node.id,
                "type": _TYPES[node.kind],
                "data": {
                    "namespace": node.namespace,
                    "dataset": node.name,
                    "datasetVersion": None,
                    "field": node.field,
                    "fieldType": None,
                    "transformationDescription": None,
                    "transformationType": None,
                    "inputFields": sources[node.id],
                },
                "inEdges": into[node.id],
                "outEdges": out[node.id],
            }
            for node in walk.nodes
        ]
    }


def namespace(entry: Namespace) -> Json:
    """Return a namespace."""
    at = _time(entry.created_at)
    return {
        "name": entry.name, "createdAt": at, "updatedAt": at, "ownerName": "anonymous",
        "description": None, "isHidden": False,
    }  # fmt: skip


def source(entry: Namespace) -> Json:
    """Return a namespace as the source of its datasets."""
    at = _time(entry.created_at)
    return {
        "type": "DB", "name": entry.name, "createdAt": at, "updatedAt": at, "connectionUrl": entry.name,
        "description": None,
    }  # fmt: skip


def dataset(entry: DatasetEntry) -> Json:
    """Return a dataset."""
    facets = entry.facets
    lifecycle = facets.get("lifecycleStateChange", {}).get("lifecycleStateChange")
    return {
        "id": _identity(entry.id),
        "type": "DB_TABLE",
        "name": entry.id.name,
        "physicalName": entry.id.name,
        "createdAt": _time(entry.created_at),
        "updatedAt": _time(entry.updated_at),
        "namespace": entry.id.namespace,
        "sourceName": facets.get("dataSource", {}).get("name") or entry.id.namespace,
        "fields": _fields(facets),
        "tags": _tags(facets, field=None),
        "lastModifiedAt": _time(entry.updated_at),
        "lastLifecycleState": lifecycle,
        "description": facets.get("documentation", {}).get("description"),
        "currentVersion": entry.version,
        "columnLineage": _column_lineage(facets),
        "facets": facets,
        "symlinks": [_identity(alias) for alias in entry.aliases],
        "deleted": lifecycle == "DROP",
    }


def version(entry: DatasetEntry, made: Version) -> Json:
    """Return a version of a dataset."""
    shape = dataset(entry)
    for name in ("updatedAt", "lastModifiedAt", "symlinks", "deleted", "columnLineage", "currentVersion"):
        del shape[name]
    return shape | {
        "version": made.version,
        "createdAt": _time(made.made_at),
        "createdByRun": {"id": made.run} if made.run else None,
        "inputDatasetVersions": [_version_ref(each) for each in made.made_from],
    }


def job(entry: JobEntry) -> Json:
    """Return a job."""
    facets, latest = entry.facets, entry.latest_run
    parent = latest.parent_job if latest else None
    shown = run(latest) if latest else None
    return {
        "id": _identity(entry.id),
        "type": facets.get("jobType", {}).get("processingType") or "BATCH",
        "name": entry.id.name,
        "simpleName": entry.id.name.removeprefix(f"{parent.name}.") if parent else entry.id.name,
        "parentJobName": parent.name if parent else None,
        "parentJobUuid": None,
        "createdAt": _time(entry.created_at),
        "updatedAt": _time(entry.updated_at),
        "namespace": entry.id.namespace,
        "inputs": [_identity(each) for each in entry.inputs],
        "outputs": [_identity(each) for each in entry.outputs],
        "location": facets.get("sourceCodeLocation", {}).get("url"),
        "description": facets.get("documentation", {}).get("description"),
        "latestRun": shown,
        "latestRuns": [shown] if shown else [],
        "facets": facets,
        "currentVersion": None,
        "labels": [],
        "tags": _tags(facets, field=None),
    }


def run(entry: Run) -> Json:
    """Return a run."""
    nominal = entry.facets.get("nominalTime", {})
    ended, started = entry.ended_at, entry.started_at
    took = (ended - started).total_seconds() * 1000 if ended and started else None
    return {
        "id": entry.id,
        "createdAt": _time(entry.created_at),
        "updatedAt": _time(entry.updated_at),
        "nominalStartTime": nominal.get("nominalStartTime"),
        "nominalEndTime": nominal.get("nominalEndTime"),
        "state": _STATES[entry.state],
        "startedAt": _time(started),
        "endedAt": _time(ended),
        "durationMs": None if took is None else round(took),
        "args": {},
        "context": {},
        "facets": entry.facets,
        "jobVersion": None,
        "parentRun": entry.parent_run,
        "inputDatasetVersions": [_version_ref(each) for each in entry.inputs],
        "outputDatasetVersions": [_version_ref(each) for each in entry.outputs],
    }


def found(node: GraphNode) -> Json:
    """Return a result of a search."""
    return {"type": _TYPES[node.kind], "name": node.name, "namespace": node.namespace, "nodeId": node.id}


def _data(entry: DatasetEntry | JobEntry) -> Json:
    return dataset(entry) if isinstance(entry, DatasetEntry) else job(entry)


def _edges(walk: Walk) -> tuple[defaultdict[str, list[Json]], defaultdict[str, list[Json]]]:
    into, out = defaultdict[str, list[Json]](list), defaultdict[str, list[Json]](list)
    for edge in walk.edges:
        shape = {"origin": edge.source, "destination": edge.target}
        into[edge.target].append(shape)
        out[edge.source].append(shape)
    return into, out


def _input_field(node: GraphNode, how: str | None) -> Json:
    first = (json.loads(how) if how else [{}])[0]
    return {
        "namespace": node.namespace,
        "dataset": node.name,
        "datasetVersion": None,
        "field": node.field,
        "transformationDescription": first.get("description"),
        "transformationType": first.get("subtype") or first.get("type"),
        "transformations": json.loads(how) if how else [],
    }


def _fields(facets: Json) -> list[Json]:
    return [
        {
            "name": each["name"],
            "type": each.get("type"),
            "tags": _tags(facets, field=each["name"]),
            "description": each.get("description"),
        }
        for each in facets.get("schema", {}).get("fields") or ()
    ]


def _tags(facets: Json, *, field: str | None) -> list[str]:
    """Return the tags of a field, or of the whole. The facet is held to no schema: what fits is shown."""
    said = facets.get("tags", {}).get("tags")
    listed = [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []
    return [str(each["key"]) for each in listed if each.get("field") == field and "key" in each]


def _column_lineage(facets: Json) -> list[Json] | None:
    fields = facets.get("columnLineage", {}).get("fields")
    if not fields:
        return None
    return [
        {
            "name": name,
            "inputFields": [
                {"namespace": each["namespace"], "dataset": each["name"], "field": each["field"]}
                for each in said["inputFields"]
            ],
            "transformationDescription": said.get("transformationDescription"),
            "transformationType": said.get("transformationType"),
        }
        for name, said in fields.items()
    ]


def _version_ref(said: VersionRef) -> Json:
    return {
        "datasetVersionId": _identity(said.dataset) | {"version": said.version},
        "facets": {},
    }


def _identity(said: Identity) -> Json:
    return {"namespace": said.namespace, "name": said.name}


def _time(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
