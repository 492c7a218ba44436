"""Completeness of periods: every series has a row at every step between the first and the last time of all.

What fails is no row but the lack of one, so this is asked as queries of its own: once which steps each series
has, and for those that lack some, which. Steps are counted as whole numbers, alike on both engines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from catalog.quality.bound import BoundRule, Column
from catalog.quality.compiling.sheet import ROW, ROWS, Ask, Sheet
from catalog.quality.judgement import Absence, Judgement, Tally
from standards.data_elements import DataType

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class _Series:
    key: tuple[Any, ...]
    organisation: str | None
    first_row: int
    present: int


def judge_periods(rule: BoundRule, sheet: Sheet, ask: Ask, organisation: str = "NULL") -> Judgement:
    """Return B = series x steps and A = the steps that are there, with every step that is not."""
    time, step = rule.one("time"), str(rule.settings["step"])
    series = sheet.is_there(rule.several("series"))
    slot, applies = _slot(sheet.sql(time), time, step), sheet.applies(rule)
    keys = "".join(f"{key} AS s{place}, " for place, key in enumerate(series))
    names = "".join(f"s{place}, " for place in range(len(series)))
    rows = (
        f"SELECT {keys}{slot} AS slot, {organisation} AS org, {ROW} AS r FROM {ROWS} "
        f"{sheet.joined(slot, applies, organisation, *series)} WHERE {applies}"
    )
    grouped = (
        f"SELECT {names}min(org), min(r), count(DISTINCT slot), min(slot), max(slot) FROM ({rows}) "
        f"WHERE slot IS NOT NULL GROUP BY {names}1 = 1 ORDER BY min(r)"
    )
    found = ask(grouped)
    if not found:
        return Judgement(rule, Tally(0, 0), {}, absences=())
    first, last = min(row[-2] for row in found), max(row[-1] for row in found)
    steps = last - first + 1
    every = [_Series(tuple(row[: len(series)]), *row[len(series) : len(series) + 3]) for row in found]
    tallies: dict[str | None, list[int]] = defaultdict(lambda: [0, 0])
    for each in every:
        tallies[each.organisation][0] += steps
        tallies[each.organisation][1] += steps - each.present
    lacking = [each for each in every if each.present < steps]
    by_organisation = {code: Tally(*counts) for code, counts in tallies.items()}
    total = Tally(steps * len(every), sum(steps - each.present for each in lacking))
    gaps = _gaps(lacking, rows, names, (first, last), step, ask) if lacking else ()
    return Judgement(rule, total, by_organisation, absences=tuple(gaps))


def _gaps(
    lacking: list[_Series], rows: str, names: str, bounds: tuple[int, int], step: str, ask: Ask
) -> Iterator[Absence]:
    wanted = {each.key for each in lacking}
    there: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for *key, slot in ask(f"SELECT DISTINCT {names}slot FROM ({rows}) WHERE slot IS NOT NULL"):
        if tuple(key) in wanted:
            there[tuple(key)].add(slot)
    for each in lacking:
        for slot in range(bounds[0], bounds[1] + 1):
            if slot not in there[each.key]:
                called = tuple(None if part is None else str(part) for part in each.key)
                yield Absence((*called, _named(slot, step)), each.organisation, "has no row")


def _slot(value: str, column: Column, step: str) -> str:
    """Return the SQL of the step's number: hours or days since 1970, or months since year 0."""
    kind = column.element.type
    if kind is DataType.TEXT:  # 2021-03, as a cycle or a month is written
        year, month = (
            f"TRY_CAST(substr({value}, 1, 4) AS BIGINT)",
            f"TRY_CAST(substr({value}, 6, 2) AS BIGINT)",
        )
        return f"({year} * 12 + {month} - 1)"
    if step == "month":
        return f"(CAST(year({value}) AS BIGINT) * 12 + month({value}) - 1)"
    days = f"datediff('day', DATE '1970-01-01', CAST({value} AS DATE))"
    return f"({days} * 24 + hour({value}))" if step == "hour" else f"CAST({days} AS BIGINT)"


def _named(slot: int, step: str) -> str:
    match step:
        case "month":
            return f"{slot // 12:04}-{slot % 12 + 1:02}"
        case "hour":
            return f"{_EPOCH + timedelta(hours=slot):%Y-%m-%dT%H:%M:%SZ}"
    return (date(1970, 1, 1) + timedelta(days=slot)).isoformat()
