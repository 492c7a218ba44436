"""Events as they come in: JSON read strictly, held to the schema, and told apart.

What is kept is the text itself. Everything else in the room is derived from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import jsonschema_rs

from catalog.lineage import facts, schema, strict_json
from catalog.lineage.facts import Facts, NodeKind
from catalog.lineage.strict_json import EventTooLarge, MalformedEvent, malformed
from standards.errors import Fault

MAX_EVENT_BYTES = 16 << 20
MAX_BATCH_BYTES = 64 << 20
MAX_BATCH_EVENTS = 10_000
MAX_NAMESPACE_BYTES = 1024
MAX_NAME_BYTES = 4096
MAX_RUN_ID = 255
_SHOWN_FAULTS = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Document = dict[str, Any]


class EventType(StrEnum):
    """What became of a run. Source: OpenLineage spec 2-0-2."""

    START = "START"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    ABORT = "ABORT"
    FAIL = "FAIL"
    OTHER = "OTHER"


class EventKind(StrEnum):
    """What an event is about: a run, or a job or a dataset as they are designed."""

    RUN = "run"
    JOB = "job"
    DATASET = "dataset"


_DEFINITIONS = {EventKind.RUN: "RunEvent", EventKind.JOB: "JobEvent", EventKind.DATASET: "DatasetEvent"}


@dataclass(frozen=True)
class Event:
    """An event that fits the schema. `at` is its time in microseconds since 1970."""

    kind: EventKind
    type: EventType
    at: int
    document: Document
    facts: Facts
    body: str
    digest: bytes
    warnings: tuple[str, ...]

    @property
    def run_id(self) -> str | None:
        """The run's id, of a run event."""
        return self.document["run"]["runId"] if self.kind is EventKind.RUN else None

    @property
    def namespace(self) -> str:
        """The namespace of its job, or of its dataset."""
        about = "dataset" if self.kind is EventKind.DATASET else "job"
        found: str = self.document[about]["namespace"]
        return found


def parse(body: bytes | str) -> Event:
    """Return the event in a JSON text. Raises MalformedEvent, EventTooLarge."""
    if len(body) > MAX_EVENT_BYTES:
        raise EventTooLarge(f"the event is larger than {MAX_EVENT_BYTES:,} bytes", hint="leave facets out")
    text = strict_json.text_of(body)
    with strict_json.reading():
        document = strict_json.DECODER.decode(text)
    return _event(document, text.strip())


def parse_batch(body: bytes) -> list[Event | MalformedEvent | EventTooLarge]:
    """Return the events of a JSON array, in its order, each as it was written; a bad one as its error.

    Raises MalformedEvent for what is no array of JSON, and EventTooLarge.
    """
    if len(body) > MAX_BATCH_BYTES:
        raise EventTooLarge(f"the batch is larger than {MAX_BATCH_BYTES:,} bytes", hint="split it")
    found: list[Event | MalformedEvent | EventTooLarge] = []
    with strict_json.reading():
        for document, text in strict_json.elements(strict_json.text_of(body)):
            if len(found) == MAX_BATCH_EVENTS:
                raise EventTooLarge(f"the batch has more than {MAX_BATCH_EVENTS:,} events", hint="split it")
            found.append(tried(document, text))
    return found


