"""The books: what an asset is carried at, and its amortisation month by month, in whole fen.

Straight line: every month takes an equal part of what is left to take, rounded to the fen, and the last month
all of it, so the months sum to the cost exactly. A cost counts from the month it is booked in, an impairment
from the month after.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

_FEN = Decimal("0.01")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Month(_Frozen):
    """A month of the plan, `2026-03`: carried before, come in, taken, lost, carried after."""

    month: str
    opening: Decimal
    added: Decimal
    amortised: Decimal
    impaired: Decimal
    closing: Decimal


class Schedule(_Frozen):
    """The amortisation month by month, and its sum."""

    months: tuple[Month, ...]
    total: Decimal


class Book(_Frozen):
    """What the books say on a day, in CNY: carrying = capitalised - amortised - impaired."""

    on: date
    capitalised: Decimal
    expensed: Decimal
    amortised: Decimal
    impaired: Decimal
    carrying: Decimal


@dataclass(frozen=True)
class Booked:
    """An amount in fen on a day."""

    on: date
    fen: int


@dataclass(frozen=True)
class Plan:
    """A plan of amortisation: from which month, for how many, down to which residual in fen."""

    starts_on: date
    months: int
    residual: int

    @property
    def first(self) -> int:
        return _ordinal(self.starts_on)

    @property
    def last(self) -> int:
        return self.first + self.months - 1


@dataclass(frozen=True)
class Ledger:
    """Everything that counts: capitalised and expensed costs, impairments, plans in the order of entry."""

    costs: tuple[Booked, ...] = ()
    expenses: tuple[Booked, ...] = ()
    impairments: tuple[Booked, ...] = ()
    plans: tuple[Plan, ...] = ()

    def schedule(self) -> Schedule:
        """Return the amortisation month by month; without a plan there is none."""
        months = tuple(self._months())
        return Schedule(months=months, total=sum((m.amortised for m in months), yuan(0)))

    def book(self, on: date) -> Book:
        """Return what the books say at the end of a day; a month's amortisation is booked on its last day."""
        capitalised, expensed = _until(self.costs, on), _until(self.expenses, on)
        impaired = _until(self.impairments, on)
        this = _ordinal(on) if (on + timedelta(days=1)).day == 1 else _ordinal(on) - 1
        amortised = sum(_fen(m.amortised) for m in self._months() if _parsed(m.month) <= this)
        return Book(
            on=on,
            capitalised=yuan(capitalised),
            expensed=yuan(expensed),
            amortised=yuan(amortised),
            impaired=yuan(impaired),
            carrying=yuan(capitalised - amortised - impaired),
        )

    def adds_up(self) -> bool:
        """Tell whether nothing is ever carried below zero."""
        carried_below = any(month.closing < 0 for month in self._months())
        days = {each.on for each in (*self.costs, *self.impairments)}
        return not carried_below and all(self.book(day).carrying >= 0 for day in days)

    def _months(self) -> Iterable[Month]:
        if not self.plans:
            return
        plans = sorted(
            self.plans, key=lambda plan: plan.first
        )  # stable: of two for one month the later entry
        month, carried = plans[0].first, 0
        carried = sum(cost.fen for cost in self.costs if _ordinal(cost.on) < month)
        carried -= sum(loss.fen for loss in self.impairments if _ordinal(loss.on) < month)
        while True:
            plan = [each for each in plans if each.first <= month][-1]
            if month > plan.last:
                later = [each.first for each in plans if each.first > month]
                if not later:
                    return
            added = sum(cost.fen for cost in self.costs if _ordinal(cost.on) == month)
            impaired = sum(loss.fen for loss in self.impairments if _ordinal(loss.on) == month)
            left = plan.last - month + 1
            to_take = max(0, carried + added - plan.residual)
            amortised = _rounded(to_take, left) if left > 0 else 0
            closing = carried + added - amortised - impaired
            yield Month(
                month=f"{month // 12:04d}-{month % 12 + 1:02d}",
                opening=yuan(carried),
                added=yuan(added),
                amortised=yuan(amortised),
                impaired=yuan(impaired),
                closing=yuan(closing),
            )
            month, carried = month + 1, closing


def fen(amount: Decimal) -> int:
    """Return an amount in whole fen."""
    return _fen(amount)


def yuan(amount: int) -> Decimal:
    """Return fen as an amount in yuan with two decimals."""
    return Decimal(amount).scaleb(-2)


def _fen(amount: Decimal) -> int:
    return int(amount.quantize(_FEN).scaleb(2))


def _rounded(amount: int, parts: int) -> int:
    return (2 * amount + parts) // (2 * parts)  # half a fen goes up


def _until(booked: Iterable[Booked], on: date) -> int:
    return sum(each.fen for each in booked if each.on <= on)


def _ordinal(day: date) -> int:
    return day.year * 12 + day.month - 1


def _parsed(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1
