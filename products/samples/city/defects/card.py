"""Defects of addresses and of account cards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from products.samples.city.chance import Whole
from products.samples.city.defects.registry import Defects
from products.samples.city.defects.values import Values, after_today, later, of, suffixed, with_own
from products.samples.city.draft import Draft
from products.samples.city.traits import Trait

DEFECTS = Defects()
_CUSTOMERS, _TABLE = "customers", "account-cards"
_HOME = Trait.ACTIVE | Trait.HOUSEHOLD
_FIRM = Trait.ACTIVE | Trait.ORGANISATION


def _unused(start: int) -> Values:
    """Return what makes places in a book that no other card has."""
    return lambda draft, rows: pa.array(start * 100 + draft.first + rows)


def _own(start: str) -> Values:
    return with_own(_CUSTOMERS, start, "address", "customer_no")


def _set(rule: str, dataset: str, needs: Trait, how: str, **columns: Any) -> None:
    DEFECTS.cells(rule, dataset, needs, how, **columns)


def _set_all(rules: tuple[str, ...], dataset: str, needs: Trait, how: str, **columns: Any) -> None:
    """A defect of the first rule that can't be without those after it."""
    DEFECTS.cells(rules[0], dataset, needs, how, also=rules[1:], **columns)


_set("q16-district-code", _CUSTOMERS, _HOME, "a code that is none", district_code="210199")
_set(
    "q17-address-complete", _CUSTOMERS, _HOME, "no building, no unit", address=_own("沈阳市和平区松河路1号附")
)
_set("q18-coordinate-in-district", _CUSTOMERS, _HOME, "a place far off", longitude=100, latitude=30)
_set("q19-coordinate-system-declared", _CUSTOMERS, _HOME, "no system", coordinate_system=None)
_set("q78-coordinate-whole", _CUSTOMERS, _HOME, "no latitude", latitude=None)
_set("q79-coordinate-system-known", _CUSTOMERS, _HOME, "a local system", coordinate_system="LOCAL")
_set_all(
    ("q80-coordinate-not-swapped", "q18-coordinate-in-district"),
    _CUSTOMERS,
    _HOME,
    "the other way round",
    longitude=of(_CUSTOMERS, "latitude"),
    latitude=85,
)
_set_all(
    ("q81-address-present", "q17-address-complete", "q82-address-length"),
    _CUSTOMERS,
    _HOME,
    "a placeholder",
    customer_name=with_own(_CUSTOMERS, None, "customer_name", "customer_no"),
    address="不详",
)
_set("q82-address-length", _CUSTOMERS, _HOME, "a story", address=suffixed(_CUSTOMERS, "address", "附近" * 60))
_set(
    "q83-address-not-garbled",
    _CUSTOMERS,
    _HOME,
    "question marks",
    address=suffixed(_CUSTOMERS, "address", "???"),
)
_set("q84-address-has-road", _CUSTOMERS, _FIRM, "a building only", address=_own("沈阳市某园区附"))

_set("q88-card-meter-exists", _TABLE, Trait.SUSPENDED, "a meter that is none", meter_no="9999999999999999")
_set_all(
    ("q89-card-book-exists", "q107-card-book-is-the-meters"),
    _TABLE,
    _HOME,
    "a book that is none",
    book_no="99999999",
    sequence=_unused(500_000),
)
_set("q38-price-of-the-day", _TABLE, _HOME, "another price", price_yuan_per_m3=9)
_set("q87-card-customer-exists", _TABLE, Trait.AWAITED, "nobody's number", customer_no="99999999990")
_set("q92-closed-card-has-day", _TABLE, Trait.CLOSED, "closed without a day", closed_on=None)
_set("q93-closed-card-is-settled", _TABLE, Trait.CLOSED, "closed with arrears", arrears_yuan=12)
_set(
    "q94-card-dates-in-order",
    _TABLE,
    Trait.CLOSED,
    "closed before it was opened",
    closed_on=later(_TABLE, "opened_on", -9),
)
_set(
    "q95-card-not-before-customer",
    _TABLE,
    _HOME,
    "older than its customer",
    opened_on=later(_TABLE, "opened_on", -9),
)
_set(
    "q96-card-of-closed-customer",
    _TABLE,
    Trait.CLOSED,
    "suspended, its customer closed",
    status="22",
    closed_on=None,
)
_set(
    "q99-price-code-of-class",
    _TABLE,
    _HOME,
    "a price line of another class",
    price_code="13-1",
    price_yuan_per_m3="3.35",
)
_set("q101-single-household", _TABLE, _HOME, "four households on one meter", household_count=4)
_set("q102-direct-debit-has-card", _TABLE, _HOME, "no bank card", payment_method="2", bank_card=None)
_set("q103-bank-card-valid", _TABLE, _HOME, "check digit", bank_card="9000000000000000")
_set("q104-cut-off-has-arrears", _TABLE, Trait.CUT_OFF, "cut off, nothing owed", arrears_yuan=0)
_set("q105-tier-of-residents-only", _TABLE, Trait.ACTIVE | Trait.TRADE_PRICE, "a tier for a trade", tier=2)
_set(
    "q107-card-book-is-the-meters",
    _TABLE,
    _HOME,
    "another book",
    book_no=lambda d, r: pc.if_else(
        pc.equal(d.values(_TABLE, "book_no", r), "01010001"), "01010002", "01010001"
    ),
    sequence=_unused(100_000),
)