def of_document(document: Mapping[str, Any]) -> Event:
    """Return the event in a parsed document. Raises MalformedEvent."""
    if not isinstance(document, Mapping):
        raise malformed("an event is a JSON object")
    return parse(json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def reread(body: str) -> Event:
    """Return an event that was accepted once, whatever the rules are now."""
    document = document_of(body)
    kind = _kind(document)
    said = datetime.fromisoformat(document["eventTime"])
    at = microseconds(said.replace(tzinfo=said.tzinfo or UTC).astimezone(UTC))
    kept = EventType(document.get("eventType") or "OTHER")
    return Event(kind, kept, at, document, facts.read(document), body, b"", ())


def document_of(body: str) -> Document:
    """Return the document in a body that is kept."""
    document: Document = json.loads(body)
    return document


def microseconds(instant: datetime) -> int:
    """Return an instant as microseconds since 1970 in UTC."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(at: int) -> datetime:
    """Return the instant so many microseconds after 1970."""
    return _EPOCH + at * _MICROSECOND


def tried(document: Any, text: str) -> Event | MalformedEvent | EventTooLarge:
    """Return the event in a document that was read from this text, or what is wrong with it."""
    try:
        return document if isinstance(document, MalformedEvent) else _event(document, text)
    except (MalformedEvent, EventTooLarge) as error:
        return error


def _event(document: Any, text: str) -> Event:
    if not isinstance(document, dict):
        raise malformed("an event is a JSON object")
    if len(text) > MAX_EVENT_BYTES:
        raise EventTooLarge(f"the event is larger than {MAX_EVENT_BYTES:,} bytes", hint="leave facets out")
    strict_json.require_shallow(document)
    kind = _kind(document)
    _require_fit(document, kind)
    at = _time(document["eventTime"])
    try:
        said = facts.read(document)
    except ValueError as error:
        raise malformed(str(error)) from error
    _require_names(said)
    canonical = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    try:
        digest = hashlib.blake2b(canonical.encode(), digest_size=16).digest()
    except UnicodeEncodeError as error:
        raise malformed("the event has half a surrogate pair, which is no character") from error
    kept = EventType(document.get("eventType") or "OTHER")
    return Event(kind, kept, at, document, said, text, digest, _warnings(document, kind))


def _kind(document: Document) -> EventKind:
    """Return the kind its schemaURL names; if it names none, the one its members show."""
    said = str(document.get("schemaURL", "")).rpartition("/")[2]
    for kind, definition in _DEFINITIONS.items():
        if said == definition:
            return kind
    if "run" in document or not {"job", "dataset"} & document.keys():
        return EventKind.RUN
    return EventKind.JOB if "job" in document else EventKind.DATASET


@cache
def _validator(kind: EventKind, said: bool) -> Any:
    """Return the validator of a kind. Without `said` an event may lack the URL of its schema."""
    document = json.loads(schema.FILE.read_text("utf-8"))
    own = document["$defs"][_DEFINITIONS[kind]]
    if not said:
        own["required"].remove("schemaURL")
    return jsonschema_rs.Draft202012Validator(document | {"$ref": f"#/$defs/{_DEFINITIONS[kind]}"})


def _require_fit(document: Document, kind: EventKind) -> None:
    validator = _validator(kind, "schemaURL" in document)
    if validator.is_valid(document):
        return
    faults = []
    for error in validator.iter_errors(document):
        pointer = "/" + "/".join(map(str, error.instance_path))
        said = error.message if len(error.message) < 200 else f"…{error.message[-150:]}"
        faults.append(Fault(pointer, said))
        if len(faults) == _SHOWN_FAULTS:
            break
    places = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults[:3])
    raise MalformedEvent(
        f"this is not an OpenLineage {_DEFINITIONS[kind]}: {places}",
        hint="events have the form of the OpenLineage specification 2-0-2",
        faults=faults,
    )


def _time(said: str) -> int:
    hint = "for example 2026-03-01T04:00:00Z, or with an offset such as +08:00"
    try:
        when = datetime.fromisoformat(said)
        naive = when.tzinfo is None or "t" not in said.lower()
        at = microseconds(when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise malformed(f"eventTime {said[:60]!r} is not a time", "/eventTime", hint) from error
    if naive:
        raise malformed(f"eventTime {said[:60]!r} lacks its UTC offset", "/eventTime", hint)
    return at


def _require_names(said: Facts) -> None:
    """Raise for names that can't be kept, wherever in the event they stand."""
    for node in {*said.names(), *(alias for _, alias in said.aliases)}:
        _require_text("a namespace", node.namespace, MAX_NAMESPACE_BYTES)
        _require_text("a name", node.name, MAX_NAME_BYTES)
        if node.kind is NodeKind.FIELD:
            _require_text("a field's name", node.field, MAX_NAME_BYTES)
    versions = [version for version in (*said.inputs.values(), *said.outputs.values()) if version]
    for version in versions:
        _require_text("a version", version, MAX_NAME_BYTES)
    if said.parent:
        _require_text("a parent's run id", said.parent[0], MAX_RUN_ID)


def _warnings(document: Document, kind: EventKind) -> tuple[str, ...]:
    """Return what is accepted and still not right. Raises MalformedEvent for a run id that can't be kept."""
    warnings = []
    if kind is EventKind.RUN:
        run_id = document["run"]["runId"]
        _require_text("a run id", run_id, MAX_RUN_ID, "/run/runId")
        if not _is_uuid(run_id):
            warnings.append(f"run.runId {run_id!r} is not a UUID")
    if "schemaURL" not in document:
        warnings.append(f"the event has no schemaURL; by its shape it is a {_DEFINITIONS[kind]}")
    return tuple(warnings)


def _require_text(what: str, said: str, most: int, pointer: str = "/") -> None:
    if not said:
        raise malformed(f"{what} is empty", pointer)
    if "\x00" in said:
        raise malformed(f"{what} holds a NUL character", pointer)
    if len(said) * 4 > most and len(said.encode("utf-8", "surrogatepass")) > most:
        raise malformed(f"{what} is longer than {most:,} bytes: {said[:40]!r}…", pointer)


def _is_uuid(said: str) -> bool:
    try:
        UUID(said)
    except ValueError:
        return False
    return True
