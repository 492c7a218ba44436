"""Run a rule set over one version: what passed of what was judged, by organisation, and all that failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from catalog.quality.bound import BoundRule
from catalog.quality.compiling.kinds import COMPILERS
from catalog.quality.compiling.sheet import ROWS, Ask, Sheet
from catalog.quality.judgement import NO_ROWS, Judgement, Rows, Tally
from catalog.quality.periods import judge_periods
from catalog.quality.scans import BITS, Scan, scans
from catalog.quality.totals import judge_newest, judge_sums

BY_QUERY: Mapping[str, Callable[[BoundRule, Sheet, Ask, str], Judgement]] = {
    "complete-period": judge_periods,
    "reconciles": judge_sums,
    "recent": judge_newest,
}
"""The checks whose failures are no rows: each asks queries of its own."""


def judge(
    connection: duckdb.DuckDBPyConnection,
    rules: Sequence[BoundRule],
    sheet: Sheet,
    organisation: str = "NULL",
) -> tuple[Judgement, ...]:
    """Return every rule's judgement, in the order of the rules. The views of the sheet are there already.

    Rules of a dataset as a whole are judged in `wholes`.
    """
    planned = scans([rule for rule in rules if rule.check in COMPILERS], sheet, organisation)

    def ask(query: str) -> list[tuple[Any, ...]]:
        return connection.execute(query).fetchall()

    for name, build in sheet.tables.items():
        connection.register(name, build(ask))
    found = {
        rule.id: BY_QUERY[rule.check](rule, sheet, ask, organisation)
        for rule in rules
        if rule.check in BY_QUERY
    }
    for scan in planned:
        for judgement in read(scan, connection.sql(scan.sql).to_arrow_reader(10_000)):
            found[judgement.rule.id] = judgement
    return tuple(found[rule.id] for rule in rules)


def read(scan: Scan, batches: Iterable[pa.RecordBatch]) -> Iterator[Judgement]:
    """Yield what each rule of a scan found, from the rows that an engine answered."""
    judged: list[dict[str | None, int]] = [defaultdict(int) for _ in scan.rules]
    failed: list[dict[str | None, int]] = [defaultdict(int) for _ in scan.rules]
    rows: list[list[Rows]] = [[] for _ in scan.rules]
    for batch in batches:
        columns = [column.to_pylist() for column in batch.columns[:-1]]
        lists = batch.columns[-1]
        for place, (organisation, *masks, count) in enumerate(zip(*columns, strict=True)):
            some = _numbers(lists[place])
            for index in _bits(masks[scan.masks :]):
                judged[index][organisation] += count
            for index in _bits(masks[: scan.masks]):
                failed[index][organisation] += count
                rows[index].append(some)
    for index, rule in enumerate(scan.rules):
        tallies = {
            organisation: Tally(count, failed[index].get(organisation, 0))
            for organisation, count in judged[index].items()
        }
        total = Tally(sum(t.judged for t in tallies.values()), sum(t.failing for t in tallies.values()))
        yield Judgement(rule, total, tallies, _sorted(rows[index]))


def _bits(masks: Sequence[int]) -> Iterator[int]:
    for word, mask in enumerate(masks):
        while mask:
            lowest = mask & -mask
            yield word * BITS + lowest.bit_length() - 1
            mask ^= lowest


def _numbers(cell: Any) -> Rows:
    return cell.values.to_numpy() if cell.is_valid else NO_ROWS


def _sorted(parts: Sequence[Rows]) -> Rows:
    return np.sort(np.concatenate(parts)) if parts else NO_ROWS


def view_of(parquet: str, name: str = ROWS) -> str:
    """Return the statement that makes the view of a version, its rows numbered as they stand in the file."""
    return f'CREATE VIEW {name} AS SELECT *, file_row_number AS "#row" FROM {parquet}'
