"""A transaction that offers too little for its gas: what is said, and one that offers more in its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.initialise import initialise
from catalog.releases.models import ReleaseState
from contracts.chain import open_chain
from contracts.sender import FeeTooLow, NotMinedYet
from products.anchoring import carrier
from tests.chains import an_anvil
from tests.products.builders import INDEX
from tests.products.homes import Home, a_copy, registry_of

GWEI = 10**9


class Market:
    """A node that mines when it is told to, at the price it is told."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, method: str, *params: Any) -> Any:
        """Return the node's answer."""
        with open_chain(self.url) as chain:
            return chain.node.ask(method, *params)

    def price(self, wei: int) -> None:
        """Mine an empty block at this base fee, so that it is the present one, and keep it there."""
        self.ask("anvil_setNextBlockBaseFeePerGas", hex(wei))
        self.ask("evm_mine")
        self.ask("anvil_setNextBlockBaseFeePerGas", hex(wei))


@pytest.fixture
def market(node_packages: Path, tmp_path: Path) -> Iterator[Market]:
    with an_anvil(tmp_path / "anvil.log") as url:
        yield Market(url)


@pytest.fixture
def sent(template: Home, tmp_path: Path, market: Market, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a home whose publication is in the node, and in no block."""
    home = a_copy(template, tmp_path / "home", market.url)
    with home.open() as platform:
        platform.chain.node.ask("anvil_setBalance", platform.sender.address, hex(10**21))
    monkeypatch.setattr(carrier, "_WAIT_SECONDS", 0.3)
    market.ask("evm_setAutomine", False)
    with pytest.raises(NotMinedYet):
        home.publish()
    return home


@pytest.fixture
def waiting(sent: Home, market: Market) -> Home:
    """Return a home whose publication is in the node, in no block, and offers too little by now."""
    market.price(900 * GWEI)
    return sent


def transaction(home: Home) -> dict[str, Any]:
    """Return what is stored for the one open intent."""
    with home.open() as platform:
        (intent,) = platform.intents.pending()
    assert intent.transaction is not None
    return intent.transaction


def raise_fee(home: Home) -> tuple[str, ...]:
    with home.open() as platform:
        return platform.publisher.resume(raise_fee=True)


def nonce(home: Home) -> int:
    with home.open() as platform:
        return platform.chain.number("eth_getTransactionCount", platform.sender.address, "latest")


def assert_registered_once(home: Home, *, by: str) -> None:
    with registry_of(home) as registry, home.open() as platform:
        assert registry.products() == (INDEX,)
        assert platform.intents.pending() == ()
        receipt = platform.chain.ask("eth_getTransactionReceipt", by)
        assert int(receipt["status"], 16) == 1
    assert nonce(home) == 5  # the contract, three roles, and the product's name


def test_what_waits_is_told_with_since_when_and_what_to_do(waiting: Home, market: Market) -> None:
    stored = transaction(waiting)
    for deed in (waiting.resume, waiting.publish):
        with pytest.raises(FeeTooLow) as caught:
            deed()
        said = caught.value.message
        assert f"register-product:{INDEX} waits since 20" in said
        assert stored["hash"] in said
        assert f"asks {900 * GWEI}" in said
        assert "shuize chain resume --raise-fee" in (caught.value.hint or "")
    assert transaction(waiting) == stored  # nothing was signed anew


def test_one_that_offers_more_takes_its_place(waiting: Home, market: Market) -> None:
    low = transaction(waiting)
    with waiting.open() as platform:  # a run that stores it and dies before it sends it
        platform.anchor.raise_fee(platform.intents.pending()[0])
    high = transaction(waiting)
    assert market.ask("eth_getTransactionByHash", high["hash"]) is None
    with pytest.raises(NotMinedYet):
        waiting.resume()
    assert transaction(waiting) == high
    assert (high["nonce"], high["replaces"]) == (low["nonce"], [low["hash"]])
    assert high["contract"] == low["contract"]
    market.ask("evm_mine")
    assert waiting.resume() == (f"register-product:{INDEX}: done",)
    assert_registered_once(waiting, by=high["hash"])
    market.ask("evm_setAutomine", True)
    assert waiting.publish().state is ReleaseState.PUBLISHED


def test_the_one_that_was_replaced_is_recognised_if_it_is_mined_after_all(
    waiting: Home, market: Market
) -> None:
    low = transaction(waiting)
    with pytest.raises(NotMinedYet):
        raise_fee(waiting)
    with pytest.raises(NotMinedYet):
        raise_fee(waiting)
    high = transaction(waiting)
    assert len(high["replaces"]) == 2
    market.ask("anvil_dropTransaction", high["hash"])
    market.price(1)
    market.ask("eth_sendRawTransaction", low["raw"])  # as another node may have kept it
    market.ask("evm_mine")
    assert raise_fee(waiting) == (f"register-product:{INDEX}: done",)
    assert_registered_once(waiting, by=low["hash"])


def test_a_dropped_transaction_is_sent_again(waiting: Home, market: Market) -> None:
    stored = transaction(waiting)
    market.ask("anvil_dropTransaction", stored["hash"])
    market.price(1)
    market.ask("evm_setAutomine", True)
    assert waiting.resume() == (f"register-product:{INDEX}: done",)
    assert_registered_once(waiting, by=stored["hash"])


def test_a_later_transaction_says_which_one_it_waits_behind(sent: Home, market: Market) -> None:
    first = transaction(sent)
    with sent.open() as platform:
        signed = platform.sender.sign(platform.registry.calls.grant_role("LOGGER", platform.sender.address))
        assert signed.nonce == first["nonce"] + 1
        platform.sender.send(signed)
        with pytest.raises(NotMinedYet, match=f"waits behind nonce {first['nonce']}"):
            platform.sender.wait(signed, 0.1)


def test_a_deployment_that_offers_too_little_is_replaced_once(
    template: Home, tmp_path: Path, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = a_copy(template, tmp_path / "home", market.url, found=False)
    with home.open() as platform:
        platform.chain.node.ask("anvil_setBalance", platform.sender.address, hex(10**21))
    monkeypatch.setattr(carrier, "_WAIT_SECONDS", 0.3)
    market.ask("evm_setAutomine", False)
    with pytest.raises(NotMinedYet):
        initialise(home.settings, lambda _step: None)
    market.price(900 * GWEI)
    with pytest.raises(FeeTooLow) as caught:
        initialise(home.settings, lambda _step: None)
    assert "shuize init --raise-fee" in (caught.value.hint or "")
    market.ask("evm_setAutomine", True)
    initialise(home.settings, lambda _step: None, raise_fee=True)
    with home.open() as platform:
        assert platform.intents.pending() == ()
    assert nonce(home) == 4
