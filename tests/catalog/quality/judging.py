"""Judge small tables by one check, on the engine that users get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from catalog.quality.bound import BoundRule, Column
from catalog.quality.compiling.sheet import Beside, Sheet
from catalog.quality.judgement import Judgement
from catalog.quality.running import judge
from standards.checks import KINDS
from standards.conditions import parse
from standards.data_elements import DataElement, DataType, IdentifierKind, RegistrationStatus
from standards.library import Library
from standards.rules import NullMeaning
from standards.security import SecurityLevel

LIBRARY = Library.load()
TODAY = date(2026, 11, 22)

_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 4),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def an_element(name: str, kind: str = "text", **changes: Any) -> DataElement:
    """Return a data element of a type, for tests."""
    decimal = {"precision": 18, "scale": 4} if kind == "decimal" else {}
    said: dict[str, Any] = {
        "id": f"test.{name}",
        "version": "1.0",
        "name_zh": name,
        "name_en": name,
        "definition": name,
        "object_class": "test",
        "property": name,
        "type": DataType(kind),
        "security_level": SecurityLevel.GENERAL_2,
        "identifier_kind": IdentifierKind.NONE,
        "status": RegistrationStatus.STANDARD,
    }
    return DataElement.model_validate(said | decimal | changes)


def a_rule(
    check: str, fields: Sequence[Column], *, where: str = "", null: str = "skipped", **settings: Any
) -> BoundRule:
    """Return a rule over fields in the order of its check's roles."""
    kind = KINDS[check]
    roles = kind.assigned([str(place) for place in range(len(fields))])
    given = {name.replace("_", "-"): value for name, value in settings.items()}
    named = {column.name: column for column in fields}
    return BoundRule(
        id=check,
        check=check,
        fields={role: tuple(fields[int(place)] for place in part) for role, part in roles.items()},
        indicator="0101",
        settings=kind.settings(given),
        where=tuple((each, named[each.field]) for each in parse(where)) if where else (),
        null_means=NullMeaning(null),
    )


def columns(types: Mapping[str, str]) -> dict[str, Column]:
    """Return columns by name."""
    return {name: Column(name, an_element(name, kind)) for name, kind in types.items()}


def a_connection(types: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> duckdb.DuckDBPyConnection:
    """Return a connection that has the rows to judge."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    schema = pa.schema([(name, _TYPES[kind]) for name, kind in types.items()])
    values: list[Sequence[Any]] = [*zip(*rows, strict=True)] if rows else [[] for _ in types]
    table = pa.table([pa.array(v, t) for v, t in zip(values, schema.types, strict=True)], schema=schema)
    connection.register("given", table)
    connection.execute(
        'CREATE TABLE kept AS SELECT *, row_number() OVER () - 1 AS "#row" FROM given; '
        "CREATE VIEW judged_rows AS SELECT * FROM kept"
    )
    return connection


def judged(
    check: str, types: Mapping[str, str], rows: Sequence[Sequence[Any]], *, fields: Sequence[str] = (),
    organisation: str = "NULL", beside: Mapping[str, Beside] | None = None, **settings: Any,
) -> Judgement:  # fmt: skip
    """Return what a check over the fields, all of them unless some are named, says of the rows."""
    named = columns(types)
    rule = a_rule(check, [named[name] for name in fields or types], **settings)
    with a_connection(types, rows) as connection:
        sheet = Sheet(LIBRARY, TODAY, dict(beside or {}))
        (found,) = judge(connection, [rule], sheet, organisation)
    return found


def failing(check: str, kinds: str, rows: Sequence[Sequence[Any]], **settings: Any) -> list[int]:
    """Return the numbers of the failing rows; `kinds` are the types of the fields a, b, c …"""
    types = dict(zip("abcdefgh", kinds.split(), strict=False))
    return [int(row) for row in judged(check, types, rows, **settings).rows]
