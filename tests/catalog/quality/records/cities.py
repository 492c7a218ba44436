"""A small made-up city in a catalog, all of its datasets loaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from catalog.datasets.models import parse_draft
from catalog.quality.records.checking import RecordChecks
from products.samples.city.datasets import ALL
from products.samples.city.parts import AS_OF
from products.samples.city.writing import write_city
from tests.builders import Room, a_party, a_room


@dataclass(frozen=True)
class LoadedCity:
    """The catalog, and what checks records in it."""

    room: Room
    checks: RecordChecks

    def path(self, dataset: str) -> Path:
        """Return where the newest version of a dataset lies."""
        return self.room.store.path(self.room.datasets.version(dataset).digest)


def a_city(folder: Path, url: str, customers: int = 1_000, seed: int = 7) -> LoadedCity:
    """Return a catalog that holds a city with its planted defects, on the day it is of."""
    written = write_city(folder / "city", customers, seed)
    room = a_room(folder, url)
    room.clock.now = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=UTC)
    for name in ("li-na", "wang-wei"):
        room.parties.add(a_party(id=name, name=name), by="water-group")
    drafts = []
    for dataset in ALL:
        text = (written.folder / f"{dataset.name}.dataset.yaml").read_text("utf-8")
        drafts.append(parse_draft(yaml.safe_load(text), where=dataset.name))
    room.enter(*drafts)
    for dataset, draft in zip(ALL, drafts, strict=True):
        room.loader.load(draft.name, written.folder / dataset.file_name, by="li-na")
    checks = RecordChecks(room.database, room.datasets, room.store, room.library, room.clock)
    return LoadedCity(room, checks)
