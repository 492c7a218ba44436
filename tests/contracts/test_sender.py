"""Getting a call onto the chain exactly once, on the embedded chain and on a real node."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import fees, refusals
from contracts.calls import Call, RegistryCalls
from contracts.chain import Chain, WrongChain, open_chain
from contracts.embedded import genesis
from contracts.sender import (
    NotEnoughFunds,
    NotMinedYet,
    Sender,
    TransactionLost,
    TransactionRejected,
    deploy,
)
from contracts.transactions import Receipt, SignedTransaction
from tests.contracts.builders import PRODUCT, Desk, a_desk, a_digest, an_account


def publishing(desk: Desk, version: int = 1, name: str = "m") -> SignedTransaction:
    return desk.sender.sign(desk.registry.calls.publish(PRODUCT, version, a_digest(name), a_digest("root")))


def test_a_signed_transaction_is_stored_and_completed_by_another_process(desk: Desk) -> None:
    stored = publishing(desk).model_dump_json()
    assert desk.registry.release_count(PRODUCT) == 0  # signing sends nothing

    later = Sender(desk.chain, an_account(desk.chain))  # whoever sends it needs not the account that signed
    receipt = later.complete(SignedTransaction.model_validate_json(stored))
    assert receipt.succeeded
    assert desk.registry.release_count(PRODUCT) == 1


def test_completing_again_gives_the_same_receipt_and_changes_nothing(desk: Desk) -> None:
    signed = publishing(desk)
    first = desk.sender.complete(signed)
    head = desk.chain.status().head_number
    assert desk.sender.complete(signed) == first
    desk.publish(2)
    assert desk.sender.complete(signed) == first  # also when others came after it
    assert desk.registry.release_count(PRODUCT) == 2
    assert desk.chain.status().head_number == head + 1


def test_a_receipt_tells_the_block_and_the_gas(desk: Desk) -> None:
    signed = publishing(desk)
    receipt = desk.sender.complete(signed)
    status = desk.chain.status()
    assert receipt == Receipt(
        hash=signed.hash,
        succeeded=True,
        block_number=status.head_number,
        block_hash=status.head_hash,
        block_time=status.head_time,
        gas_used=receipt.gas_used,
        contract_address=None,
    )
    assert 90_000 < receipt.gas_used < 110_000


def test_of_two_calls_signed_at_once_the_second_is_lost_for_good(desk: Desk) -> None:
    first, second = publishing(desk, name="one"), publishing(desk, name="two")
    assert first.nonce == second.nonce
    desk.sender.complete(first)
    with pytest.raises(TransactionLost, match=f"nonce {second.nonce}"):
        desk.sender.complete(second)
    assert desk.registry.release(PRODUCT, 1).manifest_digest == a_digest("one")


def test_a_call_reverted_when_mined_tells_the_contract_s_reason(desk: Desk) -> None:
    publisher = Sender(desk.chain, an_account(desk.chain))
    desk.do(desk.registry.calls.grant_role("PUBLISHER", publisher.address))
    signed = publisher.sign(desk.registry.calls.publish(PRODUCT, 1, a_digest("m"), a_digest("r")))
    desk.do(desk.registry.calls.revoke_role("PUBLISHER", publisher.address))
    for _ in range(2):
        with pytest.raises(refusals.MissingRole, match="PUBLISHER"):
            publisher.complete(signed)
    assert not publisher.wait(signed).succeeded
    assert desk.registry.release_count(PRODUCT) == 0


def test_a_transaction_nobody_sent_is_not_mined_yet(desk: Desk) -> None:
    with pytest.raises(NotMinedYet, match="0x"):
        desk.sender.wait(publishing(desk), timeout_seconds=0.1)


def test_a_transaction_for_another_chain_is_not_sent(desk: Desk, tmp_path: Path) -> None:
    genesis.create(tmp_path / "other.sqlite", 4242)
    signed = publishing(desk)
    with open_chain(tmp_path / "other.sqlite") as other, pytest.raises(WrongChain, match="4242"):
        Sender(other, an_account(other)).send(signed)


def test_a_transaction_whose_predecessor_is_missing_can_be_sent_later(
    embedded: Chain, tmp_path: Path
) -> None:
    account = an_account(embedded)
    here = Sender(embedded, account)
    _, receipt = deploy(here, account.address)
    second = here.sign(_role_for(str(receipt.contract_address), account.address))
    genesis.create(tmp_path / "behind.sqlite")
    with open_chain(tmp_path / "behind.sqlite") as behind:
        there = Sender(behind, account)
        with pytest.raises(TransactionRejected, match="nonce too high"):
            there.send(second)
        deploy(there, account.address)
        assert there.complete(second).succeeded


def _role_for(registry: str, account: str) -> Call:
    return RegistryCalls(registry).grant_role("LOGGER", account)


def test_an_account_without_funds_is_told_so(anvil_url: str) -> None:
    with open_chain(anvil_url) as anvil:
        desk = a_desk(anvil)
        poor = Sender(anvil, an_account(anvil, funds=0))
        desk.do(desk.registry.calls.grant_role("LOGGER", poor.address))
        signed = poor.sign(desk.registry.calls.checkpoint(1, a_digest("root")))
        with pytest.raises(NotEnoughFunds, match=poor.address):
            poor.send(signed)
        anvil.node.ask("anvil_setBalance", poor.address, hex(10**18))
        assert poor.complete(signed).succeeded  # the stored bytes are good once funds have come


def test_a_transaction_waiting_in_the_node_may_be_sent_again(anvil_url: str) -> None:
    with open_chain(anvil_url) as anvil:
        desk = a_desk(anvil)
        anvil.node.ask("evm_setAutomine", False)
        try:
            signed = publishing(desk)
            desk.sender.send(signed)
            desk.sender.send(signed)
            with pytest.raises(NotMinedYet):
                desk.sender.wait(signed, timeout_seconds=0.1)
            anvil.node.ask("evm_mine")
            assert desk.sender.complete(signed).succeeded
        finally:
            anvil.node.ask("evm_setAutomine", True)


def test_deploying_gives_the_address_of_a_registry(chain: Chain) -> None:
    sender = Sender(chain, an_account(chain))
    address, receipt = deploy(sender, sender.address)
    assert receipt.contract_address == address
    assert chain.code(address)


@pytest.mark.parametrize("to", [{}, {"to": "0x" + "12" * 20}])
@pytest.mark.parametrize(
    "price", [{"gasPrice": 80}, {"type": 2, "maxFeePerGas": 80, "maxPriorityFeePerGas": 0}]
)
def test_a_signed_transaction_is_read_back_and_signed_again_for_more(
    embedded: Chain, price: dict[str, int], to: dict[str, str]
) -> None:
    account = an_account(embedded)
    fields = {"chainId": 4242, "nonce": 0, "gas": 21_000, "value": 0, "data": "0x00ff", **price, **to}
    raw = "0x" + account.sign(fields)[0].hex()
    again = fees.read(raw, chain_id=4242)
    assert account.sign(again)[0].hex() == raw[2:]
    assert fees.cap(raw) == 80
    higher = fees.raised(again, {"gasPrice": 7, "maxFeePerGas": 7, "maxPriorityFeePerGas": 7})
    assert fees.cap("0x" + account.sign(higher)[0].hex()) == 91
    if "maxPriorityFeePerGas" in price:
        assert higher["maxPriorityFeePerGas"] == 7
