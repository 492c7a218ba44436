"""Verify: yes for the published bytes, no for all others, and never no for want of an answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from contracts.chain import UnknownLocation, open_chain
from contracts.node import ChainUnavailable
from contracts.registry import ContractMismatch, DataRegistry, NoContract
from contracts.verification import (
    FileNotReadable,
    Outcome,
    Verification,
    verify_file,
)
from contracts.words import MalformedName
from products.exporting import export
from standards.manifest import NotAManifest
from tests.contracts.builders import a_desk
from tests.products.builders import INDEX
from tests.products.homes import Home, a_copy

NAMES = (
    f"{INDEX}.csv",
    f"{INDEX}.parquet",
    "datacontract.odcs.yaml",
    "quality-report.json",
    "privacy-report.json",
    "manifest.json",
)


def failed(answer: Verification) -> list[str]:
    return [check.found for check in answer.checks if not check.passed]


@pytest.mark.parametrize("name", NAMES)
def test_every_file_of_a_release_is_anchored(folder: Path, registry: DataRegistry, name: str) -> None:
    answer = verify_file(folder / name, registry)
    assert (answer.outcome, answer.holds, failed(answer)) == (Outcome.ANCHORED, True, [])
    assert answer.release == registry.release(INDEX, 1)
    assert answer.title == "City water-use index by metered area"
    assert "area.code 1.1" in answer.standards
    assert answer.contract == registry.address


@pytest.mark.parametrize("place", [0, 0.5, -1], ids=["first", "middle", "last"])
@pytest.mark.parametrize("name", NAMES)
def test_one_changed_bit_is_not_anchored(
    folder: Path, registry: DataRegistry, name: str, place: float
) -> None:
    data = bytearray((folder / name).read_bytes())
    data[int(len(data) * place) if place >= 0 else -1] ^= 1
    (folder / name).write_bytes(data)
    answer = verify_file(folder / name, registry)
    assert (answer.outcome, answer.holds) == (Outcome.NOT_ANCHORED, False)
    assert failed(answer)


@pytest.mark.parametrize("name", [f"{INDEX}.csv", "manifest.json"])
@pytest.mark.parametrize(
    "change", [lambda data: data[:-1], lambda data: data + b"\n", lambda _: b""], ids=["cut", "long", "empty"]
)
def test_a_file_cut_short_made_longer_or_empty_is_not_anchored(
    folder: Path, registry: DataRegistry, name: str, change: Callable[[bytes], bytes]
) -> None:
    (folder / name).write_bytes(change((folder / name).read_bytes()))
    assert verify_file(folder / name, registry).outcome is Outcome.NOT_ANCHORED


def test_a_renamed_file_is_what_its_bytes_are(folder: Path, registry: DataRegistry) -> None:
    (folder / f"{INDEX}.csv").rename(folder / "mine.txt")
    answer = verify_file(folder / "mine.txt", registry)
    assert answer.outcome is Outcome.ANCHORED
    assert answer.checks[0].found == f"as {INDEX}.csv"


def test_a_file_that_is_none_of_the_release_is_not_anchored(folder: Path, registry: DataRegistry) -> None:
    (folder / "notes.txt").write_text("mine")
    answer = verify_file(folder / "notes.txt", registry)
    assert answer.outcome is Outcome.NOT_ANCHORED
    assert failed(answer) == ["no file of the release has this digest"]
    assert answer.release is not None  # whose manifest it lies beside


# --------------------------------------------------------------------------------------------- the manifest


def rewritten(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Change the manifest's document and return a data file beside it."""
    path = folder / "manifest.json"
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False))
    return folder / f"{INDEX}.csv"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["predicate"].update(title="Another"), "another manifest"),
        (lambda d: d["predicate"].update(contentRoot="0" * 64), "another manifest"),
        (lambda d: d["predicate"].update(version=2), "another manifest"),
        (lambda d: d["predicate"].update(version=3), "there is no water-use-index 3 in contract"),
        (lambda d: d["predicate"].update(version=2**53 - 1), "there is no water-use-index"),
        (lambda d: d["predicate"].update(product="gas-use"), "there is no gas-use 1 in contract"),
        (lambda d: d["predicate"].update(product="Water Use"), "can't be a product's name"),
        (lambda d: d["predicate"].update(product="x" * 33), "can't be a product's name"),
        (lambda d: d["predicate"].update(product=""), "can't be a product's name"),
        (lambda d: d["predicate"]["recipe"]["parameters"].update(base_year=2021), "another manifest"),
    ],
)
def test_a_file_beside_a_tampered_manifest_is_not_anchored(
    folder: Path, registry: DataRegistry, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    path = rewritten(folder, change)
    answer = verify_file(path, registry)
    assert answer.outcome is Outcome.NOT_ANCHORED
    assert said in " ".join(failed(answer))
    assert (answer.release, answer.title, answer.standards) == (None, None, ())
    assert verify_file(folder / "manifest.json", registry).outcome is Outcome.NOT_ANCHORED


def test_a_forged_file_under_a_manifest_that_names_it_is_not_anchored(
    folder: Path, registry: DataRegistry
) -> None:
    import hashlib

    forged = b"area,month\nALL,2022-01\n"
    digest = hashlib.sha256(forged).hexdigest()
    path = rewritten(folder, lambda d: d["subject"][1]["digest"].update(sha256=digest))
    path.write_bytes(forged)
    answer = verify_file(path, registry)
    assert [check.passed for check in answer.checks] == [True, False]
    assert answer.outcome is Outcome.NOT_ANCHORED


def test_a_reformatted_manifest_speaks_for_the_files_but_is_not_itself_what_was_published(
    folder: Path, registry: DataRegistry
) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=2), encoding="utf-8")
    assert verify_file(folder / f"{INDEX}.csv", registry).outcome is Outcome.ANCHORED
    answer = verify_file(path, registry)
    assert answer.outcome is Outcome.NOT_ANCHORED
    assert "in other bytes than those published" in failed(answer)[0]


