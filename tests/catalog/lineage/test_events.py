"""Events as they come in: what is taken, what is refused and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from catalog.lineage import events, files, schema
from catalog.lineage.events import (
    MAX_BATCH_EVENTS,
    MAX_EVENT_BYTES,
    Event,
    EventKind,
)
from catalog.lineage.strict_json import MAX_DEPTH, EventTooLarge, MalformedEvent
from tests.builders import an_event
from tests.catalog.lineage.saying import FACET, a_dataset_event, a_job_event, a_run, columns, dataset

Document = dict[str, Any]


def text(event: Document) -> bytes:
    return json.dumps(event).encode()


def without(event: Document, *path: str) -> Document:
    changed: Document = json.loads(text(event))
    part = changed
    for name in path[:-1]:
        part = part[name]
    del part[path[-1]]
    return changed


def test_the_schema_is_what_the_official_client_was_made_from() -> None:
    assert schema.FILE.read_text("utf-8") == schema.text(), "run: python -m catalog.lineage.schema"


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (a_run("j", ["a"], ["b"]), EventKind.RUN),
        (a_job_event("j", ["a"], ["b"]), EventKind.JOB),
        (a_dataset_event(dataset("a")), EventKind.DATASET),
        (a_run("j", [], []) | {"dataset": {"namespace": "123", "name": "1"}}, EventKind.RUN),
        (a_run("j", [], []) | {"schemaURL": "https://example.com/own.json"}, EventKind.RUN),
    ],
)
def test_an_event_is_of_the_kind_it_says(event: Document, kind: EventKind) -> None:
    assert events.parse(text(event)).kind is kind


@pytest.mark.parametrize(
    "event", [a_run("j", [], []), a_job_event("j", [], []), a_dataset_event(dataset("a"))]
)
def test_without_a_schema_url_the_shape_tells_the_kind_and_there_is_a_warning(event: Document) -> None:
    kind = events.parse(text(event)).kind
    parsed = events.parse(text(without(event, "schemaURL")))
    assert parsed.kind is kind
    assert "no schemaURL" in parsed.warnings[0]


def test_a_run_id_that_is_no_uuid_is_taken_with_a_warning() -> None:
    assert "'run_id' is not a UUID" in events.parse(text(an_event(run={"runId": "run_id"}))).warnings[0]
    assert events.parse(text(an_event())).warnings == ()


def test_the_body_is_kept_as_it_was_written() -> None:
    written = text(an_event()).decode().replace('"', '"', 1).replace(": ", " :\n ")
    assert events.parse(written.encode()).body == written


def test_the_same_event_written_otherwise_is_the_same_event() -> None:
    event = an_event(note="水")
    other = json.dumps(dict(reversed(event.items())), ensure_ascii=False, indent=3).encode()
    assert events.parse(text(event)).digest == events.parse(other).digest
    assert events.parse(text(event)).digest != events.parse(text(an_event(note="water"))).digest


def deep(levels: int) -> Document:
    inner: Document = {}
    for _ in range(levels):
        inner = {"x": inner}
    return an_event(run={"runId": "r", "facets": {"deep": FACET | {"x": inner}}})


BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not JSON"),
    "no JSON": (b"hello", "not JSON"),
    "cut": (text(an_event())[:-5], "not JSON"),
    "two": (text(an_event()) * 2, "Extra data"),
    "a list": (b"[]", "JSON object"),
    "null": (b"null", "JSON object"),
    "no UTF-8": (text(an_event()).replace(b"inflow", b"in\xff\xfe"), "not UTF-8"),
    "UTF-16": (text(an_event()).decode().encode("utf-16"), "not UTF-8"),
    "half a surrogate pair": (text(an_event(note="\ud800")), "surrogate"),
    "NaN": (text(an_event(x=float("nan"))), "NaN is not JSON"),
    "infinity": (text(an_event(x=float("-inf"))), "-Infinity is not JSON"),
    "a name twice": (text(an_event())[:-1] + b', "run": {"runId": "x"}}', "'run' stands twice"),
    "too deep": (text(deep(MAX_DEPTH)), "nested deeper"),
    "far too deep": (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "nested deeper"),
    "deep lists": (text(an_event())[:-1] + b', "x": ' + b"[" * 9999 + b"]" * 9999 + b"}", "nested deeper"),
    "a huge integer": (text(an_event())[:-1] + b', "x": ' + b"9" * 5000 + b"}", "JSON that is read here"),
    "no time": (text(without(an_event(), "eventTime")), "eventTime"),
    "no producer": (text(without(an_event(), "producer")), "producer"),
    "no run": (text(without(an_event(), "run")), "run"),
    "no job": (text(without(an_event(), "job")), "job"),
    "no run id": (text(without(an_event(), "run", "runId")), "/run: "),
    "no job name": (text(without(an_event(), "job", "name")), "/job: "),
    "nothing at all": (b"{}", "eventTime"),
    "unknown type": (text(an_event(eventType="DONE")), "/eventType"),
    "type null": (text(an_event(eventType=None)), "/eventType"),
    "inputs null": (text(an_event(inputs=None)), "/inputs"),
    "inputs text": (text(an_event(inputs="inflow")), "/inputs"),
    "input without name": (text(an_event(inputs=[{"namespace": "n"}])), "/inputs/0"),
    "number for a name": (text(an_event(outputs=[{"namespace": "n", "name": 3}])), "/outputs/0/name"),
    "facet without producer": (
        text(an_event(run={"runId": "r", "facets": {"a": {"_schemaURL": "s"}}})), "/run/facets/a"),
    "facet text": (text(an_event(run={"runId": "r", "facets": {"a": "b"}})), "/run/facets/a"),
    "column lineage without fields": (
        text(an_event(outputs=[dataset("a", columnLineage={})])), "/outputs/0/facets/columnLineage"),
    "column lineage of a number": (
        text(an_event(outputs=[dataset("a", columnLineage={"fields": {"x": {"inputFields": [7]}}})])),
        "/outputs/0/facets/columnLineage/fields/x/inputFields/0"),
    "naive time": (text(an_event(eventTime="2026-03-01T04:00:00")), "UTC offset"),
    "a day": (text(an_event(eventTime="2026-03-01")), "UTC offset"),
    "no time at all": (text(an_event(eventTime="yesterday")), "not a time"),
    "before time": (text(an_event(eventTime="0001-01-01T00:00:00+14:00")), "not a time"),
    "empty name": (text(a_run("", [], [])), "a name is empty"),
    "NUL in a name": (text(a_run("a\x00b", [], [])), "NUL"),
    "NUL in a column": (
        text(a_run("j", [], [dataset("b", columnLineage=columns({"x\x00": ["a.y"]}))])), "NUL"),
    "a name without end": (text(a_run("水" * 2000, [], [])), "longer than 4,096 bytes"),
    "a namespace without end": (text(a_run("j", ["n" * 1025 + "|a"], [])), "longer than 1,024 bytes"),
    "a nameless job without one": (
        text(a_dataset_event(dataset("a", lineage={"inputs": [{"type": "JOB"}]}))), "without a job"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "reason"), BAD.values(), ids=BAD.keys())
def test_what_is_malformed_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedEvent, match=None) as caught:
        events.parse(body)
    assert reason in caught.value.message
    assert caught.value.hint
    assert caught.value.faults
    assert len(caught.value.message) < 1000


def test_as_deep_as_allowed_is_taken() -> None:
    assert events.parse(text(deep(MAX_DEPTH - 5))).facts.job


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(EventTooLarge):
        events.parse(b" " * (MAX_EVENT_BYTES + 1))


def test_a_batch_keeps_order_and_text_and_says_what_is_wrong() -> None:
    right = json.dumps(an_event(), indent=2)
    twice = '{"a": 1, "a": 2}'
    body = f" [ {right} , 7, {twice},\n{right.replace('COMPLETE', 'DONE')}, {right}\n]\n".encode()
    first, number, doubled, unknown, last = events.parse_batch(body)
    assert isinstance(first, Event)
    assert isinstance(last, Event)
    assert first.body == last.body == right
    assert "JSON object" in str(number)
    assert "stands twice" in str(doubled)
    assert "/eventType" in str(unknown)


def test_an_empty_batch_is_a_batch() -> None:
    assert events.parse_batch(b" [ ] ") == []


@pytest.mark.parametrize("body", b"|{}|[|[{}|[{},]|[{} {}]|[] x|[1,,2]|\xff".split(b"|"))
def test_what_is_no_array_is_no_batch(body: bytes) -> None:
    with pytest.raises(MalformedEvent):
        events.parse_batch(body)


def test_a_batch_has_so_many_events_and_no_more() -> None:
    with pytest.raises(EventTooLarge, match="10,000 events"):
        events.parse_batch(b"[" + b"1," * MAX_BATCH_EVENTS + b"1]")


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda one, other: f"[{one},{other}]", 2),
        (lambda one, _: one, 1),
        (lambda one, _: f"\ufeff{one}", 1),
        (lambda one, other: f"{one}\n{other}\n\n", 2),
        (lambda one, other: f"{one}\r\n{other}", 2),
    ],
)
def test_a_file_is_an_array_an_event_or_an_event_a_line(
    write: Callable[[str, str], str], expected: int
) -> None:
    one, other = json.dumps(a_run("one", [], [])), json.dumps(a_run("other", [], []))
    parsed = list(files.parse_file(write(one, other).encode()))
    assert [isinstance(each, Event) for each in parsed] == [True] * expected


def test_a_bad_line_of_a_file_is_the_only_one_refused() -> None:
    lines = [json.dumps(a_run("one", [], [])), "{oops", json.dumps(a_run("two", [], []))]
    parsed = list(files.parse_file("\n".join(lines).encode()))
    assert [isinstance(each, Event) for each in parsed] == [True, False, True]


def test_a_file_of_lines_may_be_larger_than_an_event_and_one_event_may_not() -> None:
    lines = [json.dumps(an_event(run={"runId": f"r{n}"}, producer="p:" + "x" * (1 << 20))) for n in range(20)]
    body = "\n".join(["{oops", *lines]).encode()
    assert len(body) > MAX_EVENT_BYTES
    bad, *right = files.parse_file(body)
    assert isinstance(bad, MalformedEvent)
    assert [each.run_id for each in right] == [f"r{n}" for n in range(20)]
    large = b'{"facets":\n"' + b"x" * (200 << 20) + b'"\n}'
    (refused,) = files.parse_file(large)
    assert isinstance(refused, EventTooLarge)
    (refused,) = files.parse_file(b"[" + large.replace(b"\n", b"") + b"]")
    assert isinstance(refused, EventTooLarge)
