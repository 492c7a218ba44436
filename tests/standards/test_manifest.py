from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from standards import digests, manifest
from standards.canonical_json import NotCanonical
from standards.manifest import NotAManifest
from tests.builders import a_digest, a_manifest


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a manifest's JSON after a change."""
    document = json.loads(a_manifest().to_bytes())
    change(document)
    return json.dumps(document).encode()


def refusal(data: bytes) -> NotAManifest:
    with pytest.raises(NotAManifest, match=r"x\.json") as caught:
        manifest.parse(data, where="x.json")
    return caught.value


def test_the_bytes_are_a_canonical_in_toto_statement() -> None:
    document = json.loads(a_manifest().to_bytes())
    assert document["_type"] == "https://in-toto.io/Statement/v1"
    assert document["predicateType"] == "urn:shuize:release:1"
    assert document["subject"] == [{"digest": {"sha256": a_digest("csv")}, "name": "data.csv"}]
    assert document["predicate"]["contentRoot"] == a_digest("root")
    assert document["predicate"]["titleZh"] == "用水指数"
    assert "用水指数".encode() in a_manifest().to_bytes()


def test_in_totos_own_reader_accepts_it() -> None:
    from google.protobuf import json_format
    from in_toto_attestation.v1.statement import Statement
    from in_toto_attestation.v1.statement_pb2 import Statement as Message

    message = json_format.Parse(a_manifest().to_bytes(), Message())
    Statement.copy_from_pb(message).validate()
    assert message.subject[0].digest["sha256"] == a_digest("csv")


def test_the_digest_is_that_of_the_bytes() -> None:
    assert a_manifest().digest() == digests.of_bytes(a_manifest().to_bytes())
    assert a_manifest(rows=11).digest() != a_manifest().digest()


def test_a_manifest_reads_back() -> None:
    assert manifest.parse(a_manifest().to_bytes()) == a_manifest()


@given(
    parameters=st.dictionaries(
        st.text(alphabet=st.characters(exclude_categories=["Cs"])),
        st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.text(alphabet=st.characters(exclude_categories=["Cs"])),
        max_size=4,
    )
)
def test_parameters_keep_their_types(parameters: dict[str, str | int | bool]) -> None:
    recipe = {"name": "r", "digest": a_digest(), "parameters": parameters}
    made = a_manifest(recipe=recipe)
    read = manifest.parse(made.to_bytes())
    assert read.to_bytes() == made.to_bytes()
    found = read.predicate.recipe.parameters
    assert found == parameters
    assert {name: type(value) for name, value in found.items()} == {n: type(v) for n, v in parameters.items()}


@pytest.mark.parametrize(
    "reformat",
    [
        lambda document: json.dumps(document, indent=4).encode(),
        lambda document: json.dumps(document, sort_keys=False, ensure_ascii=False).encode(),
        lambda document: json.dumps(dict(reversed(document.items()))).encode(),
        lambda document: b"\xef\xbb\xbf\n" + json.dumps(document).encode(),
        lambda document: json.dumps(document).replace('"rows": 10,', '"rows": 1e1,').encode(),
    ],
)
def test_a_reformatted_copy_is_the_same_manifest(reformat: Callable[[dict[str, Any]], bytes]) -> None:
    assert manifest.parse(reformat(json.loads(a_manifest().to_bytes()))).digest() == a_manifest().digest()


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["predicate"].update(version="1"),
        lambda d: d["predicate"].update(version=True),
        lambda d: d["predicate"].update(content_root=d["predicate"].pop("contentRoot")),
        lambda d: d.pop("_type"),
        lambda d: d.pop("predicateType"),
        lambda d: d.update(type=d.pop("_type")),
        lambda d: d["predicate"]["privacy"].pop("smallestClass"),
    ],
)
def test_what_only_reads_alike_is_not_the_anchored_manifest(
    change: Callable[[dict[str, Any]], object],
) -> None:
    """A lenient reader would turn these into the anchored bytes; the next reader would see something else."""
    refusal(changed(change))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(extra=1),
        lambda d: d["predicate"].update(content_root=a_digest()),
        lambda d: d["predicate"].update(contentRoot="zz"),
        lambda d: d["predicate"].update(dataContract=a_digest().upper()),
        lambda d: d["predicate"].update(version=0),
        lambda d: d["predicate"].pop("title"),
        lambda d: d["predicate"]["recipe"]["parameters"].update(x=None),
        lambda d: d["predicate"]["recipe"]["parameters"].update(x=2**53),
        lambda d: d["predicate"]["recipe"]["parameters"].update(x="\ud800"),
        lambda d: d["subject"][0]["digest"].update(sha512="0"),
        lambda d: d["subject"].append({}),
        lambda d: d.update(_type="https://in-toto.io/Statement/v0.1"),
        lambda d: d.update(predicateType="urn:other:1"),
    ],
)
def test_what_is_not_a_manifest_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    refusal(changed(change))


def test_faults_name_their_places() -> None:
    error = refusal(changed(lambda d: (d["predicate"].pop("title"), d["subject"][0].pop("name"))))
    assert {fault.pointer for fault in error.faults} == {"/predicate/title", "/subject/0/name"}


def test_a_key_that_appears_twice_is_refused() -> None:
    data = a_manifest().to_bytes()
    for twice in (b'{"_type":"x",' + data[1:], data.replace(b'"rows":10', b'"rows":11,"rows":10', 1)):
        assert json.loads(twice)
        assert "twice" in refusal(twice).message


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"null", b"3", b"{", b"\xff\xfe\x00", b"\xff", b'{"a":NaN}', b'{"a":Infinity}',
     b"[" * 200_000,
     b'{"a":' + b"9" * 5000 + b"}", b"PAR1", b"area,flow\nA,1\n"],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
def test_other_bytes_are_no_manifest(data: bytes) -> None:
    refusal(data)


def test_a_number_that_json_cannot_hold_exactly_makes_no_manifest() -> None:
    recipe = {"name": "r", "digest": a_digest(), "parameters": {"x": 2**53}}
    with pytest.raises(NotCanonical):
        a_manifest(recipe=recipe).to_bytes()


def test_a_version_below_one_makes_no_manifest() -> None:
    with pytest.raises(ValidationError):
        a_manifest(version=0)


def test_a_files_digest_is_found_by_its_name() -> None:
    assert a_manifest().file_digest("data.csv") == a_digest("csv")
    assert a_manifest().file_digest("data.parquet") is None
