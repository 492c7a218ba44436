"""What one event says about lineage, by names: who read and made what, which columns from which."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

from catalog.lineage import namespaces

Document = dict[str, Any]

EVERY_ROW = "*"
"""Stands for a field where all rows of a dataset depend on one, as with filters and joins."""


class NodeKind(IntEnum):
    """What a node of the graph is."""

    DATASET = 0
    JOB = 1
    FIELD = 2


class Named(NamedTuple):
    """A node by its names; `field` is empty but for fields."""

    kind: NodeKind
    namespace: str
    name: str
    field: str = ""

    @property
    def id(self) -> str:
        """The node's id as Marquez writes it."""
        word = ("dataset", "job", "datasetField")[self.kind]
        tail = f":{self.field}" if self.kind is NodeKind.FIELD else ""
        return f"{word}:{self.namespace}:{self.name}{tail}"

    @property
    def dataset(self) -> Named:
        """The dataset a field belongs to."""
        return Named(NodeKind.DATASET, self.namespace, self.name)


class Flow(NamedTuple):
    """Data flows from one node to another; `how` is JSON, or nothing."""

    source: Named
    target: Named
    how: str | None = None


@dataclass
class Facts:
    """What an event says. Versions stand beside the datasets they are of."""

    job: Named | None = None
    inputs: dict[Named, str | None] = field(default_factory=dict)
    outputs: dict[Named, str | None] = field(default_factory=dict)
    facets: dict[Named, Document] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    aliases: list[tuple[Named, Named]] = field(default_factory=list)
    parent: tuple[str, Named] | None = None
    is_streaming: bool = False
    says_flows: bool = False

    def names(self) -> Iterator[Named]:
        """Yield every node that is mentioned, aliases aside."""
        if self.job:
            yield self.job
        yield from self.inputs
        yield from self.outputs
        yield from self.facets
        for flow in self.flows:
            yield flow.source
            yield flow.target
        for own, _alias in self.aliases:
            yield own
        if self.parent:
            yield self.parent[1]


def read(document: Document) -> Facts:
    """Return what the event says. It must fit the schema."""
    said = Facts()
    if "job" in document:
        said.job = Named(NodeKind.JOB, document["job"]["namespace"], document["job"]["name"])
        facets = document["job"].get("facets", {})
        said.facets[said.job] = facets
        said.is_streaming = _alive(facets, "jobType").get("processingType") == "STREAMING"
        for each in document.get("inputs", ()):
            dataset = _dataset(each)
            said.inputs[dataset] = _read_dataset(said, dataset, each.get("facets", {}))
        for each in document.get("outputs", ()):
            dataset = _made(said.job, _dataset(each))
            said.outputs[dataset] = _read_dataset(said, dataset, each.get("facets", {}))
        said.flows += _explicit(_alive(facets, "lineage").get("entries") or (), said.job)
        said.flows += _explicit(_run_facet(document, "lineage").get("entries") or (), said.job)
    elif "dataset" in document:
        dataset, facets = _dataset(document["dataset"]), document["dataset"].get("facets", {})
        said.outputs[dataset] = _read_dataset(said, dataset, facets)
        said.says_flows = bool({"columnLineage", "lineage", "lifecycleStateChange"} & facets.keys())
    parent = _run_facet(document, "parent")
    if parent:
        job = parent["job"]
        said.parent = (parent["run"]["runId"], Named(NodeKind.JOB, job["namespace"], job["name"]))
    return said


def _dataset(said: Document) -> Named:
    return Named(NodeKind.DATASET, said["namespace"], said["name"])


def _made(job: Named, dataset: Named) -> Named:
    namespace = namespaces.of_output(job.namespace, job.name, dataset.namespace, dataset.name)
    return dataset._replace(namespace=namespace)


def _alive(facets: Document, name: str) -> Document:
    """Return a facet that is there and not deleted, else nothing."""
    found = facets.get(name)
    return found if isinstance(found, dict) and not found.get("_deleted") else {}


def _run_facet(document: Document, name: str) -> Document:
    found: Document = document.get("run", {}).get("facets", {}).get(name, {})
    return found if isinstance(found, dict) else {}


