"""A writer killed at any moment loses nothing it had acknowledged, and the next one goes on."""

from __future__ import annotations

import itertools
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from contracts import keys
from contracts.chain import Chain, open_chain
from contracts.registry import DataRegistry
from contracts.sender import Sender, deploy
from tests.contracts.builders import PRODUCT, a_digest

ROUNDS = 20

WRITER = """
import sys
from pathlib import Path
from contracts import keys
from contracts.chain import open_chain
from contracts.registry import DataRegistry
from contracts.sender import Sender
from tests.contracts.builders import PRODUCT, a_digest

chain = open_chain(Path(sys.argv[1]))
sender = Sender(chain, keys.unlock(Path(sys.argv[2]), "p"))
registry = DataRegistry(chain, sys.argv[3])
version = registry.release_count(PRODUCT)
print("ready", flush=True)
while True:
    version += 1
    signed = sender.sign(registry.calls.publish(PRODUCT, version, a_digest(str(version)), a_digest("root")))
    sender.send(signed)
    print(version, signed.hash, flush=True)
"""


def test_every_acknowledged_transaction_outlives_twenty_kills(chain_file: Path, tmp_path: Path) -> None:
    keystore = tmp_path / "key"
    keys.create(keystore, "p", scrypt_work=2)
    address = _prepare(chain_file, keystore)
    chance = random.Random(2026)
    acknowledged: dict[int, str] = {}
    for _ in range(ROUNDS):
        fresh = _write_until_killed(chain_file, keystore, address, chance)
        assert not set(fresh) & set(acknowledged)  # no version was published twice
        acknowledged |= fresh
        with open_chain(chain_file) as chain:
            _check(chain, address, acknowledged)
    assert len(acknowledged) >= ROUNDS
    with open_chain(chain_file) as chain:
        _check_blocks(chain)


def _prepare(chain_file: Path, keystore: Path) -> str:
    with open_chain(chain_file) as chain:
        sender = Sender(chain, keys.unlock(keystore, "p"))
        address, _ = deploy(sender, sender.address)
        calls = DataRegistry(chain, address).calls
        for call in (calls.grant_role("PUBLISHER", sender.address), calls.register(PRODUCT)):
            sender.complete(sender.sign(call))
    return address


def _write_until_killed(
    chain_file: Path, keystore: Path, address: str, chance: random.Random
) -> dict[int, str]:
    """Return what the writer acknowledged, by version, before it was killed at a random moment."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, chain_file, keystore, address], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    lines = [process.stdout.readline() for _ in range(chance.randrange(4))]
    time.sleep(chance.uniform(0, 0.04))  # a transaction takes about 15 ms, from signing to the disk
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate(timeout=10)
    whole = [line for line in "".join([*lines, rest]).splitlines(keepends=True) if line.endswith("\n")]
    return {int(version): hash_ for version, hash_ in (line.split() for line in whole)}


def _check(chain: Chain, address: str, acknowledged: dict[int, str]) -> None:
    releases = {each.version: each for each in DataRegistry(chain, address).releases(PRODUCT)}
    for version, hash_ in acknowledged.items():
        receipt = chain.ask("eth_getTransactionReceipt", hash_)
        assert receipt["status"] == "0x1"
        assert releases[version].manifest_digest == a_digest(str(version))
        assert releases[version].block_number == int(receipt["blockNumber"], 16)


def _check_blocks(chain: Chain) -> None:
    head = chain.status().head_number
    blocks = chain.ask_all([("eth_getBlockByNumber", [hex(n), False]) for n in range(head + 1)])
    for parent, block in itertools.pairwise(blocks):
        assert block["parentHash"] == parent["hash"]
        assert int(block["timestamp"], 16) >= int(parent["timestamp"], 16)
        assert len(block["transactions"]) == 1
