"""The customer register, and the supply contracts of organisations."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from products.samples.city import words
from products.samples.city.chance import Whole
from products.samples.city.codes import credit_code, resident_id
from products.samples.city.columns import (
    Digits,
    Mask,
    constant,
    days,
    decimals,
    digits,
    fixed_text,
    joined,
    where,
)
from products.samples.city.columns import words as taken
from products.samples.city.naming import addresses, either, organisations, persons
from products.samples.city.parts import AWAITED, CLOSED, STATUSES, TARIFFS, Block, day
from products.samples.customers import DISTRICTS
from products.samples.trades import trades
from standards.library import Library

_TYPES: Final = {"91": "21", "92": "12", "11": "22", "12": "22"}
_OTHER_TYPE: Final = "23"
_PERSON: Final = "11"
_BORN_FROM: Final = 1925
_BIRTHDAYS: Final = 31_411  # days up to the end of 2010
_BANDS: Final = ("0-200", "200-1000", "1000-5000", "5000-20000", "20000-50000", "50000-200000", "200000-")
_BAND_ENDS: Final = np.array([200, 1_000, 5_000, 20_000, 50_000, 200_000], np.int64) * 1_000
_MOBILE: Final = 15_400_000_000  # 154 is given to no network

CUSTOMER_FIELDS: Final = (
    ("customer_no", "customer.number"), ("customer_name", "customer.name"),
    ("customer_type", "customer.type"),
    ("certificate_type", "customer.certificate_type"), ("resident_id", "customer.resident_id"),
    ("masked_resident_id", "customer.masked_resident_id"), ("credit_code", "customer.credit_code"),
    ("exemption_reason", "customer.exemption_reason"), ("contact_name", "customer.contact_name"),
    ("phone", "customer.phone"), ("address", "customer.address"), ("district_code", "customer.district_code"),
    ("longitude", "customer.longitude"), ("latitude", "customer.latitude"),
    ("coordinate_system", "customer.coordinate_system"), ("industry_class", "customer.industry_class"),
    ("industry_division", "customer.industry_division"), ("industry_section", "customer.industry_section"),
    ("predicted_section", "customer.predicted_section"),
    ("industry_confidence_pct", "customer.industry_confidence_pct"),
    ("tariff_class", "customer.tariff_class"), ("annual_volume_m3", "customer.annual_volume_m3"),
    ("size_band", "customer.size_band"), ("household_size", "customer.household_size"),
    ("is_low_income", "customer.is_low_income"), ("status", "customer.status"),
    ("opened_on", "customer.opened_on"), ("closed_on", "customer.closed_on"), ("branch", "customer.branch"),
    ("office", "customer.office"), ("surveyed_by", "customer.surveyed_by"),
    ("surveyed_on", "customer.surveyed_on"),
    ("synthetic", "dataset.is_synthetic"),
)  # fmt: skip
CONTRACT_FIELDS: Final = (
    ("contract_no", "contract.number"), ("customer_no", "contract.customer_number"),
    ("customer_name", "contract.customer_name"), ("credit_code", "contract.credit_code"),
    ("signed_on", "contract.signed_on"), ("valid_to", "contract.valid_to"),
    ("synthetic", "dataset.is_synthetic"),
)  # fmt: skip


def customers(block: Block) -> pa.Table:
    """Return the customers of a block: `CUSTOMER_FIELDS`."""
    chance, rows, is_organisation = block.chance, block.rows, block.is_organisation
    kind = taken((_PERSON, *types()), np.where(is_organisation, block.trade + 1, 0))
    is_trader = is_organisation & np.isin(block.trade, _traders())
    office = block.city.layout.book_numbers[block.book][:, :4]
    east, north = block.place
    opened, closed = opened_on(block), closed_on(block)
    annual = block.usual_litres * 12
    identity = _identity(block)
    columns = {
        "customer_no": block.customer_no,
        "customer_name": either(is_organisation, organisations(block), persons(block)),
        "customer_type": kind,
        "certificate_type": taken(("1", "2"), is_organisation.astype(np.int64)),
        "resident_id": where(~is_organisation, fixed_text(identity)),
        "masked_resident_id": where(~is_organisation | is_trader, fixed_text(_masked(identity))),
        "credit_code": credit_codes(block),
        "exemption_reason": constant(None, pa.string(), block.count),
        "contact_name": where(is_organisation, persons(block, "contact")),
        "phone": fixed_text(digits((rows * 27_644_437 + 11) % 100_000_000 + _MOBILE, 11)),
        "address": addresses(block),
        "district_code": taken([d.code for d in DISTRICTS], block.district),
        "longitude": decimals(east, 10, 6),
        "latitude": decimals(north, 9, 6),
        "coordinate_system": constant("CGCS2000", pa.string(), block.count),
        **_industry(block),
        "tariff_class": taken(TARIFFS, block.tariff),
        "annual_volume_m3": where(is_organisation, decimals(annual, 18, 3)),
        "size_band": where(is_organisation, taken(_BANDS, np.searchsorted(_BAND_ENDS, annual, side="right"))),
        "household_size": where(~is_organisation, pa.array(chance.between(1, 5, "household", rows))),
        "is_low_income": pa.array((chance.below(100, "low-income", rows) < 2) & ~is_organisation),
        "status": taken([code for code, _ in STATUSES], block.status),
        "opened_on": days(opened),
        "closed_on": where(block.status == CLOSED, days(closed)),
        "branch": fixed_text(office[:, :2]),
        "office": fixed_text(office),
        "surveyed_by": fixed_text(np.hstack([np.full((block.count, 1), ord("S"), np.uint8), office])),
        "surveyed_on": days(block.city.today - chance.between(20, 700, "surveyed", rows)),
        "synthetic": constant(True, pa.bool_(), block.count),
    }
    return pa.table(columns)


def contracts(block: Block, register: pa.Table) -> pa.Table:
    """Return the supply contracts of organisations that have supply, after their rows in the register."""
    has_one = has_contract(block)
    rows = np.flatnonzero(has_one)
    signed = opened_on(block)[rows]
    there = register.select(["customer_no", "customer_name", "credit_code"]).take(pa.array(rows))
    return pa.table(
        {
            "contract_no": joined("GS-", there["customer_no"].combine_chunks()),
            "customer_no": there["customer_no"],
            "customer_name": there["customer_name"],
            "credit_code": there["credit_code"],
            "signed_on": days(signed),
            "valid_to": days(np.full(len(rows), block.city.today + 3_000)),
            "synthetic": constant(True, pa.bool_(), len(rows)),
        }
    )


def has_contract(block: Block) -> Mask:
    """Say who has a supply contract."""
    has_supply: Mask = (block.status != AWAITED) & (block.status != CLOSED)
    return block.is_organisation & has_supply


def opened_on(block: Block) -> Whole:
    """Return the days on which customers were opened; those who wait for supply lately."""
    usual = block.chance.between(day(1992, 1, 1), block.city.today - 2_000, "opened", block.rows)
    return np.where(block.status == AWAITED, block.city.today - 20, usual)


def closed_on(block: Block) -> Whole:
    """Return the days on which customers were closed, before the months that are read."""
    return block.city.today - block.chance.between(400, 1_500, "closed", block.rows)


def credit_codes(block: Block) -> pa.Array:
    """Return the credit codes of organisations, nothing for persons."""
    registered = np.array([list(t.registered_as.encode()) for t in trades()], np.uint8)[block.trade]
    division = np.array([int(d.code) for d in DISTRICTS], np.int64)[block.district]
    serial = (block.rows * 387_420_489 + 17) % 31**6  # no two rows meet before all are used up
    return where(block.is_organisation, fixed_text(credit_code(registered, division, serial)))


def _identity(block: Block) -> Digits:
    """Return identity numbers of sequence 000, which is never issued; each once among four million."""
    divisions = np.array(_divisions(), np.int64)
    place = (block.rows * 1_000_003 + 97) % (len(divisions) * _BIRTHDAYS)
    born = np.datetime64(f"{_BORN_FROM}-01-01") + place // len(divisions)
    year = born.astype("datetime64[Y]").astype(np.int64) + 1970
    month = born.astype("datetime64[M]").astype(np.int64) % 12 + 1
    date = year * 10_000 + month * 100 + (born - born.astype("datetime64[M]")).astype(np.int64) + 1
    return resident_id(divisions[place % len(divisions)], date, np.zeros(block.count, np.int64))


@cache
def _divisions() -> tuple[int, ...]:
    own = Library.load().code_list("gbt2260-21").at_level(3)
    return tuple(sorted({*(int(entry.code) for entry in own), *words.DIVISIONS}))


def _masked(identity: Digits) -> Digits:
    hidden = identity.copy()
    hidden[:, 4:14] = ord("*")
    return hidden


def _industry(block: Block) -> dict[str, pa.Array]:
    classes = Library.load().code_list("gbt4754")
    codes = [trade.industry_code for trade in trades()]
    sections = [_section(classes.get(code[:2]).parent) for code in codes]
    confidence = block.chance.between(5_000, 9_999, "confidence", block.rows)
    known = block.is_organisation
    return {
        "industry_class": where(known, taken(codes, block.trade)),
        "industry_division": where(known, taken([code[:2] for code in codes], block.trade)),
        "industry_section": where(known, taken(sections, block.trade)),
        "predicted_section": where(known, taken(sections, block.trade)),
        "industry_confidence_pct": where(known, decimals(confidence, 5, 2)),
    }


def _section(code: str | None) -> str:
    assert code is not None  # a division has a section
    return code


def types() -> tuple[str, ...]:
    """Return the type of customer of each trade."""
    return tuple(_TYPES.get(trade.registered_as, _OTHER_TYPE) for trade in trades())


def _traders() -> list[int]:
    return [place for place, kind in enumerate(types()) if kind == "12"]
