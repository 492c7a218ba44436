"""A dataset's rules over tables that hold only the records in question: compiled once, asked often.

The statements are prepared on a connection of their own, so a check is a few executions of what is planned
already. The tables are emptied and filled for each; what a rule reads of other datasets is looked up between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from catalog.datasets.models import FieldDraft
from catalog.engine import literal, quoted
from catalog.loading.typing_columns import BLANKS, typed
from catalog.quality.bound import BoundRule, Column
from catalog.quality.compiling.sheet import ROW, ROWS, Beside, Sheet
from catalog.quality.records.lookups import Lookup
from catalog.quality.records.reach import Step
from catalog.quality.rulebook import view_name
from catalog.quality.scans import looks_beside, tests_of, verdicts
from catalog.table_types import sql_type
from standards.data_elements import DataElement
from standards.library import Library


@dataclass(frozen=True)
class Field:
    """A field of the dataset: its document and its data element."""

    draft: FieldDraft
    element: DataElement

    @property
    def name(self) -> str:
        return self.draft.name


@dataclass(frozen=True)
class Plan:
    """All that decides what the rules say of a record: when any of it changes, it is compiled anew."""

    fields: tuple[Field, ...]
    rules: tuple[BoundRule, ...]
    beside: Mapping[str, Beside]
    steps: tuple[tuple[Step, Lookup], ...]
    elements: Mapping[str, Mapping[str, DataElement]]
    """Of each dataset that is looked into, the data elements of the fields that are read."""
    library: Library
    today: date


@dataclass(frozen=True)
class Verdicts:
    """Of one record: the fields whose value is wrong, and whether it passed each rule that applies to it."""

    wrong: tuple[str, ...]
    passed: Mapping[str, bool]


class Compiled:
    """One plan on one connection. It is asked by one thread at a time.

    Nothing is optimised: to plan for one row costs more than to look at it, and plans must not depend on what
    the tables held when they were made.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._connection = connection = duckdb.connect(":memory:", config={"threads": 1})
        connection.execute("SET TimeZone = 'UTC'; PRAGMA disable_optimizer")
        self._make(ROWS, {ROW: "BIGINT"} | {quoted(f.name): sql_type(f.element) for f in plan.fields})
        for name, elements in plan.elements.items():
            columns = {quoted(field): sql_type(element) for field, element in elements.items()}
            self._make(view_name(name), columns or {"nothing": "BOOLEAN"})
        beside = {name: Beside(view_name(name), each.on) for name, each in plan.beside.items()}
        sheet = Sheet(plan.library, plan.today, beside)
        statements, self._asked = _asking(plan.rules, sheet)
        self._tables = sheet.tables
        self._again: dict[str, str] = {}
        for name, build in sheet.tables.items():
            shape = build(self._ask)
            connection.from_arrow(shape).create(name)
        for name, statement in (statements | _typing(plan.fields)).items():
            connection.execute(f"PREPARE {name} AS {statement}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def judge(self, records: Sequence[Sequence[str | None]]) -> list[Verdicts]:
        """Return the verdicts on records; each is the texts of its values in the order of the fields."""
        self._connection.execute("BEGIN")
        try:
            return self._judged(records)
        finally:
            self._connection.execute("ROLLBACK")  # the tables are empty again

    def _judged(self, records: Sequence[Sequence[str | None]]) -> list[Verdicts]:
        given = ", ".join(map(_listed, zip(*records, strict=True)))
        self._ask(f"EXECUTE typing([{', '.join(map(str, range(len(records))))}], {given})")
        wrong = {row: self._wrong(records[row], missing) for row, *missing in self._ask("EXECUTE missing")}
        for step, lookup in self._plan.steps:
            self._fill(view_name(step.dataset), lookup.rows(self._values(step.ours)))
        for name, build in self._tables.items():
            self._fill(name, build(self._ask_again))
        passed: list[dict[str, bool]] = [{} for _ in records]
        for place, rules in enumerate(self._asked):
            for _, row, *said in self._ask(f"EXECUTE asked{place}"):
                there = ((rule.id, yes) for rule, yes in zip(rules, said, strict=True) if yes is not None)
                passed[row].update(there)
        return [Verdicts(wrong[row], passed[row]) for row in range(len(records))]

    def _wrong(self, texts: Sequence[str | None], missing: Sequence[bool]) -> tuple[str, ...]:
        """Return the fields that were given something that is no value."""
        return tuple(
            field.name
            for field, text, is_missing in zip(self._plan.fields, texts, missing, strict=True)
            if is_missing and text is not None and text.strip(BLANKS)
        )

    def _values(self, columns: Sequence[Column]) -> list[tuple[Any, ...]]:
        names = ", ".join(quoted(column.name) for column in columns)
        dataset = columns[0].dataset
        return self._ask(f"SELECT {names} FROM {ROWS if dataset is None else view_name(dataset)}")

    def _make(self, table: str, columns: Mapping[str, str]) -> None:
        self._connection.execute(
            f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
        )

    def _fill(self, table: str, rows: pa.Table) -> None:
        if rows.num_rows:
            names = ", ".join(map(quoted, rows.column_names))
            self._connection.execute(f"INSERT INTO {table} ({names}) SELECT * FROM rows")

    def _ask_again(self, query: str) -> list[tuple[Any, ...]]:
        """Ask what is asked for every record, planned at the first time."""
        if query not in self._again:
            self._connection.execute(f"PREPARE again{len(self._again)} AS {query}")
            self._again[query] = f"EXECUTE again{len(self._again)}"
        return self._ask(self._again[query])

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()


def _asking(rules: Sequence[BoundRule], sheet: Sheet) -> tuple[dict[str, str], list[list[BoundRule]]]:
    """Return the statements that ask for verdicts, and the rules that each of them asks.

    A rule that looks beside the row is asked by itself: with joins below it, a wide projection takes several
    times as long to set up.
    """
    tests = tests_of(rules, sheet)
    beside = [each for each in tests if looks_beside(*each, sheet)]
    own = [each for each in tests if each not in beside]
    asked = [[each] for each in beside] + ([own] if own else [])
    statements = {f"asked{place}": verdicts(each, sheet) for place, each in enumerate(asked)}
    return statements, [[rule for rule, _ in each] for each in asked]


def _typing(fields: Sequence[Field]) -> dict[str, str]:
    """Return the statement that fills the rows from lists of texts, and the one that says what is missing."""
    lists = ", ".join(f"unnest(${n}::VARCHAR[]) AS {quoted(f.name)}" for n, f in enumerate(fields, start=2))
    values = ", ".join(typed(f.name, f.element, f.draft.time_zone) for f in fields)
    missing = ", ".join(f"{quoted(f.name)} IS NULL" for f in fields)
    return {
        "typing": f"INSERT INTO {ROWS} SELECT {ROW}, {values} "
        f"FROM (SELECT unnest($1::BIGINT[]) AS {ROW}, {lists})",
        "missing": f"SELECT {ROW}, {missing} FROM {ROWS}",
    }


def _listed(texts: Sequence[str | None]) -> str:
    return f"[{', '.join('NULL' if text is None else literal(text) for text in texts)}]"