def test_the_manifest_of_another_release_does_not_vouch(
    published: tuple[Home, Path], folder: Path, registry: DataRegistry, tmp_path: Path
) -> None:
    with published[0].open() as platform:
        export(platform.releases.get(INDEX, 2), platform.store, tmp_path / "second")
    second = tmp_path / "second" / "manifest.json"
    answer = verify_file(folder / f"{INDEX}.csv", registry, second)
    same = (folder / f"{INDEX}.csv").read_bytes() == (tmp_path / "second" / f"{INDEX}.csv").read_bytes()
    assert answer.holds is same
    other = folder / "datacontract.odcs.yaml"  # it names the version, so the two differ
    assert verify_file(other, registry, second).outcome is Outcome.NOT_ANCHORED
    assert verify_file(other, registry, folder / "manifest.json").outcome is Outcome.ANCHORED


def test_without_a_manifest_nothing_is_said(folder: Path, registry: DataRegistry) -> None:
    (folder / "manifest.json").unlink()
    with pytest.raises(FileNotReadable, match=r"manifest\.json") as caught:
        verify_file(folder / f"{INDEX}.csv", registry)
    assert "--manifest" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"not json",
        b"\xff\xfe",
        b'{"a":1,"a":1}',
        b'{"_type":"https://in-toto.io/Statement/v1"}',
        b"[" * 100_000,
        b'{"a":"' + b'\\\\","b":[' * 50_000,
        ("\u2200[" * 50_000).encode("utf-16"),
    ],
    ids=["empty", "list", "text", "binary", "twice", "bare", "deep", "hidden", "wide"],
)
def test_what_is_no_manifest_says_nothing_of_a_file_and_is_itself_not_anchored(
    folder: Path, registry: DataRegistry, text: bytes
) -> None:
    (folder / "manifest.json").write_bytes(text)
    with pytest.raises(NotAManifest):
        verify_file(folder / f"{INDEX}.csv", registry)
    answer = verify_file(folder / "manifest.json", registry)
    assert (answer.outcome, answer.release) == (Outcome.NOT_ANCHORED, None)


@pytest.mark.parametrize("key", ['"version":1', '"rows":6', '"product":"water-use-index"'])
def test_a_key_that_stands_twice_is_no_manifest(folder: Path, registry: DataRegistry, key: str) -> None:
    """One reader takes the first, another the last; neither may say that it is anchored."""
    path = folder / "manifest.json"
    text = path.read_text("utf-8")
    assert key in text
    path.write_text(text.replace(key, f"{key},{key}", 1), "utf-8")
    with pytest.raises(NotAManifest):
        verify_file(folder / f"{INDEX}.csv", registry)


