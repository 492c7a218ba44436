"""Connecting: to what is a chain, and to what is not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from contracts.chain import Chain, ChainUnavailable, UnknownLocation, WrongChain, open_chain
from contracts.embedded import genesis
from contracts.embedded.store import ChainFileMissing
from contracts.registry import ContractMismatch, DataRegistry, NoContract
from contracts.words import MalformedName
from standards.errors import ShuizeError
from tests.contracts.builders import Desk, a_desk

SECRET = "k3y-0f-a-paid-service"

Answer = Callable[[bytes], tuple[int, bytes]]


@pytest.fixture
def server() -> Iterator[Callable[[Answer], str]]:
    """Return a function that starts an HTTP server with one answer to everything, and returns its address."""
    started = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        started.append((httpd, thread))
        return f"http://user:{SECRET}@127.0.0.1:{httpd.server_port}/{SECRET}?key={SECRET}"

    yield start
    for httpd, thread in started:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def everything_of(error: BaseException | None) -> str:
    """Return all a log could show of an error: it, its hint and what it came from."""
    text = ""
    while error is not None:
        text += f"{error!r} {error} {getattr(error, 'hint', '')} "
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return text


# ------------------------------------------------------------------------------------------------------- open


def test_status_tells_who_answers_and_the_head(chain: Chain) -> None:
    status = chain.status()
    assert status.chain_id == chain.chain_id
    assert "shuize-embedded" in status.client or "anvil" in status.client
    assert status.head_number >= 0
    assert len(status.head_hash) == 66
    assert datetime(2024, 1, 1, tzinfo=UTC) < status.head_time < datetime.now(UTC) + timedelta(hours=1)


def test_another_chain_id_than_expected_is_refused_naming_both(chain_file: Path, anvil_url: str) -> None:
    for location, actual in ((chain_file, genesis.DEFAULT_CHAIN_ID), (anvil_url, 31_337)):
        with pytest.raises(WrongChain, match=f"is chain {actual}, and chain 5 was expected"):
            open_chain(location, expected_chain_id=5)
        open_chain(location, expected_chain_id=actual).close()


def test_the_connection_is_open_to_web3(chain: Chain) -> None:
    assert chain.web3.eth.chain_id == chain.chain_id
    assert chain.web3.is_connected()
    with chain.web3.batch_requests() as batch:
        batch.add(chain.web3.eth.get_block("latest"))
        batch.add(chain.web3.eth.get_block(0))
        latest, first = batch.execute()
    assert first["number"] == 0
    assert latest["number"] >= 0


def test_a_missing_file_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(ChainFileMissing, match=r"none\.sqlite"):
        open_chain(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "location", ["ws://127.0.0.1:1", "http://", "http://[::1", "http://a:b", "ftp://node/x"]
)
def test_an_address_that_is_none_is_refused(location: str) -> None:
    with pytest.raises(UnknownLocation):
        open_chain(location)


# ---------------------------------------------------------------------------------------- nodes that are none


def test_a_node_that_is_not_there_is_unavailable() -> None:
    with socket.socket() as taken:  # bound and not listening: nobody else can take the port
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ChainUnavailable, match="can't be reached"):
            open_chain(f"http://127.0.0.1:{taken.getsockname()[1]}")


def test_a_node_that_does_not_answer_in_time_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contracts.chain._ANSWER_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(ChainUnavailable, match="in time"):
            open_chain(f"http://127.0.0.1:{silent.getsockname()[1]}")


def result(value: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 0, "result": value}).encode()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"boom"),
        (404, b"not found"),
        (401, b"{}"),
        (200, b"<html>a portal</html>"),
        (200, b""),
        (200, b"\xff\xfe"),
        (200, b"{}"),
        (200, b"[]"),
        (200, b"null"),
        (200, b"7"),
        (200, result(None)),
        (200, result("chain")),
        (200, result({"a": 1})),
        (200, b'{"jsonrpc":"2.0","id":0,"error":"text"}'),
        (200, b'{"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"no such method"}}'),
    ],
)
def test_whatever_a_server_says_instead_is_unavailable_and_keeps_the_secret(
    server: Callable[[Answer], str], status: int, body: bytes
) -> None:
    with pytest.raises(ChainUnavailable, match=r"127\.0\.0\.1") as caught:
        open_chain(server(lambda _: (status, body)))
    assert SECRET not in everything_of(caught.value)
    assert caught.value.hint


def test_a_node_that_is_asked_too_much_can_be_asked_again(server: Callable[[Answer], str]) -> None:
    with pytest.raises(ChainUnavailable, match="HTTP status 429") as caught:
        open_chain(server(lambda _: (429, b"{}")))
    assert caught.value.hint == "the node is asked too much at the moment; try again later"


def test_a_node_that_goes_mad_later_is_unavailable_too(server: Callable[[Answer], str]) -> None:
    answers: list[object] = [
        {},
        [],
        None,
        7,
        [{}, {}],
        [7, 8],
        [{"id": 1, "result": "0x1"}] * 3,
        [{"id": 1}] * 2,
    ]
    given: list[object] = []

    def answer(body: bytes) -> tuple[int, bytes]:
        request = json.loads(body)
        if isinstance(request, dict):
            return 200, json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": "0x5"}).encode()
        return 200, json.dumps(given[-1]).encode()

    chain = open_chain(server(answer))
    for each in answers:
        given.append(each)
        with pytest.raises(ChainUnavailable):
            chain.status()


def test_a_batch_is_answered_in_its_order(chain: Chain) -> None:
    answers = chain.ask_all([("eth_getBlockByNumber", [hex(0), False])] * 2 + [("eth_chainId", [])] * 250)
    assert [answers[0]["number"], answers[1]["number"], *answers[2:]] == [
        "0x0",
        "0x0",
        *[hex(chain.chain_id)] * 250,
    ]


# --------------------------------------------------------------------------------------------------- contract


def test_an_address_without_code_is_no_contract(chain: Chain) -> None:
    with pytest.raises(NoContract, match=f"on chain {chain.chain_id}"):
        DataRegistry(chain, "0x" + "12" * 20)


def test_another_contract_is_not_taken_for_the_registry(chain: Chain) -> None:
    from contracts.calls import Call
    from contracts.sender import Sender
    from tests.contracts.builders import an_account

    sender = Sender(chain, an_account(chain))
    # PUSH1 1 PUSH1 31 RETURN: one zero byte of code, which is STOP
    made = sender.complete(sender.sign(Call(what="deploy a stub", to=None, data="0x6001601ff3")))
    with pytest.raises(ContractMismatch, match=str(made.contract_address)):
        DataRegistry(chain, str(made.contract_address))


def test_a_registry_is_found_whatever_the_case_of_its_address(embedded: Chain) -> None:
    desk: Desk = a_desk(embedded)
    assert DataRegistry(embedded, desk.registry.address.lower()).address == desk.registry.address


@pytest.mark.parametrize(
    "address", ["", "0x12", "12" * 20, "0x" + "zz" * 20, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD1"]
)
def test_a_malformed_address_is_refused(embedded: Chain, address: str) -> None:
    with pytest.raises(MalformedName):
        DataRegistry(embedded, address)


def test_errors_of_this_room_are_of_a_kind_and_have_a_code() -> None:
    import contracts.keys
    import contracts.refusals
    import contracts.sender

    def below(kind: type[ShuizeError]) -> set[type[ShuizeError]]:
        return {kind}.union(*(below(each) for each in kind.__subclasses__()))

    ours = [each for each in below(ShuizeError) if each.__module__.startswith("contracts.")]
    assert len(ours) > 30
    codes = [each.code for each in ours if each is not contracts.refusals.Refusal]
    assert len(codes) == len(set(codes))
