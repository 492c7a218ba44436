"""What the registry's calls cost in gas, each beside the floor of its storage layout.

The floor is what the layout itself takes, whatever the code: 21,000 for a transaction, its data, the storage
slots it writes and reads, and its log. The embedded chain charges what a real node does (a test compares).
"""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.claims import claim, parse_quick
from contracts import artifact, keys
from contracts.calls import Call
from contracts.chain import open_chain
from contracts.embedded import genesis
from contracts.registry import DataRegistry
from contracts.sender import Sender, deploy
from contracts.transactions import Receipt
from contracts.words import ROLES
from standards.digests import Digest

TRANSACTION = 21_000
DATA_BYTE, ZERO_DATA_BYTE = 16, 4
NEW_SLOT = 22_100  # 20,000, and 2,100 for the first touch
CHANGED_SLOT = 5_000  # 2,900, and 2,100 for the first touch
READ_SLOT = 2_100
LOG, LOG_TOPIC, LOG_BYTE = 375, 375, 8
WITHIN = 1.10

PRODUCT = "water-use-index"


@dataclass(frozen=True)
class Layout:
    """What a call does to storage and log, by the structs and events of `IDataRegistry.sol`."""

    new: int
    changed: int
    read: int
    topics: int
    log_words: int

    def floor(self, data: str) -> int:
        """Return the least gas the layout can take with this call data (hexadecimal)."""
        octets = bytes.fromhex(data[2:])
        zeros = octets.count(0)
        return (
            TRANSACTION
            + ZERO_DATA_BYTE * zeros
            + DATA_BYTE * (len(octets) - zeros)
            + NEW_SLOT * self.new
            + CHANGED_SLOT * self.changed
            + READ_SLOT * self.read
            + LOG
            + LOG_TOPIC * self.topics
            + LOG_BYTE * 32 * self.log_words
        )


# Every call reads one slot for the role of its sender.
REGISTER_FIRST = Layout(new=3, changed=0, read=1, topics=3, log_words=0)
REGISTER = Layout(new=2, changed=1, read=1, topics=3, log_words=0)
PUBLISH = Layout(new=3, changed=0, read=2, topics=4, log_words=2)  # reads its predecessor, or the product
GRANT = Layout(new=3, changed=0, read=2, topics=4, log_words=4)  # the same
REVOKE = Layout(new=0, changed=1, read=2, topics=4, log_words=1)  # reads the party for its log
CHECKPOINT = Layout(new=2, changed=1, read=1, topics=3, log_words=2)
WITHDRAW = Layout(new=2, changed=1, read=1, topics=4, log_words=3)  # with a reason of up to 31 bytes


class Meter:
    """A new registry on a new embedded chain, and the digests that go into it."""

    def __init__(self, folder: Path) -> None:
        genesis.create(folder / "chain")
        keys.create(folder / "key", "benchmark", scrypt_work=2)
        self.chain = open_chain(folder / "chain")
        self.sender = Sender(self.chain, keys.unlock(folder / "key", "benchmark"))
        address, self.deployed = deploy(self.sender, self.sender.address)
        self.calls = DataRegistry(self.chain, address).calls
        for role in ROLES:
            self.run(self.calls.grant_role(role, self.sender.address))
        self._chance = random.Random(1)

    def run(self, call: Call) -> Receipt:
        return self.sender.complete(self.sender.sign(call))

    def digest(self) -> Digest:
        """Return a digest without zero bytes, the dearest to send."""
        return Digest(bytes(self._chance.randrange(1, 256) for _ in range(32)).hex())

    def grant(self, index: int) -> Call:
        now = datetime.now(UTC)
        return self.calls.grant(
            PRODUCT,
            index,
            party="0x" + self.digest(),
            not_before=now,
            not_after=now + timedelta(days=365),
            terms_digest=self.digest(),
        )

    def measure(self, name: str, call: Call, layout: Layout, most: int | None = None) -> None:
        """Run the call and print what it took."""
        used, floor = self.run(call).gas_used, layout.floor(call.data)
        goal = f"at most {WITHIN:.2f} x the layout's floor of {floor}"
        if most is not None:
            goal += f", and at most {most}"
        holds = floor <= used <= floor * WITHIN and (most is None or used <= most)
        claim(f"gas: {name}", used, "gas", goal, holds, packages=["py-evm", "web3"])


def main() -> None:
    parse_quick(__doc__)  # a full run takes seconds too
    with tempfile.TemporaryDirectory() as folder:
        meter = Meter(Path(folder))
        calls = meter.calls
        size = len(artifact.load().runtime_bytecode) // 2 - 1
        claim("contract code", size, "bytes", "at most 24576 (EIP-170)", size <= 24_576)
        meter.measure("register, first product", calls.register(PRODUCT), REGISTER_FIRST)
        meter.measure("register, later product", calls.register("customer-industry"), REGISTER)
        for name, version in (("first release of a product", 1), ("next release", 2), ("later release", 3)):
            call = calls.publish(PRODUCT, version, meter.digest(), meter.digest())
            meter.measure(f"publish, {name}", call, PUBLISH, 110_000)
        for name, index in (("first of a product", 0), ("next", 1), ("later", 2)):
            meter.measure(f"grant, {name}", meter.grant(index), GRANT, 110_000)
        meter.measure("revoke", calls.revoke(PRODUCT, 1), REVOKE, 40_000)
        for name, leaves in (("first", 1_000), ("next", 2_000), ("later", 3_000_000)):
            call = calls.checkpoint(leaves, meter.digest())
            meter.measure(f"checkpoint, {name}", call, CHECKPOINT, 80_000)
        meter.measure("withdraw", calls.withdraw(PRODUCT, 2, "two areas were swapped"), WITHDRAW)
        meter.chain.close()


if __name__ == "__main__":
    main()
