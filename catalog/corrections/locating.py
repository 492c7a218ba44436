"""Which rows of the dataset a sheet of corrections is for, and which of their cells it changes.

The sheet is small beside the dataset: it is what joins are built on, and the dataset is scanned once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from catalog.corrections.models import StaleCorrection, UnknownKey
from catalog.corrections.sheets import CHANGES, ROW, Sheet
from catalog.engine import one_row, quoted, read_parquet
from catalog.loading.columns import SHOWN_FAULTS
from standards.errors import Fault

TOUCHED = "touched"
_NUMBERED = 'SELECT *, file_row_number + 1 AS "#row" FROM {}'


def locate(connection: duckdb.DuckDBPyConnection, sheet: Sheet, base: Path, schema: pa.Schema) -> None:
    """Make the table `touched`: the sheet's rows, each beside the row of the dataset that it is for.

    Its columns are those of `changes`, `#row`, and of each field `was:FIELD`. Raises UnknownKey.
    """
    was = ", ".join(f"b.{quoted(name)} AS {quoted(f'was:{name}')}" for name in schema.names)
    same = " AND ".join(f"c.{quoted(name)} = b.{quoted(name)}" for name in sheet.names)
    own = ", ".join(f"c.{quoted(name)}" for name in _columns(sheet))
    numbered = _NUMBERED.format(read_parquet(base))
    connection.execute(
        f'CREATE TEMP TABLE {TOUCHED} AS SELECT {own}, b."#row", {was} '
        f"FROM ({numbered}) b JOIN {CHANGES} c ON {same}"
    )
    _require_one_each(connection, sheet)


def require_fresh(connection: duckdb.DuckDBPyConnection, sheet: Sheet, seen: Path, schema: pa.Schema) -> None:
    """Raise StaleCorrection for rows that are not as they were in the version that was looked at."""
    names = [name for name in schema.names if sheet.names != (ROW,)] or schema.names
    same = " AND ".join(f"t.{quoted(f'was:{name}')} IS NOT DISTINCT FROM b.{quoted(name)}" for name in names)
    place = ' AND t."#row" = b."#row"' if sheet.names == (ROW,) else ""
    numbered = _NUMBERED.format(read_parquet(seen))
    found = connection.execute(
        f'SELECT "#record" FROM {TOUCHED} t WHERE "#record" NOT IN (SELECT t."#record" FROM {TOUCHED} t '
        f'JOIN ({numbered}) b ON {same}{place}) ORDER BY "#record" LIMIT {SHOWN_FAULTS}'
    ).fetchall()
    if found:
        places = sheet.places([record for (record,) in found])
        raise StaleCorrection(
            "rows to be corrected have changed since the version that was looked at",
            hint="look at the newest version, mend the file by it, and leave --base out",
            faults=[Fault(places[record], "its row is another now") for (record,) in found],
        )


def _columns(sheet: Sheet) -> Sequence[str]:
    own = [name for name in sheet.names if name != ROW]
    return ["#record", *own, *(f"{what}:{name}" for name in sheet.fields for what in ("is", "says"))]


def _require_one_each(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> None:
    counted = (
        f'SELECT c."#record", count(t."#record") AS times FROM {CHANGES} c '
        f'LEFT JOIN {TOUCHED} t USING ("#record") GROUP BY ALL'
    )
    (wrong,) = one_row(connection, f"SELECT count(*) FROM ({counted}) WHERE times != 1")
    if not wrong:
        return
    found = connection.execute(
        f'SELECT "#record", times FROM ({counted}) WHERE times != 1 ORDER BY "#record" LIMIT {SHOWN_FAULTS}'
    ).fetchall()
    places = sheet.places([record for record, _ in found])
    raise UnknownKey(
        f"{wrong:,} correction{'s are' if wrong > 1 else ' is'} for no single row of the dataset",
        hint="mend the keys; a row whose key stands several times is named by its number in a column #row",
        faults=[
            Fault(places[record], f"its key stands {times} times" if times else "the dataset has no such row")
            for record, times in found
        ],
    )
