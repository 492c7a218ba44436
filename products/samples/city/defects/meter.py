"""Defects of meters and terminals. Where a date or a place is wrong, the meter is one that is not read."""

from __future__ import annotations

from typing import Any

import numpy as np

from products.samples.city.chance import Whole
from products.samples.city.columns import instants
from products.samples.city.defects.registry import Defects
from products.samples.city.defects.values import after_today, later, of, other_last, suffixed
from products.samples.city.draft import Draft
from products.samples.city.traits import Trait

DEFECTS = Defects()
_TABLE = "meters"
_READ = Trait.ACTIVE | Trait.SMALL | Trait.PLAIN
_IDLE = Trait.SUSPENDED | Trait.SMALL


def _set(rule: str, needs: Trait, how: str, also: tuple[str, ...] = (), **columns: Any) -> None:
    DEFECTS.cells(rule, _TABLE, needs, how, also=also, **columns)


_set("q25-calibre-permitted", _READ, "DN33", calibre_mm=33)
_set("q26-calibre-fits-flow", _READ, "a flow far too large", permanent_flow_m3_per_h=99)
_set("q27-verification-valid", _READ, "expired", verification_due_on=after_today(-10))
_set("q29-remote-has-terminal", _READ | Trait.REMOTE, "no terminal", terminal_no=None)
_set(
    "q113-meter-number-form",
    Trait.AWAITED | Trait.BY_HAND,
    "check digit",
    meter_no=other_last(_TABLE, "meter_no"),
)
_set(
    "q114-meter-dates-in-order",
    Trait.CLOSED,
    "removed before it was installed",
    removed_on=later(_TABLE, "installed_on", -5),
)
_set(
    "q115-verified-before-due",
    _IDLE,
    "expired before it was verified",
    also=("q116-verification-period-small",),
    verification_due_on=later(_TABLE, "verified_on", -1),
)
_set(
    "q116-verification-period-small",
    _IDLE,
    "due after eight years",
    verification_due_on=later(_TABLE, "verified_on", 3_000),
)
_set(
    "q117-verification-period-medium",
    Trait.ACTIVE | Trait.MEDIUM,
    "due after eight years",
    verification_due_on=later(_TABLE, "verified_on", 3_000),
)
_set(
    "q118-verification-period-large",
    Trait.ACTIVE | Trait.LARGE,
    "due after eight years",
    verification_due_on=later(_TABLE, "verified_on", 3_000),
)
_set("q119-installed-has-day", _IDLE, "no day", installed_on=None)
_set("q120-installed-not-in-future", _IDLE, "next month", installed_on=after_today(30))
_set("q121-removed-has-day", Trait.CLOSED, "no day", removed_on=None)
_set("q122-in-service-not-removed", _READ, "removed today, and in service", removed_on=after_today(0))
_set("q124-made-before-installed", _READ, "made in 2099", made_in="2099")
_set("q125-master-exists", _READ, "a master that is none", master_no="9999999999999999")
_set("q126-master-is-another", _READ, "its own master", master_no=of(_TABLE, "meter_no"))
_set(
    "q128-manual-has-no-terminal",
    _READ | Trait.BY_HAND,
    "a terminal on a plain meter",
    terminal_no=of(_TABLE, "meter_no"),
)
_set("q130-meter-in-book-fence", _IDLE, "far off", longitude=100, latitude=30)
_set("q131-meter-book-exists", _IDLE, "a book that is none", book_no="99999999")
DEFECTS.cells(
    "q132-terminal-meter-exists",
    "terminals",
    _READ | Trait.REMOTE,
    "a meter that is none",
    meter_no="9999999999999999",
)
DEFECTS.cells(
    "q133-terminal-heard",
    "terminals",
    _READ | Trait.REMOTE,
    "silent for ten days",
    last_heard_at=lambda d, r: instants(np.full(len(r), (d.city.today - 10) * 86_400)),
)
DEFECTS.cells("q134-terminal-battery", "terminals", _READ | Trait.REMOTE, "2.10 V", battery_v="2.10")


@DEFECTS.by("q21-meter-number-unique", _READ | Trait.BY_HAND)
def _twice(draft: Draft, owners: Whole) -> None:
    copies = draft.add(_TABLE, draft.rows(_TABLE, owners), seal_no=None)
    draft.fails(_TABLE, copies, ["q21-meter-number-unique"], "the number again")


@DEFECTS.by("q123-meter-has-card", _READ | Trait.BY_HAND)
def _nobodys(draft: Draft, owners: Whole) -> None:
    like = draft.rows(_TABLE, owners)
    copies = draft.add(_TABLE, like, seal_no=None, meter_no=suffixed(_TABLE, "meter_no", "Z")(draft, like))
    draft.fails(_TABLE, copies, ["q123-meter-has-card"], "on no card")


def _same(rule: str, column: str, how: str, needs: Trait, *, all_fail: bool) -> None:
    """Give the second of two the first one's value."""

    def plant(draft: Draft, owners: Whole) -> None:
        rows = draft.rows(_TABLE, owners)
        draft.change(_TABLE, rows[1::2], **{column: draft.values(_TABLE, column, rows[::2])})
        draft.fails(_TABLE, rows if all_fail else rows[1::2], [rule], how)

    DEFECTS.by(rule, needs, 2)(plant)


_same(
    "q127-terminal-on-one-meter",
    "terminal_no",
    "one terminal, two meters",
    _READ | Trait.REMOTE,
    all_fail=True,
)
_same("q129-seal-unique", "seal_no", "one seal, two meters", _READ, all_fail=False)


@DEFECTS.by("q135-meter-number-plain", Trait.CLOSED | Trait.BY_HAND)
def _plain(draft: Draft, owners: Whole) -> None:
    rows = draft.rows(_TABLE, owners)
    draft.change(_TABLE, rows, meter_no="7777777777777777")
    draft.change("account-cards", draft.rows("account-cards", owners), meter_no="7777777777777777")
    draft.fails(_TABLE, rows, ["q135-meter-number-plain"], "sevens")
