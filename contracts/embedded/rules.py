"""The rules of the embedded chain: Ethereum's Prague, but for what Python can't bear."""

from __future__ import annotations

from collections.abc import Callable

from eth.abc import BlockHeaderAPI, ComputationAPI
from eth.vm.forks.frontier.computation import FRONTIER_PRECOMPILES
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.computation import PRAGUE_PRECOMPILES, PragueComputation
from eth.vm.forks.prague.state import PragueState
from eth_typing import Address

from contracts.embedded import limits
from contracts.embedded.failures import Halted

Precompile = Callable[[ComputationAPI], ComputationAPI]


def _refusing(address: Address) -> Precompile:
    def refuse(_: ComputationAPI) -> ComputationAPI:
        raise Halted(f"this chain does not run the precompile 0x{int.from_bytes(address, 'big'):02x}")

    return refuse


_PRECOMPILES = {
    address: run if address in FRONTIER_PRECOMPILES else _refusing(address)
    for address, run in PRAGUE_PRECOMPILES.items()
}


class _Computation(PragueComputation):
    """Runs code a step at a time within the limits of whoever asked.

    Of the precompiles it has those of Ethereum's first version (ecrecover, sha256, ripemd160, identity). The
    others are arithmetic that py-evm does in Python, or loads a table for: seconds for a price meant for
    microseconds, and nothing can interrupt them. Code that calls one is not answered, and not mined.
    """

    _precompiles = _PRECOMPILES

    def consume_gas(self, amount: int, reason: str) -> None:
        limits.step()  # every step pays for itself before it is done
        self._gas_meter.consume_gas(amount, reason)


class _State(PragueState):
    computation_class = _Computation


class EmbeddedVM(PragueVM):
    """Prague with one more rule eased: a block may bear its parent's second, as on other local chains.

    Ethereum wants each block later than its parent. With a block per transaction, ten in a second would put
    the chain's clock nine seconds ahead of the world's, and the registry is to record when things happened.
    """

    _state_class = _State

    @classmethod
    def validate_header(cls, header: BlockHeaderAPI, parent_header: BlockHeaderAPI) -> None:
        if header.timestamp == parent_header.timestamp:
            parent_header = parent_header.copy(timestamp=parent_header.timestamp - 1)
        super().validate_header(header, parent_header)