def test_a_number_written_as_text_is_no_manifest(folder: Path, registry: DataRegistry) -> None:
    path = rewritten(folder, lambda d: d["predicate"].update(version="1"))
    with pytest.raises(NotAManifest):
        verify_file(path, registry)


def test_a_missing_file_or_a_folder_can_t_be_read(folder: Path, registry: DataRegistry) -> None:
    for path in (folder / "nothing.csv", folder, folder / "nothing" / "manifest.json"):
        with pytest.raises(FileNotReadable):
            verify_file(path, registry)
    with pytest.raises(FileNotReadable):
        verify_file(folder / f"{INDEX}.csv", registry, folder)


# ------------------------------------------------------------------------------------------------ the chain


def test_a_withdrawn_release_says_so_with_its_reason(home: Home, tmp_path: Path) -> None:
    release = home.publish()
    with home.open() as platform:
        export(release, platform.store, tmp_path / "out")
        sender, registry = platform.sender, platform.registry
        sender.complete(sender.sign(registry.calls.withdraw(INDEX, 1, "meters were wrong")))
        answer = verify_file(tmp_path / "out" / f"{INDEX}.csv", registry)
    assert (answer.outcome, answer.holds) == (Outcome.WITHDRAWN, False)
    assert answer.release is not None
    assert answer.release.withdrawn is not None
    assert answer.release.withdrawn.reason == "meters were wrong"


def test_another_root_on_the_chain_is_not_anchored(
    published: tuple[Home, Path], folder: Path, tmp_path: Path
) -> None:
    """The manifest's digest is there, put by a publisher who lies about the content."""
    home = a_copy(published[0], tmp_path / "home")
    with home.open() as platform:
        desk = a_desk(platform.chain)
        release = platform.releases.get(INDEX, 1)
        root = release.content_root[::-1]
        desk.do(desk.registry.calls.publish(INDEX, 1, release.manifest_digest, type(root)(root)))
        answer = verify_file(folder / f"{INDEX}.csv", desk.registry)
    assert answer.outcome is Outcome.NOT_ANCHORED
    assert failed(answer) == ["another one is on the chain"]
    assert answer.release is None


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("0x" + "12" * 20, NoContract),
        ("0x" + "12" * 19, MalformedName),
        ("water", MalformedName),
        ("0x0000000000000000000000000000000000000001", NoContract),
    ],
)
def test_a_wrong_address_is_an_error_not_a_no(
    registry: DataRegistry, address: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        DataRegistry(registry.chain, address)


def test_a_contract_of_another_kind_is_an_error_not_a_no(home: Home) -> None:
    with home.open() as platform:
        sender = platform.sender
        call = platform.registry.calls.register("x").model_copy(
            update={"to": None, "data": "0x6001600081600b8239f300"}  # code that is one STOP
        )
        receipt = sender.complete(sender.sign(call))
        assert receipt.contract_address is not None
        with pytest.raises(ContractMismatch):
            DataRegistry(platform.chain, receipt.contract_address)


class _Broken(BaseHTTPRequestHandler):
    """A node that tells its chain id and the contract's code, and then breaks."""

    code = ""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        results = {"eth_chainId": "0x3440", "eth_getCode": self.code}
        if asked["method"] not in results:
            self.send_error(502)
            return
        body = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": results[asked["method"]]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        pass


def test_a_node_that_breaks_in_the_middle_is_unavailable(folder: Path, registry: DataRegistry) -> None:
    _Broken.code = "0x" + registry.chain.code(registry.address).hex()
    with HTTPServer(("127.0.0.1", 0), _Broken) as node:
        threading.Thread(target=node.serve_forever, daemon=True).start()
        with open_chain(f"http://127.0.0.1:{node.server_port}") as chain:
            for name in (f"{INDEX}.csv", "manifest.json"):
                with pytest.raises(ChainUnavailable):
                    verify_file(folder / name, DataRegistry(chain, registry.address))
        node.shutdown()


# ----------------------------------------------------------------------------------- the hint where to ask


def test_an_address_without_its_scheme_is_told_so() -> None:
    for location in ("127.0.0.1:8000/rpc", "localhost:8545", "node.example:443/v2/s3cret"):
        with pytest.raises(UnknownLocation) as caught:
            open_chain(location)
        assert "http://" in (caught.value.hint or "")
        assert "s3cret" not in f"{caught.value.message}{caught.value.hint}"
