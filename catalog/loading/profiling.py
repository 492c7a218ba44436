"""The profile of a version: each field in figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from catalog.datasets.models import FieldProfile
from catalog.engine import one_row, quoted, read_parquet
from catalog.table_types import text_form


def profile(
    connection: duckdb.DuckDBPyConnection, path: Path, *, rounded: Mapping[str, int], secret: Collection[str]
) -> tuple[FieldProfile, ...]:
    """Return one profile per field of the Parquet file, in its order; distinct counts are exact.

    Of `secret` fields, direct identifiers, sensitive ones and free text, the extremes are left out: they
    would be somebody's name, what only the largest customer can have used, or a remark word for word.
    """
    schema = pq.read_schema(path)
    profiles = []
    for field in schema:
        column, kind = quoted(field.name), field.type
        nulls, distinct, low, high = one_row(
            connection,
            f"SELECT nulls, kinds, {text_form('low', kind)}, {text_form('high', kind)} FROM ("
            f"SELECT count(*) - count({column}) AS nulls, count(DISTINCT {column}) AS kinds, "
            f"min({column}) AS low, max({column}) AS high FROM {read_parquet(path)})",
        )
        hidden = field.name in secret
        profiles.append(
            FieldProfile(
                name=field.name, type=str(kind), nulls=nulls, distinct=distinct,
                minimum=None if hidden else low, maximum=None if hidden else high,
                rounded=rounded.get(field.name, 0),
            )
        )  # fmt: skip
    return tuple(profiles)
