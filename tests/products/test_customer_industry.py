"""Customers by industry: the figures against pandas, and nobody's name, number or code in any file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from products.anonymize.errors import PrivacyRefused
from products.building.builder import BuildOptions
from products.building.making import OutputRefused
from products.samples import documents
from products.samples.customers import write_customers
from standards import manifest
from tests.builders import Room, a_dataset
from tests.products.builders import INDUSTRY, LIBRARY, a_builder, a_room_at, build, document_of, table

K = 5
BANDS = [0, 200, 1000, 5000, 20000, 50000, 200000, float("inf")]


def a_register(room: Room, *, count: int = 2000, seed: int = 20210101) -> Path:
    """Register the synthetic customers and load some; return their file."""
    path = room.folder / "customers.csv"
    write_customers(path, count=count, seed=seed)
    room.enter(a_dataset(**document_of(documents.CUSTOMERS)))
    room.load(path, "customer-register")
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Room, pd.DataFrame]]:
    """Yield a room with the product built, and the register as pandas reads it."""
    room = a_room_at(tmp_path_factory.mktemp("customers") / "room")
    path = a_register(room)
    build(room, INDUSTRY)
    register = pd.read_csv(path, dtype=str)
    register["annual_volume_m3"] = register["annual_volume_m3"].map(Decimal)
    yield room, register
    room.database.close()


def active(register: pd.DataFrame) -> pd.DataFrame:
    """Return the active customers with their division and band, in pandas' own way."""
    running = register[register["status"].str.startswith("2")].copy()
    running["industry"] = running["industry_code"].str[:2]
    labels = [f"{low}-{'' if high == float('inf') else high}" for low, high in pairwise(BANDS)]
    volumes = running["annual_volume_m3"].astype(float)
    running["size_band"] = pd.cut(volumes, BANDS, right=False, labels=labels).astype(str)
    return running


def test_every_cell_stands_once_and_for_enough_customers(built: tuple[Room, pd.DataFrame]) -> None:
    room, _ = built
    made = table(room, room.releases.get(INDUSTRY))
    assert not made.duplicated(["industry", "size_band", "district"]).any()
    divisions = {code.code for code in LIBRARY.code_list("gbt4754").codes if code.level == 2}
    assert set(made["industry"]) <= divisions
    assert (made["customers"] >= K).all()


def test_counts_and_volumes_are_those_that_pandas_finds(built: tuple[Room, pd.DataFrame]) -> None:
    room, register = built
    release = room.releases.get(INDUSTRY)
    made, source = table(room, release), active(register)
    privacy = json.loads(room.store.path(release.file("privacy-report.json").digest).read_bytes())
    for field, list_id in (("size_band", "size-band"), ("district", "gbt2260-2101")):
        source = source.assign(**{field: _coarsened(source, field, list_id, set(made[field]))})
    cells = source.groupby(["industry", "size_band", "district"])["annual_volume_m3"].agg(["count", "sum"])
    published = cells[cells["count"] >= K]
    suppressed = int(cells[cells["count"] < K]["count"].sum())
    found = made.set_index(["industry", "size_band", "district"])
    assert found["customers"].to_dict() == published["count"].to_dict()
    assert found["volume_m3"].to_dict() == published["sum"].to_dict()
    assert privacy["rows_in"] == len(source)
    assert privacy["rows_suppressed"] == suppressed <= len(source) // 10
    assert release.manifest["predicate"]["privacy"]["smallestClass"] == published["count"].min()


def _coarsened(source: pd.DataFrame, field: str, list_id: str, published: set[str]) -> pd.Series[str]:
    """Return the field at the level that was published: as recorded, a code's ancestor, or `*`."""
    column = {"district": "district_code"}.get(field, field)
    if published == {"*"}:
        return pd.Series("*", index=source.index)
    codes = {code.code: code for code in LIBRARY.code_list(list_id).codes}
    (level,) = {codes[code].level for code in published}  # one for all

    def at_level(code: str) -> str:
        while codes[code].level > level:
            code = codes[code].parent or ""
        return code

    return source[column].map(at_level)


def test_no_identifier_of_a_customer_is_in_any_file_of_the_release(built: tuple[Room, pd.DataFrame]) -> None:
    room, register = built
    release = room.releases.get(INDUSTRY)
    files = {file.name: room.store.path(file.digest).read_bytes() for file in release.files}
    files["manifest.json"] = manifest.Manifest.model_validate(release.manifest).to_bytes()
    assert len(files) == 6
    for column in ("customer_no", "customer_name", "credit_code"):
        for value in register[column]:
            for name, data in files.items():
                assert value.encode() not in data, (column, name)
                assert value.encode("utf-16-le") not in data, (column, name)
    # nor in what the catalog shows of the build, its lineage events and quality findings
    shown = json.dumps([*room.lineage.events(), release.manifest], ensure_ascii=False)
    assert not [value for value in register["customer_name"] if value in shown]


def test_the_release_says_that_it_is_synthetic(built: tuple[Room, pd.DataFrame]) -> None:
    room, _ = built
    contract = room.store.path(room.releases.get(INDUSTRY).file("datacontract.odcs.yaml").digest)
    assert "SYNTHETIC: made from generated data (customer-register)" in contract.read_text("utf-8")


def test_a_register_too_small_for_its_classes_is_refused_with_the_figures(room: Room) -> None:
    a_register(room, count=30)
    room.quality.check("customer-register", by="alice")  # keeps its rules and what it finds
    before = room.objects()
    with pytest.raises(PrivacyRefused) as caught:
        build(room, INDUSTRY)
    error = caught.value
    assert error.k == K
    assert error.smallest_class is not None
    assert error.smallest_class < K
    assert str(error.rows_below_k) in error.message
    assert str(error.rows) in error.message
    assert error.hint
    assert room.releases.list() == ()
    assert room.objects() == before  # nothing of it lies in the store either
    start, fail = room.lineage.events()
    assert (start["eventType"], fail["eventType"]) == ("START", "FAIL")
    assert start["run"]["runId"] == fail["run"]["runId"]
    assert fail["run"]["facets"]["errorMessage"]["message"] == error.message
    assert room.lineage.upstream("dataset:shuize:products:customer-industry") == ()


def changed(room: Room, name: str, column: str, value: str, *, rows: int, count: int) -> BuildOptions:
    """Load a register whose first rows have another value in a column; return the choice of it."""
    header, *lines = a_register(room, count=count).read_text("utf-8").splitlines()
    place = header.split(",").index(column)
    cells = [line.split(",") for line in lines]
    for row in cells[:rows]:
        row[place] = value
    document = document_of(documents.CUSTOMERS, name=name, rules=[])
    room.enter(a_dataset(**document))
    room.load("\n".join([header, *map(",".join, cells)]), name)
    return BuildOptions(inputs={"customers": name})


def test_a_customer_without_a_volume_is_put_in_no_band(room: Room) -> None:
    options = changed(room, "gaps", "annual_volume_m3", "", rows=1000, count=2000)
    with pytest.raises(OutputRefused) as caught:
        a_builder(room).build(INDUSTRY, by="alice", options=options)
    assert "missing(size_band)" in [fault.pointer for fault in caught.value.faults]
    assert room.releases.list() == ()


def test_a_register_without_active_customers_makes_an_empty_release_that_claims_nothing(room: Room) -> None:
    options = changed(room, "idle", "status", "11", rows=100, count=100)
    release = a_builder(room).build(INDUSTRY, by="alice", options=options).release
    assert release.manifest["predicate"]["rows"] == 0
    assert release.manifest["predicate"]["privacy"]["smallestClass"] is None
