"""Builders of products in a room: parties, datasets, a builder, readings and customers."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow.parquet as pq

from catalog.product_register import ProductRegister
from catalog.releases.models import Release
from products.building.builder import Builder, BuildOptions, Built
from products.building.making import Maker
from products.recipe import Recipes
from products.registering import Registering
from products.samples import documents
from standards.library import Library
from tests.builders import Room, a_dataset, a_dataset_document, a_room, fields

ROME = ZoneInfo("Europe/Rome")
INDEX, INDUSTRY = "water-use-index", "customer-industry"
Reading = tuple[str, datetime, str | None]
LIBRARY = Library.load()
KEY = bytes(range(32))


def a_builder(room: Room, recipes: Path | None = None) -> Builder:
    """Return the builder of a room, with a folder of own recipes if given."""
    maker = Maker(room.store, room.library, lambda _product: KEY)
    return Builder(
        recipes=Recipes(recipes),
        datasets=room.datasets,
        quality=room.quality,
        lineage=room.lineage,
        releases=room.releases,
        store=room.store,
        library=room.library,
        maker=maker,
        registering=Registering(ProductRegister(room.database), room.changes, room.releases),
    )


def build(room: Room, product: str = INDEX, *, by: str = "alice", **parameters: object) -> Built:
    """Build a product as alice, with parameters other than the defaults."""
    options = BuildOptions(parameters={name: str(value) for name, value in parameters.items()})
    return a_builder(room).build(product, by=by, options=options)


def table(room: Room, release: Release) -> pd.DataFrame:
    """Return the release's Parquet file; decimals stay exact."""
    path = room.store.path(release.file(f"{release.product}.parquet").digest)
    return pq.read_table(path).to_pandas()


def document_of(sample: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a sample's dataset document with the parties of a room."""
    return {**sample, "owner": "alice", "steward": "alice", "organisation": "water-group"} | changes


def hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield every hour from start to end (without it), in UTC."""
    now = start.astimezone(UTC)
    while now < end.astimezone(UTC):
        yield now
        now += timedelta(hours=1)


def months(first: str, count: int, zone: ZoneInfo = ROME) -> tuple[datetime, datetime]:
    """Return the local midnights at which `count` months from `first` (2021-03) begin and end."""
    year, month = map(int, first.split("-"))
    end = year * 12 + month - 1 + count
    return datetime(year, month, 1, tzinfo=zone), datetime(end // 12, end % 12 + 1, 1, tzinfo=zone)


def readings(
    first: str,
    count: int,
    flow: Callable[[str, datetime], str | None] = lambda _area, _hour: "10",
    *,
    areas: Iterable[str] = ("DMA-01", "DMA-02"),
    zone: ZoneInfo = ROME,
) -> list[Reading]:
    """Return hourly readings of whole months; `flow` is asked for each with the hour in local time."""
    every = list(hours(*months(first, count, zone)))
    return [(area, hour, flow(area, hour.astimezone(zone))) for area in areas for hour in every]


def load_readings(room: Room, given: Iterable[Reading], **changes: Any) -> None:
    """Register the sample's dataset, if it is not there, and load readings into it."""
    name = changes.get("name", "dma-inflow")
    if name not in {dataset.name for dataset in room.datasets.list()}:
        document = document_of(documents.INFLOW, **({"rules": []} | changes))
        room.enter(a_dataset(**document))
    text = io.StringIO("area,observed_at,inflow_l_per_s\n")
    text.seek(0, io.SEEK_END)
    for area, when, value in given:
        text.write(f"{area},{when.isoformat()},{'' if value is None else value}\n")
    room.load(text.getvalue(), name)


def other_names(**changes: Any) -> dict[str, Any]:
    """Return a dataset whose fields have other names and are bound to the same elements."""
    said = {
        "name": "my-meters",
        "fields": fields(
            zone_code="area.code",
            at={"element": "reading.observed_at", "time_zone": "Europe/Rome"},
            q="reading.inflow_l_per_s",
        ),
    }
    return a_dataset_document(**(said | changes))


def a_room_at(folder: Path, now: datetime | None = None) -> Room:
    """Return a new room in a new folder, at a time."""
    folder.mkdir(parents=True)
    room = a_room(folder)
    if now is not None:
        room.clock.now = now
    return room
