"""A sheet of corrections, from CSV, Excel, Parquet or JSON, as typed values for the rows it names.

Each row names a row of the dataset, by the dataset's key or by its number in the column `#row`, and gives
what fields are to be. A blank cell leaves the field as it is; `<null>` empties it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from catalog.corrections.models import MalformedCorrection, UnknownCorrectionField
from catalog.engine import literal, quoted
from catalog.loading import columns, readers
from catalog.loading.columns import SHOWN_FAULTS, Column
from catalog.loading.readers import ReadOptions, Source
from standards.errors import Fault

ROW = "#row"
"""The column that names a row by its number, from 1, where a key can't: it is wrong, or there is none."""
EMPTIES = "<null>"
MAX_JSON_BYTES = 64 << 20
CHANGES = "changes"


@dataclass(frozen=True)
class Sheet:
    """The table `changes` on the connection: `#record`, what names the row, and what its fields are to be.

    `names` are the columns that name rows: `#row`, or the key's fields. Of each field in `fields` there is
    `is:FIELD`, the value, and `says:FIELD`, whether the sheet says anything of it.
    """

    names: tuple[str, ...]
    fields: tuple[str, ...]
    source: Source

    def places(self, records: Sequence[int]) -> dict[int, str]:
        """Return what people see beside records of the sheet."""
        numbers = self.source.row_numbers(set(records))
        return {record: self.source.row(numbers[record]) for record in records}


def open_sheet(
    connection: duckdb.DuckDBPyConnection, path: Path, fields: Sequence[Column], key: Sequence[str],
    scratch: Path,
) -> Sheet:  # fmt: skip
    """Read a sheet into the table `changes`.

    Raises UnreadableFile, MalformedCorrection, UnknownCorrectionField, WrongType.
    """
    source = _source(connection, path, scratch)
    known = _known(source, fields, path)
    if ROW not in known and not (key and set(key) <= known.keys()):
        missing = [name for name in key if name not in known]
        wants = f"the key's fields {', '.join(missing)}" if key else f"the column {ROW}"
        raise MalformedCorrection(
            f"{path} does not say which rows it corrects: it lacks {wants}",
            hint="give the dataset's key in every row, or the row's number, from 1, in a column #row",
        )
    names = (ROW,) if ROW in known else tuple(key)
    said = [each for each in fields if each.field.name in known]
    changed = tuple(each.field.name for each in said if each.field.name not in names)
    if not changed:
        raise MalformedCorrection(f"{path} gives no field to correct", hint="add a column of a field's name")
    _view(connection, source, known, names, changed)
    spoken = replace(source, sql="spoken")
    own = [Column(each.field.model_copy(update={"column": each.field.name}), each.element) for each in said]
    columns.require_usable(source, said, path)
    columns.require_types(connection, spoken, own, path)
    _table(connection, own, names, changed)
    sheet = Sheet(names, changed, source)
    _require_named_once(connection, sheet, path)
    return sheet


def _source(connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path) -> Source:
    if path.suffix.lower() == ".json":
        return _json(connection, path)
    return readers.open_source(connection, path, ReadOptions(), scratch)


def _json(connection: duckdb.DuckDBPyConnection, path: Path) -> Source:
    """Return a JSON array of objects as text columns; null empties a field, what is absent says nothing."""
    rows = _parsed(path)
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    table = pa.table({name: pa.array([_text(row, name) for row in rows], pa.string()) for name in names})
    connection.register("source", table)
    return Source("source", names, first_row=1)


