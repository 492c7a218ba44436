from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.database import DatabaseConflict
from catalog.parties import UnknownParty
from catalog.receipts import ReceiptNotFound
from standards import digests
from tests.builders import NOON, Room, a_digest, a_receipt


def test_a_receipt_comes_back_as_it_was_kept(room: Room) -> None:
    receipt = a_receipt(query="month=2021-01&area=中")
    assert room.receipts.keep(receipt) == receipt
    assert room.receipts.get("receipt-1") == receipt
    assert room.receipts.get("receipt-1").digest() == digests.of_document(receipt.model_dump(mode="json"))


def test_a_receipt_is_kept_once_and_never_changed(room: Room) -> None:
    room.receipts.keep(a_receipt())
    with pytest.raises(DatabaseConflict):
        room.receipts.keep(a_receipt(rows=11))
    assert room.receipts.get("receipt-1").rows == 10


def test_every_part_of_a_receipt_counts_for_its_digest() -> None:
    changes = {
        "id": "receipt-2",
        "party": "bob",
        "product": "other",
        "version": 2,
        "manifest_digest": a_digest("x"),
        "grant": "grant-2",
        "query": "",
        "rows": 11,
        "answer_digest": a_digest("y"),
        "issued_at": NOON + timedelta(seconds=1),
    }
    assert len({a_receipt(**{name: value}).digest() for name, value in changes.items()}) == len(changes)
    assert set(changes) == set(type(a_receipt()).model_fields)


def test_receipts_are_listed_oldest_first_and_by_party(room: Room) -> None:
    room.receipts.keep(a_receipt(id="z"))
    room.receipts.keep(a_receipt(id="a", party="bob", issued_at=NOON + timedelta(hours=1)))
    assert [receipt.id for receipt in room.receipts.list()] == ["z", "a"]
    assert [receipt.id for receipt in room.receipts.list(party="bob")] == ["a"]


def test_a_receipt_is_for_a_known_party(room: Room) -> None:
    with pytest.raises(UnknownParty):
        room.receipts.keep(a_receipt(party="nobody"))
    assert room.receipts.list() == ()


def test_an_unknown_receipt_is_said_to_be_unknown(room: Room) -> None:
    with pytest.raises(ReceiptNotFound):
        room.receipts.get("nothing")
