"""Every error of the contract has a name here, and an unknown one is told as far as it can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import abi, artifact, refusals
from contracts.words import product_word

# Errors of libraries that no call of ours can meet.
UNREACHABLE = {"AccessControlBadConfirmation", "SafeCastOverflowedUintDowncast"}
ERRORS = sorted(entry["name"] for entry in artifact.load().abi if entry["type"] == "error")


@pytest.mark.parametrize("name", [name for name in ERRORS if name not in UNREACHABLE])
def test_each_error_becomes_a_sentence_with_its_values_and_a_hint(name: str) -> None:
    signature = next(each for each in abi._signatures("error").values() if each.name == name)
    samples = {"bytes32": product_word("sample"), "address": "0x" + "12" * 20, "bool": True}
    values = [samples.get(kind, 1_700_000_000) for _, kind in signature.arguments]
    error = refusals.refusal(signature.pack(*values), "execution reverted")
    assert type(error) is not refusals.ContractRefused
    assert "{" not in error.message
    assert error.hint
    assert list(error.values) == [name for name, _ in signature.arguments]


@given(st.binary(max_size=80) | st.none())
def test_unknown_data_is_told_as_it_is(data: bytes | None) -> None:
    error = refusals.refusal(data, "execution reverted")
    assert isinstance(error, refusals.ContractRefused)
    assert "execution reverted" in error.message
    assert not data or data.hex() in error.message


@given(st.sampled_from(ERRORS), st.binary(max_size=70))
def test_a_known_error_with_mangled_arguments_is_still_an_answer(name: str, rest: bytes) -> None:
    selector = abi._signatures("error")[name].selector
    assert isinstance(refusals.refusal(selector + rest, "reverted"), refusals.Refusal)


def test_an_answer_that_is_no_answer_is_unreadable() -> None:
    with pytest.raises(abi.UnreadableAnswer, match="releaseCount"):
        abi.function("releaseCount").unpack(b"")
    with pytest.raises(abi.UnreadableAnswer, match="releases"):
        abi.function("releases").unpack(b"\xff" * 64)


def test_calls_are_packed_as_web3_packs_them() -> None:
    from web3 import Web3

    contract = Web3().eth.contract(abi=list(artifact.load().abi))
    word = product_word("water")
    for name, values in {
        "publish": (word, 1, b"\x01" * 32, b"\x02" * 32),
        "withdraw": (word, 1, "理由"),
        "grant": (word, 0, b"\x03" * 32, 1, 2, b"\x04" * 32),
        "products": (0, 100),
    }.items():
        assert "0x" + abi.function(name).pack(*values).hex() == contract.encode_abi(name, list(values))
