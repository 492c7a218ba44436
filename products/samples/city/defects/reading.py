"""Defects of readings, at meters that were neither exchanged nor began again. Most are in the last month."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from products.samples.city.chance import Whole
from products.samples.city.columns import days, decimals, instants
from products.samples.city.defects.bill import NO_BILL
from products.samples.city.defects.registry import Defects
from products.samples.city.defects.values import after_today, later, more, other_last
from products.samples.city.draft import Draft, key_texts
from products.samples.city.parts import MONTHS
from products.samples.city.traits import Trait

DEFECTS = Defects()
_TABLE = "readings"
_LAST = MONTHS - 1
_HAND = Trait.ACTIVE | Trait.HOUSEHOLD | Trait.BY_HAND | Trait.PLAIN
_WIRE = Trait.ACTIVE | Trait.HOUSEHOLD | Trait.REMOTE | Trait.PLAIN
_BILLED: Final = "q202-billed-as-read"


def _visited(draft: Draft, owners: Whole, place: int = _LAST) -> Whole:
    """Make a reading of each owner one that was taken at the meter, and return its row."""
    rows = draft.rows(_TABLE, owners, place)
    meters = draft.rows("meters", owners)
    draft.change(
        _TABLE, rows, reading_type="11", is_estimated=False, remark=None, picture=None,
        reader=draft.book_readers(draft.values(_TABLE, "book_no", rows)),
        longitude=draft.values("meters", "longitude", meters),
        latitude=draft.values("meters", "latitude", meters),
        remote_m3=None,
    )  # fmt: skip
    return rows


def _set(rule: str, how: str, *, also: Iterable[str] = (), needs: Trait = _HAND, **columns: Any) -> None:
    """Register a defect of a reading that was taken at the meter."""
    rules = (rule, *also)

    def plant(draft: Draft, owners: Whole) -> None:
        rows = _visited(draft, owners)
        values = {n: value(draft, rows) if callable(value) else value for n, value in columns.items()}
        draft.change(_TABLE, rows, **values)
        draft.fails(_TABLE, rows, rules, how)

    DEFECTS.by(rule, needs)(plant)


def _extra(
    rule: str, how: str, volume: int, *, also: Iterable[str] = (), needs: Trait = _HAND, **columns: Any
) -> None:
    """Register a reading outside the cycle, after the last one, with a volume that nobody billed."""

    def plant(draft: Draft, owners: Whole) -> None:
        rows = draft.rows(_TABLE, owners, _LAST)
        copies = draft.add(
            _TABLE, rows, reading_type="33", volume_m3=volume, is_estimated=False, remark=None, picture=None,
            reader=None, longitude=None, latitude=None, **columns,
        )  # fmt: skip
        if rule != _BILLED:
            draft.fails(_TABLE, copies, [rule, *also], how)
        if volume != 0:
            draft.lacks(_TABLE, draft.values(_TABLE, "account_no", rows), [_BILLED], how)

    DEFECTS.by(rule, needs)(plant)


def _shifted(column: str, by: int) -> Any:
    return more(_TABLE, column, by)


_set(
    "q41-loaded-in-time",
    "ten days late",
    received_at=lambda d, r: instants((d.numbers(_TABLE, "read_on", r) + 10) * 86_400),
)
_set(
    "q40-remote-agrees-with-visit",
    "five cubic metres apart",
    needs=_WIRE,
    remote_m3=_shifted("register_m3", 5_000),
)
_set(
    "q32-volume-adds-up",
    "seven cubic metres more on the register",
    register_m3=_shifted("register_m3", 7_000),
)
_set(
    "q31-register-does-not-fall",
    "lower than before",
    also=["q32-volume-adds-up", "q152-register-rises-over-time"],
    register_m3=_shifted("previous_m3", -5_000),
)
_set(
    "q151-opening-is-last-closing",
    "three cubic metres skipped",
    register_m3=_shifted("register_m3", 3_000),
    previous_m3=_shifted("previous_m3", 3_000),
)
_set(
    "q152-register-rises-over-time",
    "a thousand cubic metres lower",
    also=["q151-opening-is-last-closing"],
    register_m3=_shifted("register_m3", -1_000_000),
    previous_m3=_shifted("previous_m3", -1_000_000),
)
_set("q154-reading-meter-exists", "a meter that is none", meter_no=other_last(_TABLE, "meter_no"))
_set("q157-estimate-mark-agrees", "seen, and marked as estimated", is_estimated=True)
_set("q158-estimate-has-reason", "estimated without a reason", reading_type="21", is_estimated=True)
_set("q159-picture-reading-has-picture", "no picture", reading_type="13")
_set("q161-visit-has-reader", "no reader", reader=None)
_set("q162-reader-of-the-book", "another reader", reader="R9999999")
_set("q163-remote-reading-of-remote-meter", "sent by a plain meter", reading_type="12")
_set("q164-visit-has-place", "no place", longitude=None)
_set(
    "q165-reading-after-the-last",
    "older than the one before",
    also=["q167-cycle-not-too-long"],
    previous_on=later(_TABLE, "read_on", 1),
)
_set("q167-cycle-not-too-long", "eighty days", previous_on=later(_TABLE, "read_on", -80))
_set("q170-no-identity-number-in-remark", "a number in the remark", remark="户主110101190001010009")
_set("q171-rollover-falls", "marked as started again", is_rollover=True)
_set("q173-reading-in-book-fence", "far off", also=["q24-reading-within-fence"], longitude=100, latitude=30)
_set(
    "q155-reading-in-its-cycle",
    "read in the month after",
    read_on=lambda d, r: days(np.full(len(r), d.city.today - d.city.as_of.day + 1)),
    received_at=lambda d, r: instants(np.full(len(r), (d.city.today - d.city.as_of.day + 1) * 86_400)),
)
_set(
    "q156-reading-not-in-future",
    "read the day after tomorrow",
    also=["q155-reading-in-its-cycle"],
    previous_on=after_today(-28),
    read_on=lambda d, r: days(np.full(len(r), d.city.today + 2)),
    received_at=lambda d, r: instants(np.full(len(r), (d.city.today + 2) * 86_400)),
)

_extra(_BILLED, "a cubic metre read and not billed", 1)
_extra("q33-volume-not-negative", "a negative volume", -1, also=["q168-volume-fits-calibre"])
_extra("q37-residential-too-large", "150 cubic metres", 150)
_extra(
    "q168-volume-fits-calibre",
    "20,000 cubic metres",
    20_000,
    needs=Trait.ACTIVE | Trait.TRADER | Trait.SMALL | Trait.PLAIN,
)
_extra("q169-register-fits-digits", "six digits on a dial of five", 0, register_m3=123_456)


@DEFECTS.by("q150-reading-once-a-cycle", _HAND)
def _again(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners, _LAST)
    register = draft.values(_TABLE, "register_m3", rows)
    copies = draft.add(_TABLE, rows, previous_m3=register, volume_m3=0, picture=None, reading_type="14",
                       is_estimated=False)  # fmt: skip
    draft.fails(_TABLE, copies, ["q150-reading-once-a-cycle"], "read again")


@DEFECTS.by("q160-picture-used-once", _HAND, 2)
def _one_picture(draft: Draft, owners: Whole) -> None:
    rows = _visited(draft, owners)
    name = pc.binary_join_element_wise("x", draft.values(_TABLE, "account_no", np.repeat(rows[::2], 2)), "")
    draft.change(_TABLE, rows, reading_type="13", picture=name)
    draft.fails(_TABLE, rows, ["q160-picture-used-once"], "one picture for two cards")


@DEFECTS.by("q24-reading-within-fence", _HAND)
def _elsewhere(draft: Draft, owners: Whole) -> None:
    """In the book all the same: near the corner that is furthest from the meter."""
    rows = _visited(draft, owners)
    meters = draft.rows("meters", owners)
    here = np.column_stack([draft.numbers("meters", axis, meters) for axis in ("longitude", "latitude")])
    corners = draft.corners(draft.values(_TABLE, "book_no", rows))
    furthest = np.abs(corners - here[:, None, :]).sum(axis=2).argmax(axis=1)
    corner, centre = corners[np.arange(len(rows)), furthest], corners.sum(axis=1) // 4
    place = (corner * 9 + centre) // 10
    draft.change(_TABLE, rows, longitude=decimals(place[:, 0], 10, 6), latitude=decimals(place[:, 1], 9, 6))
    draft.fails(_TABLE, rows, ["q24-reading-within-fence"], "at the other end of the book")


@DEFECTS.by("q28-dates-in-order", _HAND)
def _not_yet(draft: Draft, owners: Whole) -> None:
    meters = draft.rows("meters", owners)
    draft.change("meters", meters, installed_on=days(np.full(len(owners), draft.city.today - 1)))
    draft.fails(_TABLE, _all(draft, owners), ["q28-dates-in-order"], "the meter was installed yesterday")


@DEFECTS.by("q172-no-reading-after-closing", _HAND)
def _closed(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners, _LAST)
    cards = draft.rows("account-cards", owners)
    draft.change("account-cards", cards, closed_on=later(_TABLE, "read_on", -1)(draft, rows))
    draft.fails(_TABLE, rows, ["q172-no-reading-after-closing"], "the card was closed the day before")


def _all(draft: Draft, owners: Whole, dataset: str = _TABLE) -> Whole:
    return (draft.rows(dataset, owners)[:, None] + np.arange(MONTHS)).ravel()


def _orphans(rule: str, dataset: str) -> None:
    """Give all rows of a card the number of one that is none, so that every month is there."""

    def plant(draft: Draft, owners: Whole) -> None:
        rows = _all(draft, owners, dataset)
        former = draft.values(dataset, "account_no", rows[::MONTHS])
        wrong = other_last(dataset, "account_no")(draft, rows)
        draft.change(dataset, rows, account_no=wrong)
        draft.fails(dataset, rows, [rule], "a card that is none")
        both = pa.concat_arrays([former, wrong.take(pa.array(np.arange(0, len(rows), MONTHS)))])
        draft.lacks(_TABLE, both, [_BILLED], "read under one number and billed under another")

    DEFECTS.by(rule, _HAND)(plant)


_orphans("q153-reading-card-exists", _TABLE)
_orphans("q178-bill-card-exists", "bills")


@DEFECTS.by("q30-one-reading-a-cycle", _HAND)
def _missing(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners, _LAST)
    draft.drop(_TABLE, rows)
    gone = draft.sheets[_TABLE].table.take(pa.array(rows))
    draft.lacks(
        _TABLE, key_texts(gone, ("account_no", "cycle")), ["q30-one-reading-a-cycle"], "the last one is gone"
    )
    draft.lacks(_TABLE, gone["account_no"].combine_chunks(), [_BILLED], "more billed than read")


@DEFECTS.by("q35-equal-volumes", _HAND)
def _equal(draft: Draft, owners: Whole) -> None:
    """The sum of three months in equal parts: what was billed stays what was read."""
    rows = draft.rows(_TABLE, owners, _LAST)
    volumes = np.column_stack([draft.numbers(_TABLE, "volume_m3", rows - back) for back in (2, 1, 0)])
    each = volumes.sum(axis=1) // 3  # the months' remainders by twelve are 9, 10 and 11: it comes out even
    opening = draft.numbers(_TABLE, "previous_m3", rows - 2)
    _visited(draft, owners)
    for place in range(3):
        draft.change(
            _TABLE, rows - 2 + place, volume_m3=decimals(each, 18, 3),
            previous_m3=decimals(opening + each * place, 18, 3),
            register_m3=decimals(opening + each * (place + 1), 18, 3),
        )  # fmt: skip
    draft.fails(_TABLE, rows, ["q35-equal-volumes"], "the same for the third time")


@DEFECTS.by("q36-zero-use", _HAND)
def _nothing(draft: Draft, owners: Whole) -> None:
    """Half a year without use, and billed so."""
    rows = draft.rows(_TABLE, owners, _LAST)
    register = draft.values(_TABLE, "previous_m3", rows - 5)
    for back in range(6):
        draft.change(_TABLE, rows - back, volume_m3=0, previous_m3=register, register_m3=register)
        draft.change("bills", draft.rows("bills", owners, _LAST - back), **NO_BILL)
    draft.fails(_TABLE, rows, ["q36-zero-use"], "nothing for the sixth time")