def _read_dataset(said: Facts, dataset: Named, facets: Document) -> str | None:
    """Add what a dataset's facets say, and return its version."""
    said.facets[dataset] = said.facets.get(dataset, {}) | facets
    for each in _alive(facets, "symlinks").get("identifiers") or ():
        said.aliases.append((dataset, _dataset(each)))
    said.flows += _columns(dataset, _alive(facets, "columnLineage"))
    own = _alive(facets, "lineage")
    if own:
        entry = {"type": "DATASET", "namespace": dataset.namespace, "name": dataset.name} | own
        said.flows += _explicit((entry,), said.job)
    previous = _alive(facets, "lifecycleStateChange").get("previousIdentifier")
    if previous:
        said.flows.append(Flow(_dataset(previous), dataset))
    version: str | None = _alive(facets, "version").get("datasetVersion")
    return version


def _columns(dataset: Named, facet: Document) -> Iterator[Flow]:
    for name, made in facet.get("fields", {}).items():
        legacy = _legacy(made)
        for each in made["inputFields"]:
            yield Flow(_field(each), _field_of(dataset, name), _how(each.get("transformations") or legacy))
    for each in facet.get("dataset") or ():
        yield Flow(_field(each), _field_of(dataset, EVERY_ROW), _how(each.get("transformations")))


def _field(said: Document) -> Named:
    return Named(NodeKind.FIELD, said["namespace"], said["name"], said.get("field") or EVERY_ROW)


def _field_of(dataset: Named, name: str) -> Named:
    return Named(NodeKind.FIELD, dataset.namespace, dataset.name, name)


def _legacy(made: Document) -> list[Document]:
    """Return the transformation as the facet said it before version 1-1-0, of the whole output field."""
    kind, description = made.get("transformationType"), made.get("transformationDescription")
    if not kind and not description:
        return []
    masking = {"masking": True} if kind == "MASKED" else {}
    return [{"type": "DIRECT", "subtype": kind or "", "description": description or ""} | masking]


def _how(transformations: Iterable[Document] | None) -> str | None:
    """Return transformations as JSON, without what is empty. Jobs repeat themselves: texts are kept."""
    said = tuple(tuple(each.items()) for each in transformations or ())
    return _as_text(said) if said else None


@lru_cache(maxsize=1024)
def _as_text(transformations: tuple[tuple[tuple[str, Any], ...], ...]) -> str:
    kept = [
        {name: value for name, value in each if value is False or value not in (None, "")}
        for each in transformations
    ]
    return json.dumps(kept, sort_keys=True, ensure_ascii=False)


def _explicit(entries: Iterable[Document], job: Named | None) -> Iterator[Flow]:
    """Yield the flows of the explicit `lineage` facet; what flows into a dataset flows through the job."""
    for entry in entries:
        to_job = entry["type"] == "JOB"
        target = _job(entry, job) if to_job else _dataset(entry)
        for each in entry.get("inputs") or ():
            yield from _into(target, each, job)
        for name, made in (entry.get("fields") or {}).items():
            for each in made["inputs"]:
                if each["type"] == "DATASET":
                    yield Flow(_field(each), _field_of(target, name), _how(each.get("transformations")))
                yield from _into(target, each, job)


def _into(target: Named, said: Document, job: Named | None) -> Iterator[Flow]:
    is_job = said["type"] == "JOB"
    source = _job(said, job) if is_job else _dataset(said)
    if said.get("field") and target.kind is NodeKind.DATASET:
        yield Flow(_field(said), _field_of(target, EVERY_ROW), _how(said.get("transformations")))
    through = job if job and not is_job and target.kind is NodeKind.DATASET else None
    steps = [source, through, target] if through else [source, target]
    for one, other in itertools.pairwise(steps):
        if one != other:
            yield Flow(one, other)


def _job(said: Document, own: Named | None) -> Named:
    if said.get("namespace") and said.get("name"):
        return Named(NodeKind.JOB, said["namespace"], said["name"])
    if own is None:
        raise ValueError("a lineage entry of type JOB without a name, in an event without a job")
    return own
