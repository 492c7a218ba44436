"""Rows by a key: what is found, and that nothing else is read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import parquet
from catalog.quality.records.lookups import Lookup, Lookups
from catalog.store import FolderStore
from standards.digests import Digest

_KEY = st.sampled_from([None, "", "a", "ä", "水", "𠮷", "b" * 40])
_ROWS = st.lists(st.tuples(_KEY, st.integers(0, 3), st.sampled_from([None, "x", "y"])), max_size=30)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FolderStore:
    opened = FolderStore(tmp_path_factory.mktemp("lookups") / "store")
    opened.prepare()
    return opened


def stored(store: FolderStore, table: pa.Table) -> Digest:
    with store.scratch() as folder:
        parquet.write_table(folder / "rows", table)
        return store.put(folder / "rows").digest


@given(_ROWS, st.lists(st.tuples(_KEY, st.integers(0, 4)), max_size=5))
def test_the_least_and_the_greatest_of_a_key_are_found(
    store: FolderStore, rows: list[tuple[str | None, int, str | None]], wanted: list[tuple[str | None, int]]
) -> None:
    schema = pa.schema([("k", pa.string()), ("n", pa.int64()), ("v", pa.string())])
    columns = list(zip(*rows, strict=True)) or [[], [], []]
    table = pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
    lookup = Lookups(store).of(stored(store, table), ("k", "n"), ("v",))
    found = {tuple(row.values()) for row in lookup.rows(wanted).to_pylist()}
    expected = set()
    for key in wanted:
        values = sorted(v for k, n, v in rows if (k, n) == key and v is not None)
        if key[0] is not None and any((k, n) == key for k, n, _ in rows):
            expected |= {(*key, v) for v in (values[:1] + values[-1:] or [None])}
    assert found == expected


def test_a_lookup_is_made_once_and_kept_beside_the_objects(store: FolderStore) -> None:
    digest = stored(store, pa.table({"day": pa.array([date(2021, 1, 2)]), "v": ["x"]}))
    lookups = Lookups(store)
    assert lookups.of(digest, ("day",), ("v",)).rows([(date(2021, 1, 2),)])["v"].to_pylist() == ["x"]
    before = derived(store)
    store.path(digest).unlink()
    assert isinstance(lookups.of(digest, ("day",), ("v",)), Lookup)
    assert derived(store) == before


def derived(store: FolderStore) -> set[Path]:
    """Return every file that was derived and is there."""
    return set(store._root.glob("derived/*"))
