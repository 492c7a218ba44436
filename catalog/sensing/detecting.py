"""Which fields of a Parquet file hold which sensitive things, and in how many rows.

One scan a text column. A code with a check digit is there if more of its look-alikes check than chance would
have it; a number or a text without one needs most of a column, or a column's name that speaks of it. The
thresholds are judgement, each with its reason beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.engine import one_row, quoted, read_parquet
from catalog.sensing import checks, masking, words
from catalog.sensing.models import Sensed, SensitiveKind
from catalog.sensing.within import LEAST_RATIO, LEAST_SHARE, written_within

_SHORTEST_NUMBER: Final = 10_000_000_000
"""Whole numbers below this have fewer digits than a mobile number."""


@dataclass(frozen=True)
class Asked:
    """A field to be looked at: its name, and all that it is called (column, element)."""

    name: str
    said: str


@dataclass(frozen=True)
class _Code:
    """A kind with a check digit. Of `shape` look-alikes at least half must check, where chance gives one in
    `chance`; by `fewest` values chance is out of the question."""

    kind: SensitiveKind
    shape: Callable[[str], str]
    valid: Callable[[str], str]
    fewest: int


_CODES: Final = (
    # A date and a province stand in it: chance passes 1 in 60,000 numbers of 18 digits, so one value will do.
    _Code(SensitiveKind.RESIDENT_ID, checks.is_resident_shape, checks.is_resident_id, 1),
    # Chance passes 1 in 90; three values, 1 in 700,000.
    _Code(SensitiveKind.CREDIT_CODE, checks.is_credit_shape, checks.is_credit_code, 3),
    # One check digit of ten or eleven values: six of them, 1 in a million.
    _Code(SensitiveKind.BANK_CARD, checks.is_card_shape, checks.is_bank_card, 6),
    _Code(SensitiveKind.ORGANISATION_CODE, checks.is_organisation_shape, checks.is_organisation_code, 6),
)

_HAN: Final = "v >= '\u2e80'"
"""The value begins beyond the Latin scripts."""

_PLAIN: Final = {
    "eleven": ("strlen(v) BETWEEN 11 AND 20", checks.is_eleven_digits("v")),
    "mobile": ("strlen(v) BETWEEN 11 AND 20", checks.is_mobile("v")),
    "customer": ("strlen(v) = 11", checks.is_customer_number("v")),
    "landline": ("strlen(v) BETWEEN 10 AND 22", checks.is_landline("v")),
    "local": ("strlen(v) BETWEEN 7 AND 20", checks.is_local_landline("v")),
    "email": ("contains(v, '@')", checks.is_email("v")),
    "name": (f"strlen(v) BETWEEN 6 AND 51 AND {_HAN}", words.is_person_name("v")),
    "likely": (f"strlen(v) BETWEEN 6 AND 12 AND {_HAN}", words.is_likely_name("v")),
    "address": ("strlen(v) > 8 AND strlen(v) > length(v)", words.is_address("v")),
    "place": ("strlen(v) > 8 AND strlen(v) > length(v)", words.is_place("v")),
}
"""A condition that costs little, without which the other can't hold, and the other."""
_CODE_LENGTHS: Final = "strlen(v) IN (9, 10, 16, 17, 18, 19)"


def _guarded(guard: str, condition: str) -> str:
    return f"CASE WHEN {guard} THEN {condition} ELSE false END"


def _plain(name: str) -> str:
    return _guarded(*_PLAIN[name])


@dataclass(frozen=True)
class _Found:
    """A kind that is there: how many rows, and the condition that they fulfil."""

    kind: SensitiveKind
    count: int
    condition: str


def detect(connection: duckdb.DuckDBPyConnection, path: Path, fields: Sequence[Asked]) -> tuple[Sensed, ...]:
    """Return what the text fields of the Parquet file hold, in the order of `fields` and of kinds.

    Dates, decimals and marks are not looked at; whole numbers only if some have as many digits as a mobile
    number.
    """
    schema = pq.read_schema(path)
    long = _long_numbers(path)
    sensed: list[Sensed] = []
    for asked in fields:
        if pa.types.is_string(schema.field(asked.name).type) or asked.name in long:
            values = f"(SELECT trim(CAST({quoted(asked.name)} AS VARCHAR)) AS v FROM {read_parquet(path)})"
            sensed += detect_in(connection, values, asked)
    return tuple(sensed)


def detect_in(connection: duckdb.DuckDBPyConnection, values: str, asked: Asked) -> Iterator[Sensed]:
    """Yield what a table expression with the column `v`, trimmed text, holds."""
    rows, distinct = one_row(connection, f"SELECT count(v), approx_count_distinct(v) FROM {values}")
    if not rows:
        return
    if distinct < rows / 2:  # each value is looked at once
        counted = f"SELECT v, count(*)::BIGINT AS n FROM {values} WHERE v IS NOT NULL GROUP BY v"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE values_to_sense AS {counted}")
        values = "values_to_sense"
    else:
        values = f"(SELECT v, 1::BIGINT AS n FROM {values} WHERE v IS NOT NULL)"
    counts = _count(connection, values, asked.said) | {"rows": rows}
    written = tuple(written_within(connection, values, rows))
    for each in written:
        examples = masking.examples(connection, each.values, each.kind, each.condition)
        yield Sensed(field=asked.name, kind=each.kind, count=each.count, values=rows, examples=examples)
    for found in (*_codes(counts), *_texts(connection, values, counts, asked.said)):
        if found.kind in {each.kind for each in written}:
            continue  # counted with those that stand in longer texts
        examples = masking.examples(connection, values, found.kind, found.condition)
        yield Sensed(field=asked.name, kind=found.kind, count=found.count, values=rows, examples=examples)


