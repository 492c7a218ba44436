"""Defects of the customer register and of supply contracts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from products.samples.city.chance import Whole
from products.samples.city.columns import days
from products.samples.city.defects.registry import Defects
from products.samples.city.defects.values import after_today, later, of, other_last, suffixed
from products.samples.city.draft import Draft
from products.samples.city.traits import Trait

DEFECTS = Defects()
_TABLE = "customers"
_ACTIVE_FIRM = Trait.ACTIVE | Trait.ORGANISATION
_HOME = Trait.ACTIVE | Trait.HOUSEHOLD


def _set(rule: str, needs: Trait, how: str, **columns: Any) -> None:
    DEFECTS.cells(rule, _TABLE, needs, how, **columns)


_set("q03-customer-name-present", _HOME, "a placeholder", customer_name="未知")
_set("q06-resident-id-valid", _HOME, "check character", resident_id=other_last(_TABLE, "resident_id"))
_set("q07-resident-id-masked", _HOME, "the whole number", masked_resident_id=of(_TABLE, "resident_id"))
_set("q08-phone-valid", Trait.HOUSEHOLD, "too long", phone=suffixed(_TABLE, "phone", "0000"))
_set("q10-organisation-has-credit-code", _ACTIVE_FIRM, "no code, no reason", credit_code=None)
_set(
    "q12-industry-code-exists",
    _ACTIVE_FIRM,
    "a code that is none",
    industry_class=lambda d, r: pc.binary_join_element_wise(
        d.values(_TABLE, "industry_division", r), "00", ""
    ),
)
_set("q13-industry-deep-enough", _ACTIVE_FIRM, "the division left out", industry_division=None)
_set(
    "q15-industry-as-predicted",
    _ACTIVE_FIRM,
    "another section, surely",
    predicted_section="T",
    industry_confidence_pct=97,
)
_set("q47-resident-has-certificate", _HOME, "no number, no reason", resident_id=None, masked_resident_id=None)
_set("q49-certificate-fits-type", _HOME, "a resident by a business licence", certificate_type="2")
_set("q52-open-has-no-closing-day", _HOME, "a closing date on an open customer", closed_on=after_today(-300))
_set("q51-closed-has-day", Trait.CLOSED, "closed without a day", closed_on=None)
_set(
    "q53-customer-dates-in-order",
    Trait.CLOSED,
    "closed before it was opened",
    closed_on=later(_TABLE, "opened_on", -10),
)
_set(
    "q55-opened-not-too-early", _HOME, "opened in 1900", opened_on=lambda d, r: days(np.full(len(r), -25_567))
)
_set("q56-name-length", _HOME, "one character", customer_name="王")
_set("q57-name-not-garbled", _HOME, "question marks", customer_name=suffixed(_TABLE, "customer_name", "??"))
_set("q59-tariff-deep-enough", _HOME, "the first level only", tariff_class="1")
_set(
    "q61-resident-name-is-no-firm",
    _HOME,
    "a firm as a resident",
    customer_name=suffixed(_TABLE, "customer_name", "商店"),
)
_set("q62-organisation-has-contact", _ACTIVE_FIRM, "neither name nor number", contact_name=None, phone=None)
_set("q63-low-income-is-resident", _ACTIVE_FIRM, "a firm of low income", is_low_income=True)
_set("q64-household-size-plausible", _HOME, "forty persons", household_size=40)
_set("q69-number-of-its-branch", _HOME, "another branch", branch="99")
_set("q70-customer-office-exists", _HOME, "an office that is none", office="9999")
_set("q71-survey-has-person-and-day", _HOME, "a day without a person", surveyed_by=None)
_set("q72-survey-recent", _ACTIVE_FIRM, "four years ago", surveyed_on=after_today(-1_460))
_set(
    "q73-industry-levels-agree",
    _ACTIVE_FIRM,
    "another division",
    industry_division=lambda d, r: pc.if_else(
        pc.equal(d.values(_TABLE, "industry_division", r), "51"), "52", "51"
    ),
)
_set(
    "q74-no-identity-number-in-reason",
    _HOME,
    "a number in the reason",
    exemption_reason=lambda d, r: pc.binary_join_element_wise("证号", d.values(_TABLE, "resident_id", r), ""),
)
_set(
    "q75-no-number-in-name",
    _HOME,
    "a number in the name",
    customer_name=suffixed(_TABLE, "customer_name", "15400000000"),
)
_set(
    "q76-size-band-fits-volume", _ACTIVE_FIRM, "the smallest band", size_band="0-200", annual_volume_m3=5_000
)
_set(
    "q50-resident-without-credit-code",
    _HOME,
    "a credit code on a resident",
    credit_code=lambda d, r: _codes(len(r), r + d.first),
)


@DEFECTS.by("q54-opened-not-in-future", _HOME)
def _early(draft: Draft, owners: Whole) -> None:
    rows, day = draft.rows(_TABLE, owners), days(np.full(len(owners), draft.city.today + 300))
    draft.change(_TABLE, rows, opened_on=day)
    draft.change("account-cards", draft.rows("account-cards", owners), opened_on=day)
    draft.fails(_TABLE, rows, ["q54-opened-not-in-future"], "opened next year")


@DEFECTS.by("q60-type-fits-tariff", _HOME)
def _trade_price(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    draft.change(_TABLE, rows, tariff_class="22")
    draft.fails(_TABLE, rows, ["q60-type-fits-tariff"], "a resident at a trade price")
    cards = draft.rows("account-cards", owners)
    draft.fails("account-cards", cards, ["q97-card-tariff-of-customer"], "its customer's class is another")


@DEFECTS.by("q04-credit-code-valid", _ACTIVE_FIRM)
def _wrong_code(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    wrong = other_last(_TABLE, "credit_code")(draft, rows)
    draft.change(_TABLE, rows, credit_code=wrong)
    draft.change("contracts", draft.rows("contracts", owners), credit_code=wrong)
    draft.fails(_TABLE, rows, ["q04-credit-code-valid"], "check character")


def _codes(count: int, rows: Whole) -> pa.Array:
    from products.samples.city.codes import credit_code
    from products.samples.city.columns import digits, fixed_text

    serial = rows * 31 + 7
    return fixed_text(credit_code(digits(np.full(count, 92), 2), np.full(count, 210199), serial))


@DEFECTS.by("q01-customer-number-form", Trait.AWAITED | Trait.HOUSEHOLD)
def _number(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    wrong = other_last(_TABLE, "customer_no")(draft, rows)
    draft.change(_TABLE, rows, customer_no=wrong)
    draft.change("account-cards", draft.rows("account-cards", owners), customer_no=wrong)
    draft.fails(_TABLE, rows, ["q01-customer-number-form"], "check digit")


@DEFECTS.by("q02-customer-number-unique", _HOME)
def _twice(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    copies = draft.add(_TABLE, rows, address=suffixed(_TABLE, "address", "东侧")(draft, rows))
    draft.fails(_TABLE, copies, ["q02-customer-number-unique"], "the number again")


@DEFECTS.by("q58-customer-near-duplicate", Trait.SUSPENDED | Trait.HOUSEHOLD)
def _near(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    name = draft.values(_TABLE, "customer_name", rows)
    blank = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(name, 0, 1), pc.utf8_slice_codeunits(name, 1), " "
    )
    number = draft.values(_TABLE, "customer_no", rows)
    branch, rest = pc.utf8_slice_codeunits(number, 0, 2), pc.utf8_slice_codeunits(number, 3, 10)
    copies = draft.add(
        _TABLE, rows, customer_name=blank, resident_id=None,
        customer_no=_numbered(pc.binary_join_element_wise(branch, "9", rest, "")),
    )  # fmt: skip
    draft.fails(_TABLE, copies, ["q58-customer-near-duplicate"], "a blank in the name")


def _numbered(bodies: pa.Array) -> pa.Array:
    from products.samples.city.codes import with_check_digit
    from products.samples.city.columns import digits, fixed_text

    return fixed_text(with_check_digit(digits(bodies.cast(pa.int64()).to_numpy(), 10)))


def _shared(column: str, rule: str, how: str, needs: Trait, size: int) -> None:
    """Give the first one's value to all of a group: all of them fail."""

    def plant(draft: Draft, owners: Whole) -> None:
        rows = draft.rows(_TABLE, owners)
        values = {column: draft.values(_TABLE, column, _leaders(rows, size))}
        others = _others(rows, size)
        draft.change(_TABLE, rows[others], **values)
        if column == "credit_code":
            draft.change("contracts", draft.rows("contracts", owners[others]), **values)
        draft.fails(_TABLE, rows, [rule], how)

    DEFECTS.by(rule, needs, size)(plant)


