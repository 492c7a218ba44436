"""What is wrong with a dataset's fields and rules before any data has come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

import duckdb

from catalog.engine import engine, literal, one_row
from catalog.quality.rules import CompletePeriod, Pattern, Permitted, Range, Rule, Step
from standards.data_elements import DataElement, DataType
from standards.errors import Fault, NotFound
from standards.library import Library


class Field(Protocol):
    """What is asked of a field here."""

    @property
    def name(self) -> str: ...
    @property
    def element(self) -> str: ...
    @property
    def time_zone(self) -> str | None: ...


def field_and_rule_faults(
    fields: Sequence[Field], rules: Sequence[Rule], library: Library
) -> Iterator[Fault]:
    """Yield what would fail when data is loaded or checked; unknown data elements are told elsewhere."""
    elements: dict[str, DataElement] = {}
    for index, field in enumerate(fields):
        try:
            elements[field.name] = library.element(field.element)
        except NotFound:
            continue
        yield from _zone_faults(f"/fields/{index}/time_zone", field.time_zone, elements[field.name])
    for index, rule in enumerate(rules):
        yield from _rule_faults(f"/rules/{index}", rule, elements, library)


def _zone_faults(pointer: str, zone: str | None, element: DataElement) -> Iterator[Fault]:
    if zone is None:
        return
    if element.type is not DataType.TIMESTAMP:
        yield Fault(pointer, f"a time zone goes with a timestamp, and {element.id} is {element.type}")
    if not _is_zone(zone):
        yield Fault(pointer, f"nobody knows the time zone {zone!r}; use a name such as Asia/Shanghai")


@lru_cache(maxsize=1024)  # an engine for every field of many datasets takes its time
def _is_zone(zone: str) -> bool:
    with engine() as connection:
        known = f"SELECT count(*) FROM pg_timezone_names() WHERE lower(name) = lower({literal(zone)})"
        return one_row(connection, known) != (0,)


def _rule_faults(
    pointer: str, rule: Rule, elements: Mapping[str, DataElement], library: Library
) -> Iterator[Fault]:
    match rule:
        case Range():
            yield from _type_faults(
                f"{pointer}/field", rule.field, elements, DataType.INTEGER, DataType.DECIMAL
            )
        case Pattern():
            yield from _type_faults(f"{pointer}/field", rule.field, elements, DataType.TEXT)
            yield from _pattern_faults(f"{pointer}/pattern", rule.pattern)
        case Permitted():
            yield from _type_faults(f"{pointer}/field", rule.field, elements, DataType.TEXT, DataType.INTEGER)
            yield from _code_faults(pointer, rule, library)
        case CompletePeriod():
            kinds = (DataType.TIMESTAMP,) if rule.step is Step.HOUR else (DataType.TIMESTAMP, DataType.DATE)
            yield from _type_faults(f"{pointer}/time", rule.time, elements, *kinds)


def _type_faults(
    pointer: str, field: str, elements: Mapping[str, DataElement], *wanted: DataType
) -> Iterator[Fault]:
    if field in elements and elements[field].type not in wanted:
        kinds = " or ".join(wanted)
        yield Fault(pointer, f"the rule needs a field of type {kinds}, and {field} is {elements[field].type}")


def _pattern_faults(pointer: str, pattern: str) -> Iterator[Fault]:
    with engine() as connection:
        try:
            one_row(connection, f"SELECT regexp_full_match('', {literal(pattern)})")
        except duckdb.Error as error:
            yield Fault(pointer, f"no regular expression of RE2: {str(error).splitlines()[0]}")


def _code_faults(pointer: str, rule: Permitted, library: Library) -> Iterator[Fault]:
    try:
        codes = library.code_list(rule.code_list).codes
    except NotFound as error:
        yield Fault(f"{pointer}/code_list", f"{error.message} ({error.hint})")
        return
    levels = sorted({code.level for code in codes})
    if rule.level is not None and rule.level not in levels:
        yield Fault(f"{pointer}/level", f"{rule.code_list} has the levels {', '.join(map(str, levels))}")
