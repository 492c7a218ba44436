"""Builders with working defaults: `a_dataset(title="…")` is a whole document with one thing changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.changes import Change, Changes
from catalog.changes.publishing import StandardsSubject
from catalog.changes.subjects import DatasetSubject, ProductSubject
from catalog.database import Database
from catalog.datasets.models import DatasetDraft, DatasetVersion, parse_draft
from catalog.datasets.register import Datasets
from catalog.drift.register import Drifts
from catalog.engine import engine
from catalog.gates.judging import Judging
from catalog.gates.passing import Gates
from catalog.grants import Grants, Terms
from catalog.intents import Intents
from catalog.lineage import Lineage
from catalog.loading.loader import Loaded, Loader
from catalog.loading.readers import ReadOptions
from catalog.parties import Parties, PartyDraft, PartyKind
from catalog.quality.checking import Quality
from catalog.receipts import Receipt, Receipts
from catalog.releases.models import ReleaseDraft, ReleaseFile
from catalog.releases.register import Releases
from catalog.sensing.register import Sensings
from catalog.standards import Standards
from catalog.store import FolderStore
from catalog.table_types import text_form
from standards import digests, manifest
from standards.digests import Digest
from standards.documents import Document
from standards.library import Library
from standards.security import SecurityLevel, highest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""The present of every test, until its clock is moved."""


def a_digest(text: str = "anything") -> Digest:
    """Return the digest of a text: distinct texts, distinct digests."""
    return digests.of_bytes(text.encode())


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Move on, by the arguments of `timedelta`."""
        self.now += timedelta(**by)


def a_party(**changes: Any) -> PartyDraft:
    """Return a person who can be added."""
    return PartyDraft.model_validate({"id": "alice", "name": "Alice", "kind": PartyKind.PERSON} | changes)


def a_dataset_document(**changes: Any) -> dict[str, Any]:
    """Return a dataset as a parsed YAML file: hourly inflow by area, of the level that its elements want."""
    said = {
        "name": "inflow",
        "title": "Hourly inflow",
        "title_zh": "逐时入流",
        "description": "Inflow of district metered areas.",
        "owner": "water-group",
        "steward": "alice",
        "organisation": "water-group",
        "security_level": "general-2",
        "update_frequency": "daily",
        "fields": [
            {"name": "area", "element": "area.code"},
            {"name": "at", "element": "reading.observed_at", "time_zone": "Asia/Shanghai"},
            {"name": "flow", "element": "reading.inflow_l_per_s"},
        ],
    } | changes
    return said if "security_level" in changes else said | {"security_level": _level(said["fields"])}


def _level(fields: Any) -> str:
    """Return the level that fields want, so far as they are fields of known elements; at least general-2."""
    named = [field.get("element") for field in fields or () if isinstance(field, dict)]
    known = {element.id: element.security_level for element in Library.load().elements()}
    levels = [known[each] for each in named if each in known]
    return str(highest([SecurityLevel.GENERAL_2, *levels]))


def a_dataset(**changes: Any) -> DatasetDraft:
    """Return a dataset that can be registered where `water-group` and `alice` are parties."""
    return parse_draft(a_dataset_document(**changes), where="a test")


def fields(**elements: str | dict[str, Any]) -> list[dict[str, Any]]:
    """Return field documents: `fields(name="customer.name", at={"element": …, "time_zone": …})`."""
    return [
        {"name": name, **(said if isinstance(said, dict) else {"element": said})}
        for name, said in elements.items()
    ]


def a_release(**changes: Any) -> ReleaseDraft:
    """Return a built draft of the product `water-use-index`."""
    said = {"product": "water-use-index", "version": 1, "built_by": "alice"} | changes
    document = said.setdefault("manifest", {"product": said["product"], "version": said["version"]})
    return ReleaseDraft.model_validate(
        {
            "manifest_digest": digests.of_document(document),
            "content_root": a_digest("root"),
            "files": (
                ReleaseFile(name="data.csv", digest=a_digest("csv"), size_bytes=3, media_type="text/csv"),
            ),
        }
        | said
    )


def some_terms(**changes: Any) -> Terms:
    """Return terms whose window began at NOON and lasts a month."""
    return Terms.model_validate(
        {
            "id": "grant-1",
            "product": "water-use-index",
            "party": "partner",
            "purpose": "research on leakage",
            "not_before": NOON,
            "not_after": NOON + timedelta(days=30),
        }
        | changes
    )


def a_receipt(**changes: Any) -> Receipt:
    """Return the receipt of one answered query."""
    return Receipt.model_validate(
        {
            "id": "receipt-1",
            "party": "partner",
            "product": "water-use-index",
            "version": 1,
            "manifest_digest": a_digest("manifest"),
            "grant": "grant-1",
            "query": "month=2021-01",
            "rows": 10,
            "answer_digest": a_digest("answer"),
            "issued_at": NOON,
        }
        | changes
    )


def an_event(**changes: Any) -> dict[str, Any]:
    """Return an OpenLineage event: a run has made `index` of `inflow`."""
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-03-01T12:00:00Z",
        "producer": "https://example.org/shuize",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "019a0000-0000-7000-8000-000000000001"},
        "job": {"namespace": "shuize", "name": "build-index"},
        "inputs": [{"namespace": "shuize", "name": "inflow"}],
        "outputs": [{"namespace": "shuize", "name": "index"}],
    } | changes


def a_manifest(**predicate: Any) -> manifest.Manifest:
    """Return a release manifest; the arguments change its predicate."""
    return manifest.Manifest(
        subject=(manifest.Subject(name="data.csv", digest=manifest.Sha256(sha256=a_digest("csv"))),),
        predicate=manifest.Release.model_validate(
            {
                "product": "water-use-index",
                "version": 1,
                "title": "Water-use index",
                "title_zh": "用水指数",
                "rows": 10,
                "content_root": a_digest("root"),
                "standards": [{"id": "area.code", "version": "1", "digest": a_digest("area")}],
                "inputs": [{"dataset": "inflow", "version": 1, "digest": a_digest("in"), "rows": 100}],
                "recipe": {
                    "name": "water-use-index",
                    "digest": a_digest("recipe"),
                    "parameters": {"base": "2021-01", "share": 5, "strict": True},
                },
                "quality": {"report": a_digest("quality"), "rules": 4, "rules_failed": 0},
                "privacy": {
                    "report": a_digest("privacy"),
                    "release_model": "controlled",
                    "k": 5,
                    "smallest_class": None,
                    "rows_suppressed": 0,
                },
                "data_contract": a_digest("contract"),
                "built_with": {"duckdb": "2.0.0"},
            }
            | predicate
        ),
    )


def csv_text(
    header: Sequence[str], rows: Iterable[Sequence[str | None]], delimiter: str = ",", *, end: str = "\r\n"
) -> str:
    """Return a CSV file's text, every value quoted that holds a delimiter, a quote or a line end."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(header)
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    return out.getvalue()


