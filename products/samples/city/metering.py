"""Account cards, meters and terminals. Each customer has one card, and each card one meter.

Not modelled: several cards of a customer, master meters, meters without a customer.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from products.samples.city import words
from products.samples.city.chance import Whole
from products.samples.city.codes import with_luhn
from products.samples.city.columns import (
    constant,
    days,
    decimals,
    digits,
    fixed_text,
    instants,
    joined,
    number_text,
    where,
)
from products.samples.city.columns import words as taken
from products.samples.city.customers import closed_on, opened_on
from products.samples.city.naming import addresses
from products.samples.city.parts import (
    AWAITED,
    CALIBRES,
    CLOSED,
    CUT_OFF,
    PERMANENT_FLOW,
    STATUSES,
    TARIFFS,
    Block,
)
from products.samples.city.tariff import RESOURCE_PRICE, SEWAGE_PRICE, first_prices

_METER_STATUSES: Final = ("21", "24", "24", "31", "11")  # of the card's status
_PAYMENTS: Final = (("11", 350), ("12", 300), ("2", 200), ("31", 80), ("32", 50), ("4", 20))
_DIRECT_DEBIT: Final = 2
_CARD_ISSUER: Final = 900_000  # 9 is for national use, and names no bank

CARD_FIELDS: Final = (
    ("account_no", "account_card.number"), ("customer_no", "account_card.customer_number"),
    ("meter_no", "account_card.meter_number"), ("book_no", "account_card.book_number"),
    ("sequence", "account_card.sequence"), ("status", "account_card.status"),
    ("tariff_class", "account_card.tariff_class"), ("price_code", "account_card.price_code"),
    ("price_yuan_per_m3", "account_card.price_yuan_per_m3"), ("tier", "account_card.tier"),
    ("payment_method", "account_card.payment_method"), ("bank_card", "account_card.bank_card"),
    ("household_count", "account_card.household_count"), ("arrears_yuan", "account_card.arrears_yuan"),
    ("address", "account_card.address"), ("opened_on", "account_card.opened_on"),
    ("closed_on", "account_card.closed_on"), ("synthetic", "dataset.is_synthetic"),
)  # fmt: skip
METER_FIELDS: Final = (
    ("meter_no", "meter.number"), ("book_no", "meter.book_number"), ("calibre_mm", "meter.calibre_mm"),
    ("permanent_flow_m3_per_h", "meter.permanent_flow_m3_per_h"), ("maker", "meter.maker"),
    ("made_in", "meter.made_in"), ("status", "meter.status"), ("installed_on", "meter.installed_on"),
    ("removed_on", "meter.removed_on"), ("verified_on", "meter.verified_on"),
    ("verification_due_on", "meter.verification_due_on"), ("is_remote", "meter.is_remote"),
    ("terminal_no", "meter.terminal_number"), ("register_digits", "meter.register_digits"),
    ("is_master", "meter.is_master"), ("master_no", "meter.master_number"), ("seal_no", "meter.seal_number"),
    ("longitude", "meter.longitude"), ("latitude", "meter.latitude"), ("synthetic", "dataset.is_synthetic"),
)  # fmt: skip
TERMINAL_FIELDS: Final = (
    ("terminal_no", "terminal.number"), ("meter_no", "terminal.meter_number"),
    ("installed_on", "terminal.installed_on"), ("last_heard_at", "terminal.last_heard_at"),
    ("battery_v", "terminal.battery_v"), ("synthetic", "dataset.is_synthetic"),
)  # fmt: skip


def cards(block: Block) -> pa.Table:
    """Return the account cards of a block: `CARD_FIELDS`."""
    chance, rows, status = block.chance, block.rows, block.status
    is_household, has_book = block.tariff == 0, status != AWAITED
    method = chance.pick([weight for _, weight in _PAYMENTS], "payment", rows)
    bank = digits((rows * 982_451_653 + 5) % 10**9, 9)
    issuer = digits(np.full(block.count, _CARD_ISSUER), 6)
    arrears = np.where(status == CUT_OFF, chance.between(2_000, 90_000, "arrears", rows), 0)
    return pa.table(
        {
            "account_no": block.account_no,
            "customer_no": block.customer_no,
            "meter_no": where(has_book, block.meter_no),
            "book_no": where(has_book, block.book_no),
            "sequence": pa.array(block.position + 1),
            "status": taken([code for code, _ in STATUSES], status),
            "tariff_class": taken(TARIFFS, block.tariff),
            "price_code": joined(taken(TARIFFS, block.tariff), "-1"),
            "price_yuan_per_m3": decimals(first_prices()[block.tariff] + SEWAGE_PRICE + RESOURCE_PRICE, 8, 4),
            "tier": where(is_household, pa.array(np.ones(block.count, np.int64))),
            "payment_method": taken([code for code, _ in _PAYMENTS], method),
            "bank_card": where(method == _DIRECT_DEBIT, fixed_text(with_luhn(np.hstack([issuer, bank])))),
            "household_count": where(is_household, pa.array(np.ones(block.count, np.int64))),
            "arrears_yuan": decimals(arrears, 18, 2),
            "address": addresses(block),
            "opened_on": days(opened_on(block)),
            "closed_on": where(status == CLOSED, days(closed_on(block))),
            "synthetic": constant(True, pa.bool_(), block.count),
        }
    )


def register_digits(block: Block) -> Whole:
    """Return how many digits before the point each meter shows."""
    return np.where(block.calibre <= 2, 5, 7)


def meters(block: Block) -> pa.Table:
    """Return the meters of a block, then those that were taken out in the twelve months: `METER_FIELDS`."""
    now = _meters(block)
    former = _former(block, now.filter(pa.array(block.is_swapped)))
    return pa.concat_tables([now, former]).combine_chunks()


def _meters(block: Block) -> pa.Table:
    chance, rows, status, today = block.chance, block.rows, block.status, block.city.today
    in_stock = status == AWAITED
    small, large = block.calibre <= 2, block.calibre >= 5
    lately = today - np.where(
        large, chance.between(30, 500, "verified/l", rows), chance.between(30, 1_000, "verified/m", rows)
    )
    verified = np.where(small, block.installed_on - 20, lately)
    held = np.where(small, 2_190, np.where(large, 730, 1_460))
    removed = np.maximum(closed_on(block), block.installed_on)
    east, north = block.place
    maker = chance.below(5, "maker", rows)
    return pa.table(
        {
            "meter_no": block.meter_no,
            "book_no": where(~in_stock, block.book_no),
            "calibre_mm": pa.array(np.array(CALIBRES, np.int64)[block.calibre]),
            "permanent_flow_m3_per_h": decimals(np.array(PERMANENT_FLOW, np.int64)[block.calibre], 8, 3),
            "maker": taken(words.MAKERS, maker),
            "made_in": number_text(block.made_in),
            "status": taken(_METER_STATUSES, status),
            "installed_on": where(~in_stock, days(block.installed_on)),
            "removed_on": where(status == CLOSED, days(removed)),
            "verified_on": days(verified),
            "verification_due_on": days(verified + held),
            "is_remote": pa.array(block.is_remote),
            "terminal_no": where(block.is_remote, terminal_numbers(block)),
            "register_digits": pa.array(register_digits(block)),
            "is_master": constant(False, pa.bool_(), block.count),
            "master_no": constant(None, pa.string(), block.count),
            "seal_no": joined("F-", fixed_text(digits(rows + 1, 8))),
            "longitude": where(~in_stock, decimals(east, 10, 6)),
            "latitude": where(~in_stock, decimals(north, 9, 6)),
            "synthetic": constant(True, pa.bool_(), block.count),
        }
    )


def _former(block: Block, now: pa.Table) -> pa.Table:
    """Return the meters that were exchanged: the same place and terminal, an older meter."""
    rows = np.flatnonzero(block.is_swapped)
    swapped, count = block.swap_day[rows], len(rows)
    installed = block.city.today - 2_600
    changed = {
        "meter_no": block.former_meter_no.take(pa.array(rows)),
        "made_in": constant("2015", pa.string(), count),
        "status": constant("31", pa.string(), count),
        "installed_on": days(np.full(count, installed)),
        "removed_on": days(swapped),
        "verified_on": days(np.full(count, installed - 20)),
        "verification_due_on": days(np.full(count, installed + 700)),
        "seal_no": constant(None, pa.string(), count),
    }
    for name, column in changed.items():
        now = now.set_column(now.schema.get_field_index(name), name, column)
    return now


def terminal_numbers(block: Block) -> pa.Array:
    """Return the number that the terminal of each meter has or would have."""
    return joined("T", fixed_text(digits(block.rows + 1, 9)))


def terminals(block: Block) -> pa.Table:
    """Return the terminals of remote meters: `TERMINAL_FIELDS`."""
    rows = np.flatnonzero(block.is_remote)
    heard = block.city.today * 86_400 - block.chance.between(0, 86_399, "heard", block.rows)[rows]
    volts = block.chance.between(330, 365, "battery", block.rows)[rows]
    return pa.table(
        {
            "terminal_no": terminal_numbers(block).take(pa.array(rows)),
            "meter_no": block.meter_no.take(pa.array(rows)),
            "installed_on": days(block.installed_on[rows]),
            "last_heard_at": instants(heard),
            "battery_v": decimals(volts, 5, 2),
            "synthetic": constant(True, pa.bool_(), len(rows)),
        }
    )
