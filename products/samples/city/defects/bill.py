"""Defects of bills. Most are planted in a month that is paid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from products.samples.city.chance import Whole
from products.samples.city.defects.registry import Defects
from products.samples.city.defects.values import Values, after_today, later, more, of
from products.samples.city.draft import Draft, key_texts
from products.samples.city.tariff import FORMER
from products.samples.city.traits import Trait

DEFECTS = Defects()
_TABLE = "bills"
_HOME = Trait.ACTIVE | Trait.HOUSEHOLD
_PAID_MONTH, _LAST_MONTH = 3, 11
NO_BILL = dict.fromkeys(
    (
        "volume_m3", "tier1_m3", "tier2_m3", "tier3_m3", "tier1_yuan", "tier2_yuan", "tier3_yuan",
        "water_fee_yuan", "sewage_fee_yuan", "resource_fee_yuan", "amount_yuan", "paid_yuan",
    ),
    0,
)  # fmt: skip
"""The columns of a bill that charges nothing."""


def _set(rule: str, how: str, *, needs: Trait = _HOME, also: Iterable[str] = (), **columns: Any) -> None:
    rules = (rule, *also)

    def plant(draft: Draft, owners: Whole) -> None:
        rows = draft.rows(_TABLE, owners, _PAID_MONTH)
        values = {n: value(draft, rows) if callable(value) else value for n, value in columns.items()}
        draft.change(_TABLE, rows, **values)
        draft.fails(_TABLE, rows, rules, how)

    DEFECTS.by(rule, needs)(plant)


def _off(column: str, by: int) -> Values:
    return more(_TABLE, column, by)


def _renumbered(before: int, put: str, after: int) -> Values:
    def values(draft: Draft, rows: Whole) -> pa.Array:
        number = draft.values(_TABLE, "bill_no", rows)
        head, tail = pc.utf8_slice_codeunits(number, 0, before), pc.utf8_slice_codeunits(number, after)
        return pc.binary_join_element_wise(head, put, tail, "")

    return values


_set(
    "q39-amount-adds-up",
    "a yuan more",
    amount_yuan=_off("amount_yuan", 100),
    paid_yuan=_off("paid_yuan", 100),
)
_set("q175-bill-number-form", "a letter in it", bill_no=_renumbered(6, "X", 7))
_set(
    "q177-bill-customer-exists",
    "nobody's number",
    also=["q179-bill-customer-of-the-card"],
    customer_no="99999999990",
)
_set("q182-bill-dates-in-order", "due before it was issued", due_on=later(_TABLE, "issued_on", -1))
_set("q183-amount-not-negative", "negative", also=["q39-amount-adds-up"], amount_yuan=-1, paid_yuan=-1)
_set("q187-paid-has-day", "paid without a day", paid_on=None)
_set("q188-paid-in-full", "half a yuan less", paid_yuan=_off("paid_yuan", -50))
_set("q189-partly-paid", "all of it", status="3")
_set("q190-unpaid-has-no-day", "overdue and paid", status="4")
_set("q191-due-not-overdue", "long overdue", status="1", paid_on=None, paid_yuan=0)
_set("q192-late-fee-when-late", "a late fee in time", late_fee_yuan=2, paid_yuan=_off("paid_yuan", 200))
_set("q193-paid-not-in-future", "paid next week", paid_on=after_today(9))
_set("q194-tier-volumes-add-up", "a cubic metre too many", tier3_m3=_off("tier3_m3", 1_000))
_set("q195-tier-fees-add-up", "a yuan too many", tier3_yuan=_off("tier3_yuan", 100))
_set(
    "q196-first-tier-fee",
    "from one tier to another",
    tier1_yuan=_off("tier1_yuan", 100),
    tier3_yuan=_off("tier3_yuan", -100),
)
_set(
    "q197-sewage-fee",
    "from one fee to another",
    sewage_fee_yuan=_off("sewage_fee_yuan", 100),
    resource_fee_yuan=_off("resource_fee_yuan", -100),
)
_set(
    "q198-no-tiers-for-trade",
    "a second tier",
    needs=Trait.ACTIVE | Trait.TRADE_PRICE,
    tier2_m3=_off("tier2_m3", 1_000),
    tier3_m3=_off("tier3_m3", -1_000),
)
_set("q199-bill-price-of-tariff", "another price", also=["q196-first-tier-fee"], water_price_yuan_per_m3=9)
_set("q200-bill-class-of-tariff", "another class", tariff_class="13")
_set("q201-tariff-in-force-at-issue", "a line that applies no more", price_code=FORMER)
_set("q204-issued-in-time", "twenty days after", issued_on=later(_TABLE, "period_end_on", 20))
_set("q205-bill-number-of-its-month", "another month", bill_no=_renumbered(0, "202001", 6))


@DEFECTS.by("q176-bill-number-unique", _HOME, 2)
def _number_twice(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners, _PAID_MONTH)
    draft.change(_TABLE, rows[1::2], bill_no=draft.values(_TABLE, "bill_no", rows[::2]))
    draft.fails(_TABLE, rows[1::2], ["q176-bill-number-unique"], "the number again")


@DEFECTS.by("q179-bill-customer-of-the-card", _HOME, 2)
def _neighbours(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners, _PAID_MONTH)
    draft.change(_TABLE, rows[1::2], customer_no=draft.values(_TABLE, "customer_no", rows[::2]))
    draft.fails(_TABLE, rows[1::2], ["q179-bill-customer-of-the-card"], "another customer's")


def _extra(rule: str, how: str, **columns: Any) -> None:
    """Register a bill of nothing beside the first, with a number of its own."""

    def plant(draft: Draft, owners: Whole) -> None:
        rows = draft.rows(_TABLE, owners, _PAID_MONTH)
        said = {**NO_BILL, "bill_no": _renumbered(8, "9", 9), **columns}
        values = {n: value(draft, rows) if callable(value) else value for n, value in said.items()}
        draft.fails(_TABLE, draft.add(_TABLE, rows, **values), [rule], how)

    DEFECTS.by(rule, _HOME)(plant)


_extra("q180-one-bill-a-cycle", "billed twice")
_extra(
    "q184-reversal-is-negative",
    "a reversal that charges",
    status="5",
    amount_yuan=5,
    resource_fee_yuan=5,
    replaces_no=of(_TABLE, "bill_no"),
)
_extra("q185-reversal-names-original", "a reversal of nothing", status="5")
_extra(
    "q186-original-exists", "a reversal of a bill that is none", status="5", replaces_no="2020010100000000"
)


@DEFECTS.by("q181-bill-every-cycle", _HOME)
def _missing(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners, _LAST_MONTH)
    draft.drop(_TABLE, rows)
    bills = draft.sheets[_TABLE].table.take(pa.array(rows))
    draft.lacks(
        _TABLE, key_texts(bills, ("account_no", "cycle")), ["q181-bill-every-cycle"], "the last one is gone"
    )
    draft.lacks(
        _TABLE, bills["account_no"].combine_chunks(), ["q202-billed-as-read"], "less billed than read"
    )


@DEFECTS.by("q206-no-volume-no-fee", _HOME)
def _fee(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners, _PAID_MONTH)
    one = dict.fromkeys(("tier3_yuan", "water_fee_yuan", "amount_yuan", "paid_yuan"), 1)
    draft.change(_TABLE, rows, **{**NO_BILL, **one})
    draft.fails(_TABLE, rows, ["q206-no-volume-no-fee"], "a fee for nothing")
    draft.lacks(
        _TABLE, draft.values(_TABLE, "account_no", rows), ["q202-billed-as-read"], "less billed than read"
    )