def _leaders(rows: Whole, size: int) -> Whole:
    return np.repeat(rows[::size], size - 1)


def _others(rows: Whole, size: int) -> Whole:
    return np.flatnonzero(np.arange(len(rows)) % size)


_shared("resident_id", "q48-resident-id-one-name", "one number, two names", _HOME, 2)
_shared("credit_code", "q05-credit-code-one-name", "one code, two names", Trait.ACTIVE | Trait.TRADER, 2)
_shared("phone", "q09-phone-shared", "one number on six customers", Trait.HOUSEHOLD, 6)


@DEFECTS.by("q14-industry-fits-tariff", Trait.TRADER)
def _bathing(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    trade = {"industry_class": "8051", "industry_division": "80", "industry_section": "O"}
    draft.change(_TABLE, rows, tariff_class="11", predicted_section="O", **trade)
    draft.fails(_TABLE, rows, ["q14-industry-fits-tariff"], "a bath at the household price")
    cards = draft.rows("account-cards", owners)
    draft.fails("account-cards", cards, ["q97-card-tariff-of-customer"], "its customer's class is another")


@DEFECTS.by("q11-name-agrees", _ACTIVE_FIRM)
def _other_name(draft: Draft, owners: Whole) -> None:
    contracts = draft.rows("contracts", owners)
    draft.change(
        "contracts", contracts, customer_name=suffixed("contracts", "customer_name", "(原)")(draft, contracts)
    )
    draft.fails(_TABLE, draft.rows(_TABLE, owners), ["q11-name-agrees"], "another name in the contract")


@DEFECTS.by("q68-credit-code-agrees", _ACTIVE_FIRM)
def _other_code(draft: Draft, owners: Whole) -> None:
    contracts = draft.rows("contracts", owners)
    draft.change("contracts", contracts, credit_code=other_last("contracts", "credit_code")(draft, contracts))
    draft.fails(
        _TABLE, draft.rows(_TABLE, owners), ["q68-credit-code-agrees"], "another code in the contract"
    )


@DEFECTS.by("q65-organisation-has-contract", _ACTIVE_FIRM)
def _no_contract(draft: Draft, owners: Whole) -> None:
    draft.drop("contracts", draft.rows("contracts", owners))
    draft.fails(_TABLE, draft.rows(_TABLE, owners), ["q65-organisation-has-contract"], "the contract is gone")


DEFECTS.cells("q66-contract-in-force", "contracts", _ACTIVE_FIRM, "ended", valid_to=after_today(-30))


@DEFECTS.by("q67-contract-customer-exists", _ACTIVE_FIRM)
def _nobodys(draft: Draft, owners: Whole) -> None:
    like = draft.rows("contracts", owners)
    number = draft.values("contracts", "contract_no", like)
    copies = draft.add("contracts", like, customer_no="99999999990",
                       contract_no=pc.binary_join_element_wise(number, "X", ""))  # fmt: skip
    draft.fails("contracts", copies, ["q67-contract-customer-exists"], "nobody has the number")


@DEFECTS.by("q77-customer-has-card", Trait.SUSPENDED | Trait.HOUSEHOLD)
def _no_card(draft: Draft, owners: Whole) -> None:
    """The customer is active and the card gone, with the meter that nobody has."""
    rows = draft.rows(_TABLE, owners)
    draft.change(_TABLE, rows, status="21")
    draft.drop("account-cards", draft.rows("account-cards", owners))
    draft.fails(_TABLE, rows, ["q77-customer-has-card"], "the card is gone")
