"""Monthly bills of active cards, from what was read and from the tariff.

Households pay by tiers of the calendar year. Bills of the months up to the last but one are paid; of the
last month's, most are paid and the rest not yet due. Not modelled: late payment, reversals, payment in
part.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from products.samples.city.chance import Whole
from products.samples.city.columns import constant, days, decimals, digits, fixed_text, joined, where
from products.samples.city.columns import words as taken
from products.samples.city.parts import MONTHS, TARIFFS, day
from products.samples.city.reading import Months
from products.samples.city.tariff import (
    HOUSEHOLD_PRICES,
    RESOURCE_PRICE,
    SEWAGE_PRICE,
    TIER_ENDS,
    first_prices,
)

FIELDS: Final = (
    ("bill_no", "bill.number"), ("customer_no", "bill.customer_number"),
    ("account_no", "bill.account_number"),
    ("cycle", "bill.cycle"), ("period_start_on", "bill.period_start_on"),
    ("period_end_on", "bill.period_end_on"),
    ("issued_on", "bill.issued_on"), ("due_on", "bill.due_on"), ("status", "bill.status"),
    ("paid_on", "bill.paid_on"), ("paid_yuan", "bill.paid_yuan"), ("tariff_class", "bill.tariff_class"),
    ("price_code", "bill.price_code"), ("water_price_yuan_per_m3", "bill.water_price_yuan_per_m3"),
    ("sewage_price_yuan_per_m3", "bill.sewage_price_yuan_per_m3"), ("volume_m3", "bill.volume_m3"),
    ("tier1_m3", "bill.tier1_m3"), ("tier2_m3", "bill.tier2_m3"), ("tier3_m3", "bill.tier3_m3"),
    ("tier1_yuan", "bill.tier1_yuan"), ("tier2_yuan", "bill.tier2_yuan"), ("tier3_yuan", "bill.tier3_yuan"),
    ("water_fee_yuan", "bill.water_fee_yuan"), ("sewage_fee_yuan", "bill.sewage_fee_yuan"),
    ("resource_fee_yuan", "bill.resource_fee_yuan"), ("late_fee_yuan", "bill.late_fee_yuan"),
    ("amount_yuan", "bill.amount_yuan"), ("replaces_no", "bill.replaces_number"),
    ("synthetic", "dataset.is_synthetic"),
)  # fmt: skip

PAID_AT_ONCE_IN_HUNDRED: Final = 70
DUE_AFTER_DAYS: Final = 30
ISSUED_AFTER_DAYS: Final = 3
_DUE, _PAID = "1", "2"


def bills(said: Months) -> pa.Table:
    """Return the bills, a customer's twelve one after another: `FIELDS`."""
    block, of, volume = said.block, said.of, said.volume
    count = len(of) * MONTHS
    owner, cycle = np.repeat(of, MONTHS), np.tile(np.arange(MONTHS), len(of))
    tiers = _tiers(said)
    first = first_prices()[block.tariff][owner]
    prices = (first, *(np.full(count, price) for price in HOUSEHOLD_PRICES[1:]))
    fees = [_cents(part, price) for part, price in zip(tiers, prices, strict=True)]
    flat = volume.ravel()
    water, sewage = fees[0] + fees[1] + fees[2], _cents(flat, SEWAGE_PRICE)
    resource = _cents(flat, RESOURCE_PRICE)
    amount = water + sewage + resource
    start = np.array([day(*month, 1) for month in block.city.months], np.int64)
    year, month = block.city.months[-1]
    end = np.append(start[1:], day(year + month // 12, month % 12 + 1, 1)) - 1
    issued = end + ISSUED_AFTER_DAYS
    cells = block.rows[owner] * MONTHS + cycle
    at_once = block.chance.below(100, "paid", cells) < PAID_AT_ONCE_IN_HUNDRED
    is_paid = (cycle < MONTHS - 1) | at_once
    paid_on = np.minimum(issued[cycle] + block.chance.between(0, 25, "paid-on", cells), block.city.today)
    return pa.table(
        {
            "bill_no": _numbers(said, issued),
            "customer_no": block.customer_no.take(pa.array(owner)),
            "account_no": block.account_no.take(pa.array(owner)),
            "cycle": taken([f"{year}-{month:02}" for year, month in block.city.months], cycle),
            "period_start_on": days(start[cycle]),
            "period_end_on": days(end[cycle]),
            "issued_on": days(issued[cycle]),
            "due_on": days(issued[cycle] + DUE_AFTER_DAYS),
            "status": taken((_DUE, _PAID), is_paid.astype(np.int64)),
            "paid_on": where(is_paid, days(paid_on)),
            "paid_yuan": decimals(np.where(is_paid, amount, 0), 18, 2),
            "tariff_class": taken(TARIFFS, block.tariff[owner]),
            "price_code": joined(taken(TARIFFS, block.tariff[owner]), "-1"),
            "water_price_yuan_per_m3": decimals(first, 8, 4),
            "sewage_price_yuan_per_m3": decimals(np.full(count, SEWAGE_PRICE), 8, 4),
            "volume_m3": decimals(flat, 18, 3),
            **{f"tier{n + 1}_m3": decimals(part, 18, 3) for n, part in enumerate(tiers)},
            **{f"tier{n + 1}_yuan": decimals(fee, 18, 2) for n, fee in enumerate(fees)},
            "water_fee_yuan": decimals(water, 18, 2),
            "sewage_fee_yuan": decimals(sewage, 18, 2),
            "resource_fee_yuan": decimals(resource, 18, 2),
            "late_fee_yuan": decimals(np.zeros(count, np.int64), 18, 2),
            "amount_yuan": decimals(amount, 18, 2),
            "replaces_no": constant(None, pa.string(), count),
            "synthetic": constant(True, pa.bool_(), count),
        }
    )


def _tiers(said: Months) -> list[Whole]:
    """Return the litres of each month that fall into each tier."""
    block, of, volume = said.block, said.of, said.volume
    is_household = (block.tariff[of] == 0)[:, None]
    run, parts = np.zeros(len(of), np.int64), np.zeros((3, len(of), MONTHS), np.int64)
    for place, (_, month) in enumerate(block.city.months):
        before = np.zeros_like(run) if month == 1 else run
        run = before + volume[:, place]
        for tier, (low, high) in enumerate(((0, TIER_ENDS[0]), TIER_ENDS, (TIER_ENDS[1], 10**15))):
            parts[tier, :, place] = np.clip(run, low, high) - np.clip(before, low, high)
    whole = np.stack([volume, np.zeros_like(volume), np.zeros_like(volume)])
    return [part.ravel() for part in np.where(is_household[None], parts, whole)]


def _cents(litres: Whole, price: Whole | int) -> Whole:
    """Return litres times a price in ten-thousandths of a yuan for a cubic metre, in cents, halves up."""
    return (litres * price + 50_000) // 100_000


def _numbers(said: Months, issued: Whole) -> pa.Array:
    """Return numbers of month of issue, branch, and the customer's sequence within the branch."""
    block, of = said.block, said.of
    months = issued.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    stamp = digits((months // 12 + 1970) * 100 + months % 12 + 1, 6)
    own = block.customer_digits[of, :10]
    return fixed_text(np.hstack([np.tile(stamp, (len(of), 1)), np.repeat(own, MONTHS, axis=0)]))