def _parsed(path: Path) -> list[dict[str, object]]:
    hint = 'give an array of objects: [{"customer_no": "C1", "address": "…"}]'
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise MalformedCorrection(
                f"{path} is larger than {MAX_JSON_BYTES:,} bytes", hint="give it as CSV"
            )
        said = json.loads(path.read_text("utf-8-sig"), parse_float=str, parse_int=str)
    except OSError as error:
        raise readers.UnreadableFile(
            f"{path} can't be read: {error.strerror}", hint="check the path and its permissions"
        ) from error
    except (ValueError, RecursionError) as error:
        raise MalformedCorrection(f"{path} is no JSON: {error}", hint=hint) from error
    if not isinstance(said, list) or not said or not all(isinstance(row, dict) for row in said):
        raise MalformedCorrection(f"{path} is no array of objects", hint=hint)
    nested = [
        Fault(f"row {number}, {name}", "is no single value")
        for number, row in enumerate(said, start=1)
        for name, value in row.items()
        if isinstance(value, list | dict)
    ]
    if nested:
        raise MalformedCorrection(f"{path} holds values in values", hint=hint, faults=nested[:SHOWN_FAULTS])
    return said


def _text(row: Mapping[str, object], name: str) -> str | None:
    if name not in row:
        return None
    value = row[name]
    if value is None:
        return EMPTIES
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _known(source: Source, fields: Sequence[Column], path: Path) -> dict[str, str]:
    """Return the sheet's column of each field it has: by the field's name, or its source column."""
    found = {ROW: ROW} if ROW in source.columns else {}
    for each in fields:
        for name in (each.field.name, each.field.source_column):
            if name in source.columns:
                found.setdefault(each.field.name, name)
    if strange := [name for name in source.columns if name not in found.values()]:
        raise UnknownCorrectionField(
            f"{path} has columns that are no fields of the dataset: {', '.join(strange)}",
            hint=f"its fields are {', '.join(each.field.name for each in fields)}; take the others out",
        )
    return found


def _view(
    connection: duckdb.DuckDBPyConnection, source: Source, known: Mapping[str, str],
    names: Sequence[str], changed: Sequence[str],
) -> None:  # fmt: skip
    """Create the view `spoken`: the fields under their own names, what empties one as nothing."""
    parts = [f"{quoted(known[name])} AS {quoted(name)}" for name in names]
    for name in changed:
        column = quoted(known[name])
        parts.append(f"CASE WHEN trim({column}) != {literal(EMPTIES)} THEN {column} END AS {quoted(name)}")
        parts.append(f"coalesce(trim({column}), '') != '' AS {quoted(f'says:{name}')}")
    connection.execute(f"CREATE TEMP VIEW spoken AS SELECT {', '.join(parts)} FROM {source.sql}")


def _table(
    connection: duckdb.DuckDBPyConnection, own: Sequence[Column], names: Sequence[str], changed: Sequence[str]
) -> None:
    typed = {each.field.name: each.value for each in own}
    row = f"TRY_CAST(trim({quoted(ROW)}) AS BIGINT)"
    parts = [f"{row if name == ROW else typed[name]} AS {quoted(name)}" for name in names]
    for name in changed:
        parts += [f"{typed[name]} AS {quoted(f'is:{name}')}", quoted(f"says:{name}")]
    connection.execute(
        f"CREATE TEMP TABLE {CHANGES} AS "
        f'SELECT row_number() OVER () AS "#record", {", ".join(parts)} FROM spoken'
    )


def _require_named_once(connection: duckdb.DuckDBPyConnection, sheet: Sheet, path: Path) -> None:
    names = ", ".join(map(quoted, sheet.names))
    blank = " OR ".join(f"{quoted(name)} IS NULL" for name in sheet.names)
    found = connection.execute(
        f'SELECT "#record", {blank} FROM {CHANGES} WHERE {blank} '
        f"OR ({names}) IN (SELECT ({names}) FROM {CHANGES} GROUP BY {names} HAVING count(*) > 1) "
        f'ORDER BY "#record" LIMIT {SHOWN_FAULTS}'
    ).fetchall()
    if found:
        places = sheet.places([record for record, _ in found])
        raise MalformedCorrection(
            f"{path} does not name each row once",
            hint=f"give each row once, by {', '.join(sheet.names)}",
            faults=[
                Fault(
                    places[record], "names no row" if is_blank else "names a row that another one names too"
                )
                for record, is_blank in found
            ],
        )
