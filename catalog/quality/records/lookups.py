"""Rows of a dataset's version by a key, in a time that does not grow with the dataset.

A copy of the columns that are asked for lies sorted by the key in an Arrow file beside the objects; it is
mapped into memory, and halved some twenty times to find a key among millions.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from catalog.engine import engine, quoted, read_parquet
from catalog.store import FolderStore
from catalog.table_types import ROWS_AT_A_TIME
from standards import digests
from standards.digests import Digest

Key = tuple[Any, ...]


class Lookup:
    """The rows of one version by one key: two at most for each, the least and the greatest of every column.

    Rules ask of what they refer to whether it is there, for the least value, and whether it has several.
    """

    def __init__(self, path: Path, key: tuple[str, ...]) -> None:
        self._table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        self._keys = _Keys([self._table[name] for name in key])

    def rows(self, wanted: Iterable[Key]) -> pa.Table:
        """Return the rows that have one of the keys; one with a missing part is none."""
        found = [self._table.slice(0, 0)]
        for key in {key for key in wanted if None not in key}:
            first = bisect_left(self._keys, key)
            found.append(self._table.slice(first, bisect_right(self._keys, key, lo=first) - first))
        return pa.concat_tables(found)


@dataclass(frozen=True)
class Lookups:
    """Lookups into versions, made when first asked for and kept beside the objects of the store."""

    store: FolderStore

    def of(self, digest: Digest, key: Sequence[str], columns: Sequence[str]) -> Lookup:
        """Return the lookup of these columns by a key. Raises ObjectNotFound, ObjectDamaged."""
        wanted = [*key, *sorted(set(columns) - set(key))]
        said = {"engine": duckdb.__version__, "columns": wanted, "key": len(key), "of": digest}
        name = f"{digests.of_document(said)}.arrow"

        def build(path: Path, scratch: Path) -> None:
            _write(self.store.intact(digest), tuple(key), wanted[len(key) :], path, scratch)

        return Lookup(self.store.derived(name, build), tuple(key))


def _write(source: Path, key: tuple[str, ...], columns: Sequence[str], target: Path, scratch: Path) -> None:
    names = ", ".join(map(quoted, key))
    least = "".join(f", min({quoted(name)}) AS a{place}" for place, name in enumerate(columns))
    greatest = "".join(f", max({quoted(name)}) AS z{place}" for place, name in enumerate(columns))
    there = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key)
    grouped = f"SELECT {names}{least}{greatest} FROM {read_parquet(source)} WHERE {there} GROUP BY {names}"

    def side(letter: str) -> str:
        put = "".join(f", {letter}{place} AS {quoted(name)}" for place, name in enumerate(columns))
        return f"SELECT {names}{put} FROM grouped"

    several = " OR ".join(f"a{place} <> z{place}" for place in range(len(columns))) or "false"
    query = (
        f"WITH grouped AS MATERIALIZED ({grouped}) {side('a')} "
        f"UNION ALL {side('z')} WHERE {several} ORDER BY {names}"
    )
    with engine(scratch) as connection:
        batches = connection.sql(query).to_arrow_reader(ROWS_AT_A_TIME)
        with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, batches.schema) as writer:
            for batch in batches:
                writer.write_batch(batch)


class _Keys(Sequence[Key]):
    """The keys of a table in its order, read where they are asked for."""

    def __init__(self, columns: list[pa.ChunkedArray]) -> None:
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns[0])

    def __getitem__(self, place: Any) -> Any:
        return tuple(column[place].as_py() for column in self._columns)
