"""The first failures of each rule in words: which rows, and what stands in the fields that the rule looks at.

Values of people are never shown, nor texts that have not the form they should: such a text may be anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import duckdb

from catalog.engine import quoted
from catalog.quality.bound import BoundRule, Column
from catalog.quality.compiling.sheet import ROW, ROWS
from catalog.quality.judgement import Absence, Judgement
from catalog.table_types import text_form
from standards.checks import CheckFamily
from standards.data_elements import DataType

SHOWN_EXAMPLES = 10
_HIDDEN = "(hidden)"
_CODED = ("code-list", "code-level")


def examples(
    connection: duckdb.DuckDBPyConnection, judgements: Sequence[Judgement], secret: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Return the first failures of each rule; those in fields of `secret` names without their values."""
    firsts = {judgement.rule.id: judgement.rows[:SHOWN_EXAMPLES].tolist() for judgement in judgements}
    columns = {c.name for judgement in judgements if firsts[judgement.rule.id] for c in shown(judgement.rule)}
    wanted = {row for rows in firsts.values() for row in rows}
    values = _values(connection, sorted(wanted), sorted(columns - set(secret)))
    found = {}
    for judgement in judgements:
        rows = [_row(judgement.rule, row, values[row]) for row in firsts[judgement.rule.id]]
        lacks = [_absence(judgement.rule, each, secret) for each in judgement.absences[:SHOWN_EXAMPLES]]
        found[judgement.rule.id] = tuple([*rows, *lacks][:SHOWN_EXAMPLES])
    return found


def shown(rule: BoundRule) -> tuple[Column, ...]:
    """Return the fields of the row whose values an example shows, if they are not secret."""
    own = {column.name: column for column in rule.columns if column.dataset is None}
    return tuple(column for column in own.values() if not _may_be_anything(rule, column))


def _may_be_anything(rule: BoundRule, column: Column) -> bool:
    judged_by_itself = rule.kind.family is CheckFamily.VALUE and rule.check not in _CODED
    return judged_by_itself and column.element.type is DataType.TEXT


def _values(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[int], columns: Sequence[str]
) -> dict[int, dict[str, str | None]]:
    if not rows:
        return {}
    listed = ", ".join([ROW, *map(quoted, columns)])
    source = f"SELECT {listed} FROM {ROWS} WHERE {ROW} IN ({', '.join(map(str, rows))})"
    types = connection.sql(f"SELECT * FROM ({source}) LIMIT 0").to_arrow_table().schema
    texts = "".join(f", {text_form(name, types.field(name).type)}" for name in columns)
    answers = connection.execute(f"SELECT {ROW}{texts} FROM ({source})").fetchall()
    return {row: dict(zip(columns, values, strict=True)) for row, *values in answers}


def _row(rule: BoundRule, row: int, values: Mapping[str, str | None]) -> str:
    return ", ".join([f"row {row + 1}", *_said(rule, values)])


def _said(rule: BoundRule, values: Mapping[str, str | None]) -> Iterator[str]:
    if rule.check in ("present", "absent"):
        return
    for column in shown(rule):
        value = values.get(column.name, _HIDDEN)
        yield f"{column.name} {'null' if value is None else value}"


def _absence(rule: BoundRule, absence: Absence, secret: Collection[str]) -> str:
    columns = [each for role in ("series", "key") for each in rule.several(role)]
    parts = []
    for place, value in enumerate(absence.key):
        if place >= len(columns):
            parts.append(f"{value}")
        elif columns[place].name in secret:
            parts.append(f"{columns[place].name} {_HIDDEN}")
        else:
            parts.append(f"{columns[place].name} {'null' if value is None else value}")
    return " ".join([", ".join(parts), absence.said]).strip()