def _count(connection: duckdb.DuckDBPyConnection, values: str, said: str) -> dict[str, int]:
    """Return how many rows have each form, all in one scan; which are asked for depends on the hints."""
    wanted = {name: _plain(name) for name in ("eleven", "mobile", "customer", "landline", "email")}
    for name in (
        "name" if words.hints_person(said) or words.hints_name(said) else "likely",
        "place" if words.hints_address(said) else "address",
        *(["local"] if words.hints_phone(said) else []),
    ):
        wanted[name] = _plain(name)
    for code in _CODES:
        wanted[f"{code.kind} shape"] = _guarded(_CODE_LENGTHS, code.shape("v"))
        wanted[str(code.kind)] = _guarded(_CODE_LENGTHS, code.valid("v"))
    columns = ", ".join(f"coalesce(sum(n) FILTER ({condition}), 0)::BIGINT" for condition in wanted.values())
    found = one_row(connection, f"SELECT {columns} FROM {values}")
    return dict(zip(wanted, found, strict=True))


def _codes(counts: dict[str, int]) -> Iterator[_Found]:
    for code in _CODES:
        shaped, valid = counts[f"{code.kind} shape"], counts[str(code.kind)]
        enough = valid >= max(code.fewest, LEAST_SHARE * counts["rows"])
        if enough and valid >= LEAST_RATIO * shaped:
            yield _Found(code.kind, valid, _guarded(_CODE_LENGTHS, code.valid("v")))


def _texts(
    connection: duckdb.DuckDBPyConnection, values: str, counts: dict[str, int], said: str
) -> Iterator[_Found]:
    for kind, count, condition in (
        (SensitiveKind.MOBILE, *_mobile(connection, values, counts, words.hints_phone(said))),
        (SensitiveKind.LANDLINE, *_landline(counts, words.hints_phone(said))),
        (SensitiveKind.EMAIL, *_from(counts, "email", 0.01)),
        (SensitiveKind.PERSON_NAME, *_name(connection, values, counts, said)),
        (SensitiveKind.ADDRESS, *_address(counts, words.hints_address(said))),
    ):
        if count:
            yield _Found(kind, count, condition)


def _from(counts: dict[str, int], name: str, share: float) -> tuple[int, str]:
    """Return how many values have the form, 0 below this share of the rows, and the condition."""
    count = counts[name]
    return (count if count and count >= share * counts["rows"] else 0), _plain(name)


def _mobile(
    connection: duckdb.DuckDBPyConnection, values: str, counts: dict[str, int], hinted: bool
) -> tuple[int, str]:
    """Eleven digits are many things. Nine of ten must have a mobile prefix, and prefixes must vary as they do
    among people: numbers in a row have one or two. What passes the customer number's check digit is one."""
    count, condition = _from(counts, "mobile", 0.01)
    if not count or hinted:
        return count, condition
    if count < 0.9 * counts["eleven"] or counts["customer"] >= 0.9 * counts["eleven"]:
        return 0, condition
    prefixes, numbers = one_row(
        connection,
        f"SELECT count(DISTINCT {checks.mobile_prefix('v')}), count(DISTINCT v) FROM {values} "
        f"WHERE {condition}",
    )
    return (count if numbers >= 5 and prefixes >= min(8, numbers // 3 + 1) else 0), condition


def _landline(counts: dict[str, int], hinted: bool) -> tuple[int, str]:
    if not hinted:
        return _from(counts, "landline", 0.01)
    condition = f"({_plain('landline')} OR {_plain('local')})"
    count = counts["landline"] + counts["local"]  # with the area code set apart or not: never both
    return (count if count >= 0.01 * counts["rows"] else 0), condition


def _name(
    connection: duckdb.DuckDBPyConnection, values: str, counts: dict[str, int], said: str
) -> tuple[int, str]:
    """A column that is said to hold persons' names holds some if one in ten looks so, one of names half; else
    seven in ten must, under common surnames, of which there are many, in many different names: short words
    are few and repeat."""
    if words.hints_person(said):
        return _from(counts, "name", 0.1)
    if words.hints_name(said):
        return _from(counts, "name", 0.5)
    count, condition = _from(counts, "likely", 0.7)
    if not count:
        return 0, condition
    names, surnames = one_row(
        connection,
        f"SELECT count(DISTINCT v), count(DISTINCT {words.surname('v')}) FROM {values} WHERE {condition}",
    )
    return (count if names >= 50 and surnames >= 8 else 0), condition


def _address(counts: dict[str, int], hinted: bool) -> tuple[int, str]:
    """One in ten if the column is called so, where a street or community without a number counts as well;
    else three in ten with their numbers."""
    return _from(counts, "place", 0.1) if hinted else _from(counts, "address", 0.3)


def _long_numbers(path: Path) -> frozenset[str]:
    """Return the whole-number columns that may hold a number of eleven digits, by the file's statistics."""
    metadata, found = pq.read_metadata(path), set()
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            column = metadata.row_group(group).column(place)
            stated = column.statistics
            if column.physical_type == "INT64" and stated is not None and stated.has_min_max:
                highest = stated.max
                if isinstance(highest, int) and highest >= _SHORTEST_NUMBER:
                    found.add(column.path_in_schema)
    return frozenset(found)
