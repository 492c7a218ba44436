"""A catalog that holds something of everything that is exchanged."""

from __future__ import annotations

from typing import Any

from catalog.changes import GovernedKind
from catalog.datasets.series import SeriesRegister, parse_series
from catalog.exchange.dcat import Dcat, Sources
from catalog.exchange.dcat_facts import About, DeclaredProduct
from catalog.exchange.dcat_iris import Iris
from catalog.glossary import Glossary
from catalog.releases.models import ReleaseFile
from catalog.releases.register import publish_aim
from standards.security import ReleaseModel
from standards.skos import Concept
from tests.builders import Room, a_digest, a_manifest, a_release, csv_text

IRIS = Iris.below("https://data.example.org")
HOSTILE = (
    "\"quoted\" 'twice' \\ \"\"\" '''",
    "two\r\nlines\tand a tab\x0b\x00\x7f",
    "עברית \u202e and back",
    "𠮷野家 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "<script>alert(1)</script> & <a href='x'>",
    "@prefix : <urn:x> .\n\n@prefix dcat: <urn:y> .",
    ". <urn:s> <urn:p> <urn:o> .",
    "\u2028\u2029\ufeff\ufffe",
)
INDEX = DeclaredProduct(
    name="water-use-index",
    title="Water-use index",
    title_zh="用水指数",
    description="How much water areas use.",
    elements=("area.unit", "usage.index", "no.longer_there"),
    release_model=ReleaseModel.CONTROLLED,
)


def dcat(room: Room, *products: DeclaredProduct, about: About | None = None) -> Dcat:
    """Return the exchange of a room's catalog."""
    glossary = Glossary(room.database, room.library, room.clock)
    sources = Sources(room.library, glossary.list, lambda: products, about or About())
    return Dcat(room.database, sources)


def fill(room: Room) -> None:
    """Put in a series of three, a dataset of two versions, one retired, two releases, one withdrawn."""
    survey = {"name": "survey", "title": "Survey", "title_zh": "普查", "description": "Of every year."}
    SeriesRegister(room.database, room.clock).add(parse_series(survey), by="alice")
    room.register(licence="CC-BY-4.0, see the notice", source="meters of the city")
    for year in ("2023", "2022", "2024"):
        room.register(
            name=f"survey-{year}",
            series="survey",
            temporal={"begin": f"{year}-01-01", "end": f"{year}-12-31"},
            security_level="general-4",
            licence="https://creativecommons.org/licenses/by/4.0/",
            synthetic=True,
        )
    for flow in ("1.5", "2.5"):
        room.load(csv_text(("area", "at", "flow"), [("DMA-01", "2026-01-01 00:00", flow)]))
        room.clock.forward(hours=1)
    asked = room.changes.retire(GovernedKind.DATASET, "survey-2022", by="alice", reason="done")
    room.changes.approve(asked.id, by="bob")
    product = {"name": "water-use-index", "owner": "water-group", "steward": "alice"}
    asked = room.changes.register(
        GovernedKind.PRODUCT, product | {"organisation": "water-group", "licence": "by grant"}, by="alice"
    )
    room.changes.approve(asked.id, by="bob")
    publish(room, 1)
    publish(room, 2)
    withdraw(room, 1)
    concept = Concept(id="flow", pref_zh="流量", pref_en="flow", fields=("inflow.flow",))
    Glossary(room.database, room.library, room.clock).put([concept], by="alice")


def publish(room: Room, version: int, product: str = "water-use-index") -> None:
    """Publish a release made of version 1 of `inflow`."""
    manifest = a_manifest(product=product, version=version).model_dump(mode="json", by_alias=True)
    files = tuple(
        ReleaseFile(name=f"{product}.{ending}", digest=a_digest(ending), size_bytes=2**33, media_type=kind)
        for ending, kind in (
            ("parquet", "application/vnd.apache.parquet"),
            ("csv", "text/csv; charset=utf-8"),
            ("json", "application/json"),
        )
    )
    room.releases.keep_draft(a_release(product=product, version=version, manifest=manifest, files=files))
    room.releases.approve(product, version, by="bob")
    intent = room.intents.open(publish_aim(product, version), {"step": "publish"})
    anchor: dict[str, Any] = {"block": 7}
    room.releases.mark_published(product, version, by="bob", chain=anchor, intent=intent.id)


def withdraw(room: Room, version: int, product: str = "water-use-index") -> None:
    """Withdraw a release."""
    intent = room.intents.open(f"withdraw:{product}:{version}", {"step": "withdraw"})
    room.releases.mark_withdrawn(product, version, by="bob", outcome={"reason": "wrong"}, intent=intent.id)
