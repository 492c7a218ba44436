"""How fast the embedded chain writes, opens and answers, and how large it grows."""

from __future__ import annotations

import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.claims import claim, parse_quick
from contracts import keys
from contracts.chain import Chain, open_chain
from contracts.embedded import genesis
from contracts.keys import Account
from contracts.registry import DataRegistry
from contracts.sender import Sender, deploy
from standards.digests import Digest

TRANSACTIONS, QUICK_TRANSACTIONS = 10_000, 300
CLIENT_TRANSACTIONS = 100
QUESTIONS = 200
PRODUCT = "water-use-index"
PACKAGES = ["py-evm", "web3", "eth-account"]

_OPEN = "import sys; from contracts.chain import open_chain; open_chain(sys.argv[1]).status()"


def prepare(path: Path, key: Path) -> tuple[Chain, Account, DataRegistry]:
    """Return a new chain with a registry ready for releases."""
    genesis.create(path)
    keys.create(key, "benchmark", scrypt_work=2)
    chain, account = open_chain(path), keys.unlock(key, "benchmark")
    sender = Sender(chain, account)
    address, _ = deploy(sender, account.address)
    registry = DataRegistry(chain, address)
    for call in (registry.calls.grant_role("PUBLISHER", account.address), registry.calls.register(PRODUCT)):
        sender.complete(sender.sign(call))
    return chain, account, registry


def sign_releases(account: Account, registry: DataRegistry, count: int) -> list[str]:
    """Return signed transactions that publish `count` releases, so that signing is not measured."""
    chance = random.Random(1)
    nonce = registry.chain.number("eth_getTransactionCount", account.address, "latest")
    raw = []
    for i in range(count):
        digests = [Digest(chance.randbytes(32).hex()) for _ in range(2)]
        call = registry.calls.publish(PRODUCT, i + 1, *digests)
        fields = {"chainId": registry.chain.chain_id, "nonce": nonce + i, "gas": 120_000, "value": 0}
        fields |= {"to": call.to, "data": call.data, "maxFeePerGas": 0, "maxPriorityFeePerGas": 0}
        raw.append("0x" + account.sign(fields)[0].hex())
    return raw


def file_bytes(path: Path) -> int:
    """Return the size of the file with all that was written ahead of it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def median_ms(question: Callable[[], object], times: int = QUESTIONS) -> float:
    """Return the median time of a question, in milliseconds."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        question()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


def measure_writing(chain: Chain, account: Account, registry: DataRegistry, count: int, path: Path) -> None:
    raw = sign_releases(account, registry, count)
    size, started, cpu = file_bytes(path), time.perf_counter(), time.process_time()
    for each in raw:
        chain.node.ask("eth_sendRawTransaction", each)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - started
    assert registry.release_count(PRODUCT) == count
    rate = count / cpu
    claim("releases mined per CPU-second", rate, "1/s", ">= 100", rate >= 100, packages=PACKAGES)
    rate = count / wall
    claim("releases mined and on the disk per second", rate, "1/s", ">= 50", rate >= 50, packages=PACKAGES)
    grown = (file_bytes(path) - size) / count
    claim("file size per release", grown, "bytes", "<= 16384", grown <= 16_384, packages=PACKAGES)

    sender, started_at = Sender(chain, account), time.process_time()
    for i in range(CLIENT_TRANSACTIONS):
        digest = Digest(f"{i + 1:064x}")
        call = registry.calls.publish(PRODUCT, count + i + 1, digest, digest)
        sender.complete(sender.sign(call))
    rate = CLIENT_TRANSACTIONS / (time.process_time() - started_at)
    name = "releases signed, mined and receipted per CPU-second"
    claim(name, rate, "1/s", ">= 50", rate >= 50, packages=PACKAGES)


def measure_opening(path: Path, count: int) -> None:
    taken = median_ms(lambda: open_chain(path).close(), 11) / 1000
    claim(f"open after {count} transactions", taken, "s", "<= 1", taken <= 1, packages=PACKAGES)
    taken = median_ms(lambda: subprocess.run([sys.executable, "-c", _OPEN, path], check=True), 5) / 1000
    name = f"open after {count} transactions, in a new process with its imports"
    claim(name, taken, "s", "<= 2", taken <= 2, packages=PACKAGES)


def measure_reading(chain: Chain, registry: DataRegistry, count: int) -> None:
    def told(name: str, question: Callable[[], object], most: float, times: int = QUESTIONS) -> None:
        taken = median_ms(question, times)
        claim(name, taken, "ms", f"<= {most:g}", taken <= most, packages=PACKAGES)

    told("block number", lambda: chain.number("eth_blockNumber"), 1)
    told("eth_call: one release", lambda: registry.release(PRODUCT, count // 2), 20)
    told(f"eth_call: count {count} releases", lambda: registry.release_count(PRODUCT), 50)
    proof = ["eth_getProof", registry.address, ["0x0"], "latest"]
    told("eth_getProof of one slot", lambda: chain.ask(*proof), 20)
    logs = {"fromBlock": "0x0", "toBlock": hex(min(count, 9_999)), "address": "0x" + "12" * 20}
    name = f"eth_getLogs over {min(count, 9_999)} blocks, none matching"
    told(name, lambda: chain.ask("eth_getLogs", logs), 2_000, 1)
    name = f"list {count + CLIENT_TRANSACTIONS} releases"
    told(name, lambda: registry.releases(PRODUCT), 12_000, 1)


def main() -> None:
    count = QUICK_TRANSACTIONS if parse_quick(__doc__) else TRANSACTIONS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain"
        chain, account, registry = prepare(path, Path(folder) / "key")
        measure_writing(chain, account, registry, count, path)
        measure_opening(path, count)
        measure_reading(chain, registry, count)
        chain.close()


if __name__ == "__main__":
    main()
