"""What figures need of an entry of the log, read from the SQL database into Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk import not_collecting
from catalog.tables import TransitionRow

_TEXTS = ("before", "after", "dataset", "rule", "severity", "organisation_path", "responsible")
SCHEMA = pa.schema(
    [
        ("work_order", pa.int64()),
        ("number", pa.int32()),
        ("at_us", pa.int64()),
        ("due_us", pa.int64()),
        ("issues", pa.int32()),
        *((name, pa.string()) for name in _TEXTS),
    ]
)
"""One entry; instants are microseconds since 1970 in UTC, so that they compare fast and exactly."""

ROWS_AT_A_TIME = 100_000
_T = TransitionRow
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # SQLite's text has no zone; it is UTC


def microseconds(at: datetime) -> int:
    """Return an instant as entries hold it."""
    return (at.replace(tzinfo=None) - at.utcoffset() - _EPOCH) // timedelta(microseconds=1)  # type: ignore[operator]


def between(begins: datetime | None, until: datetime) -> sa.ColumnElement[bool]:
    """Return the condition of an entry from an instant, or the beginning, until before another."""
    return _T.at < until if begins is None else sa.and_(_T.at >= begins, _T.at < until)


def read(session: Session, which: sa.ColumnElement[bool]) -> pa.Table:
    """Return the entries that meet a condition, in no order."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    columns = (
        _T.work_order, _T.number, _moment(_T.at, is_sqlite), _moment(_T.due_at, is_sqlite), _T.issues,
        *(getattr(_T, name) for name in _TEXTS),
    )  # fmt: skip
    found = session.execute(sa.select(*columns).where(which), execution_options={"stream_results": True})
    with not_collecting():
        return pa.Table.from_batches(_batches(found, is_sqlite), SCHEMA)


def _moment(column: Any, is_sqlite: bool) -> sa.ColumnElement[Any]:
    """Return an instant in the form that costs least to read: text of SQLite, a number of PostgreSQL."""
    if is_sqlite:
        return sa.type_coerce(column, sa.Text)
    return sa.cast(sa.extract("epoch", column) * 1_000_000, sa.BigInteger)


def _batches(found: sa.Result[Any], is_sqlite: bool) -> Iterator[pa.RecordBatch]:
    for rows in found.partitions(ROWS_AT_A_TIME):
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        arrays = [
            _from_text(column) if is_sqlite and field.name.endswith("_us") else pa.array(column, field.type)
            for field, column in zip(SCHEMA, columns, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _from_text(column: Sequence[str | None]) -> pa.Array:
    return pa.array(column, pa.string()).cast(pa.timestamp("us")).cast(pa.int64())
