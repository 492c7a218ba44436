"""Several threads and processes on one chain file."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from contracts.chain import Chain, ChainUnavailable, open_chain
from contracts.embedded.provider import EmbeddedProvider
from contracts.embedded.rpc import EmbeddedChain
from contracts.embedded.store import Store
from contracts.node import Node
from contracts.sender import Sender
from tests.contracts.builders import PRODUCT, a_desk, a_digest, an_account

OTHER_PROCESS = """
import sys
from pathlib import Path
from contracts.calls import Call
from contracts.chain import open_chain
from contracts.sender import Sender
from tests.contracts.builders import an_account

chain = open_chain(Path(sys.argv[1]))
sender = Sender(chain, an_account(chain))
for _ in range(int(sys.argv[2])):
    sender.complete(sender.sign(Call(what="nothing", to=sender.address, data="0x")))
"""


def test_two_processes_write_at_once_and_a_third_sees_it_all(chain_file: Path) -> None:
    each = 15
    with open_chain(chain_file) as reader:
        writers = [
            subprocess.Popen([sys.executable, "-c", OTHER_PROCESS, chain_file, str(each)]) for _ in range(2)
        ]
        assert [writer.wait(60) for writer in writers] == [0, 0]
        head = reader.status().head_number
        assert head == 2 * each
        blocks = reader.ask_all([("eth_getBlockByNumber", [hex(n), True]) for n in range(1, head + 1)])
        senders = [block["transactions"][0]["from"] for block in blocks]
        assert sorted(senders.count(sender) for sender in set(senders)) == [each, each]


def test_a_new_block_of_another_connection_is_seen_at_once(embedded: Chain, chain_file: Path) -> None:
    with open_chain(chain_file) as other:
        desk = a_desk(embedded)
        assert other.status() == embedded.status()
        desk.publish(1)
        assert other.status() == embedded.status()


def test_threads_read_while_one_writes(embedded: Chain) -> None:
    desk = a_desk(embedded)
    seen: list[int] = []
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                releases = desk.registry.releases(PRODUCT)
                assert [each.version for each in releases] == list(range(1, len(releases) + 1))
                seen.append(len(releases))
        except BaseException as error:  # whatever it is, the test must hear of it
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for version in range(1, 16):
        desk.publish(version)
    done.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert seen
    assert desk.registry.release_count(PRODUCT) == 15


def test_threads_with_accounts_of_their_own_write_at_once(embedded: Chain) -> None:
    desk = a_desk(embedded)
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            sender = Sender(embedded, an_account(embedded))
            desk_calls = desk.registry.calls
            for _ in range(5):
                sender.complete(sender.sign(desk_calls.cancel_appointment()))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(each).__name__ for each in failures] == ["MissingRole"] * 3


def test_a_writer_that_holds_on_makes_sending_unavailable_and_reading_not(chain_file: Path) -> None:
    with EmbeddedChain(chain_file, busy_seconds=0.2) as embedded:
        chain = Chain(Node(EmbeddedProvider(embedded), "the chain"))
        desk = a_desk(embedded_chain(chain, embedded))
        signed = desk.sender.sign(desk.registry.calls.publish(PRODUCT, 1, a_digest("m"), a_digest("r")))
        holder = Store(chain_file)
        with holder.writing():
            with pytest.raises(ChainUnavailable, match="another writer"):
                desk.sender.send(signed)
            assert desk.registry.release_count(PRODUCT) == 0
        holder.close()
        assert desk.sender.complete(signed).succeeded


def embedded_chain(chain: Chain, embedded: EmbeddedChain) -> Chain:
    chain.embedded = embedded
    return chain


def test_everything_works_without_the_compiled_signature_library(tmp_path: Path) -> None:
    script = f"""
import sys
sys.modules["coincurve"] = None
from pathlib import Path
from contracts.chain import open_chain
from contracts.embedded import genesis
from tests.contracts.builders import a_desk
from eth_keys import keys
assert type(keys._backend or keys.backend).__name__ == "NativeECCBackend", keys.backend
genesis.create(Path({str(tmp_path / "chain")!r}))
with open_chain(Path({str(tmp_path / "chain")!r})) as chain:
    desk = a_desk(chain)
    print(desk.publish(1).succeeded, "coincurve" in {{m for m, v in sys.modules.items() if v}})
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.split() == ["True", "False"]