@dataclass
class Room:
    """A whole catalog in one folder, with `water-group`, `alice`, `bob` and `partner` as parties."""

    folder: Path
    database: Database
    store: FolderStore
    library: Library
    clock: FixedClock

    def __post_init__(self) -> None:
        self.parties = Parties(self.database, self.clock)
        self.datasets = Datasets(self.database, self.clock)
        self.sensings = Sensings(self.database, self.datasets, self.library)
        self.drifts = Drifts(self.database, self.datasets, self.store, self.sensings, self.library)
        gates = Gates(self.datasets, Judging(self.database, self.store, self.library, self.clock))
        rest = (self.drifts, None, gates)
        self.loader = Loader(self.datasets, self.store, self.library, self.clock, *rest)
        self.quality = Quality(self.database, self.datasets, self.store, self.library, self.clock)
        self.lineage = Lineage(self.database)
        self.releases = Releases(self.database, self.clock)
        self.grants = Grants(self.database, self.clock)
        self.intents = Intents(self.database, self.clock)
        self.receipts = Receipts(self.database)
        self.standards = Standards(self.database, Library.load())
        standards = StandardsSubject(self.standards)
        subjects = (DatasetSubject(self.library), ProductSubject(lambda name: name), standards)
        self.changes = Changes(self.database, subjects, self.clock)

    def file(self, content: str | bytes, name: str = "source.csv") -> Path:
        """Return a new file with this content; text is written as UTF-8."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self, content: str | bytes | Path, dataset: str = "inflow", **options: Any) -> Loaded:
        """Load a file, or a file with this content, as alice."""
        path = content if isinstance(content, Path) else self.file(content)
        return self.loader.load(dataset, path, by="alice", options=ReadOptions(**options))

    def register(self, **changes: Any) -> None:
        """Register a dataset, as alice."""
        self.enter(a_dataset(**changes))

    def enter(self, *drafts: DatasetDraft, by: str = "alice", approved_by: str = "bob") -> None:
        """Register datasets as two people do."""
        self.changes.register_all(drafts, by=by, approved_by=approved_by)

    def publish(self, *documents: Document, lowers: bool = False) -> Change:
        """Publish standards as two people do."""
        asked = self.changes.publish(documents, by="alice", lowers=lowers)
        return self.changes.approve(asked.id, by="bob")

    def rows(self, version: DatasetVersion) -> list[tuple[str | None, ...]]:
        """Return the version's rows in text form."""
        columns = ", ".join(_text_forms(self.store.path(version.digest)))
        with engine() as connection:
            table = f"read_parquet('{self.store.path(version.digest)}')"
            return connection.execute(f"SELECT {columns} FROM {table}").fetchall()

    def objects(self) -> list[Path]:
        """Return every finished object of the store."""
        return sorted(path for path in self.store_folder.glob("??/*") if path.is_file())

    @property
    def url(self) -> str:
        """The database's URL, for another process."""
        return self.database.engine.url.render_as_string(hide_password=False)

    @property
    def store_folder(self) -> Path:
        """Where the object store lies."""
        return self.folder / "store"


def _text_forms(path: Path) -> list[str]:
    import pyarrow.parquet as pq

    return [text_form(field.name, field.type) for field in pq.read_schema(path)]


def prepare(database: Database) -> None:
    """Migrate an empty database, and add who is in every room."""
    database.upgrade()
    parties = Parties(database, FixedClock())
    parties.add(a_party(id="water-group", name="Water Group", kind=PartyKind.ORGANISATION))
    parties.add(a_party(), by="water-group")
    parties.add(a_party(id="bob", name="Bob"), by="alice")
    parties.add(a_party(id="partner", name="Partner Ltd", kind=PartyKind.PARTNER), by="alice")


def a_room(folder: Path, url: str | None = None) -> Room:
    """Return a catalog that is ready for use: on a prepared database, or on a new one in the folder."""
    database = Database(url or f"sqlite:///{folder / 'catalog.sqlite'}")
    if url is None:
        prepare(database)
    store = FolderStore(folder / "store")
    store.prepare()
    return Room(folder, database, store, Library.load(), FixedClock())
