"""Source files in memory, as the libraries of others write them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq


def workbook(*rows: Sequence[Any], change: Callable[[openpyxl.Workbook], None] | None = None) -> bytes:
    """Return an Excel file whose first sheet has these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(**columns: Any) -> bytes:
    """Return a Parquet file with these columns."""
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()