@DEFECTS.by("q22-account-has-meter", _HOME | Trait.BY_HAND)
def _no_meter(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    draft.change(_TABLE, rows, meter_no=None)
    draft.fails(_TABLE, rows, ["q22-account-has-meter"], "no meter")
    draft.fails("meters", draft.rows("meters", owners), ["q123-meter-has-card"], "its card names no meter")


@DEFECTS.by("q97-card-tariff-of-customer", _HOME)
def _other_class(draft: Draft, owners: Whole) -> None:
    draft.change(_CUSTOMERS, draft.rows(_CUSTOMERS, owners), tariff_class="12")
    rows = draft.rows(_TABLE, owners)
    draft.fails(_TABLE, rows, ["q97-card-tariff-of-customer"], "its customer's class is another")


@DEFECTS.by("q98-price-code-exists", _HOME)
def _no_price(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    draft.change(_TABLE, rows, price_code="99-9")
    draft.fails(_TABLE, rows, ["q98-price-code-exists", "q38-price-of-the-day"], "a price code that is none")


@DEFECTS.by("q100-shared-meter-states-households", _HOME)
def _shared_meter(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    draft.change(_TABLE, rows, tariff_class="12", household_count=None)
    draft.change(_CUSTOMERS, draft.rows(_CUSTOMERS, owners), tariff_class="12")
    rules = ["q100-shared-meter-states-households", "q99-price-code-of-class"]
    draft.fails(_TABLE, rows, rules, "a shared meter, the households unknown; the tariff has no such class")


@DEFECTS.by("q20-one-account-per-address", _HOME, 2)
def _one_address(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    draft.change(_TABLE, rows[1::2], address=draft.values(_TABLE, "address", rows[::2]))
    draft.fails(_TABLE, rows, ["q20-one-account-per-address"], "two cards at one address")


@DEFECTS.by("q86-card-number-unique", _HOME)
def _card_twice(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    copies = draft.add(_TABLE, rows, sequence=_unused(200_000)(draft, rows))
    draft.fails(_TABLE, copies, ["q86-card-number-unique"], "the number again")


@DEFECTS.by("q90-meter-on-one-card", _HOME | Trait.BY_HAND, 2)
def _one_meter(draft: Draft, owners: Whole) -> None:
    """A second card for the meter, where only the number and the place in the book are others."""
    some = owners[::2]
    rows = draft.rows(_TABLE, some)
    copies = draft.add(
        _TABLE, rows, account_no=suffixed(_TABLE, "account_no", "9")(draft, rows),
        address=suffixed(_TABLE, "address", "北侧")(draft, rows), sequence=_unused(300_000)(draft, rows),
    )  # fmt: skip
    draft.fails(_TABLE, np.concatenate([rows, copies]), ["q90-meter-on-one-card"], "one meter, two cards")


@DEFECTS.by("q23-meter-in-one-book", _HOME | Trait.BY_HAND)
def _two_books(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    book = draft.values(_TABLE, "book_no", rows)
    copies = draft.add(
        _TABLE, rows, account_no=suffixed(_TABLE, "account_no", "9")(draft, rows),
        address=suffixed(_TABLE, "address", "南侧")(draft, rows), sequence=_unused(400_000)(draft, rows),
        book_no=pc.if_else(pc.equal(book, "01010001"), "01010002", "01010001"),
    )  # fmt: skip
    both = np.concatenate([rows, copies])
    draft.fails(_TABLE, both, ["q23-meter-in-one-book", "q90-meter-on-one-card"], "one meter in two books")
    draft.fails(_TABLE, copies, ["q107-card-book-is-the-meters"], "the book is not the meter's")


@DEFECTS.by("q91-book-position-unique", _HOME)
def _one_position(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    copies = draft.add(
        _TABLE, rows, account_no=suffixed(_TABLE, "account_no", "8")(draft, rows), meter_no=None,
        address=suffixed(_TABLE, "address", "西侧")(draft, rows),
    )  # fmt: skip
    draft.fails(
        _TABLE, copies, ["q91-book-position-unique", "q22-account-has-meter"], "a position taken, no meter"
    )


@DEFECTS.by("q106-open-card-meter-in-service", _HOME | Trait.SMALL | Trait.PLAIN)
def _scrapped(draft: Draft, owners: Whole) -> None:
    draft.change(
        "meters", draft.rows("meters", owners), status="41", removed_on=after_today(0)(draft, owners)
    )
    rows = draft.rows(_TABLE, owners)
    draft.fails(_TABLE, rows, ["q106-open-card-meter-in-service"], "the meter was scrapped")
