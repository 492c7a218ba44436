"""What a dataset's document means: its data elements and code lists, cited when it comes into force."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.changes import ChangeFilter, Changes, GovernedKind
from catalog.changes.subjects import DatasetSubject, IncompatibleFields
from catalog.datasets.citing import as_cited
from catalog.loading.loader import Loader
from catalog.standards import Standards
from standards.data_elements import DataElement
from standards.library import Library
from tests.builders import Room, a_dataset_document, fields

DATASET = GovernedKind.DATASET


@pytest.fixture
def standards(room: Room) -> Standards:
    return room.standards


@pytest.fixture
def changes(room: Room, standards: Standards) -> Changes:
    """Return change requests under the bundled standards and what is imported beside them."""
    library = Library.load().beside(standards.documents, today=lambda: room.clock().date())
    return Changes(room.database, [DatasetSubject(library)], room.clock)


def approved(changes: Changes, **said: Any) -> None:
    ask = changes.change if changes.list(ChangeFilter(subject="inflow")) else changes.register
    changes.approve(ask(DATASET, a_dataset_document(**said), by="alice", reason="r").id, by="bob")


def cited(changes: Changes, number: int = -1) -> dict[str, tuple[str, str]]:
    revision = changes.revisions(DATASET, "inflow")[number]
    assert revision.standards is not None
    return {each.id: (each.version, each.digest) for each in revision.standards}


def test_a_revision_cites_elements_and_their_code_lists(changes: Changes) -> None:
    approved(changes, fields=fields(area="area.code", status="customer.status"), key=["area"], rules=[])
    library = Library.load()
    assert list(cited(changes)) == ["area.code", "customer-status", "customer.status"]
    for id_, citation in cited(changes).items():
        document = library.get(id_)
        assert citation == (document.version, document.digest())


def test_what_was_approved_stays_cited_when_the_standard_moves_on(room: Room, changes: Changes) -> None:
    approved(changes, fields=fields(area="area.code"), key=["area"], rules=[])
    before = cited(changes)
    old = Library.load().element("area.code")
    new = DataElement.model_validate(old.model_dump() | {"version": "9.0", "definition": "Another meaning."})
    room.publish(new)
    assert cited(changes) == before
    approved(changes, fields=fields(area="area.code"), key=["area"], rules=[], title="Changed")
    assert cited(changes) == {"area.code": ("9.0", new.digest())}
    assert cited(changes, 0) == before
    changes.approve(changes.retire(DATASET, "inflow", by="alice", reason="r").id, by="bob")
    assert cited(changes) == {"area.code": ("9.0", new.digest())}


def test_many_at_once_cite_too(room: Room) -> None:
    room.register()
    revision = room.changes.revision(DATASET, "inflow", 1)
    assert revision.standards is not None
    assert "area.code" in {each.id for each in revision.standards}


def test_a_dataset_s_fields_mean_what_it_cites_until_another_revision_is_approved(
    room: Room, changes: Changes, standards: Standards
) -> None:
    approved(changes, fields=fields(area="area.code"), key=["area"], rules=[])
    library = Library.load().beside(standards.documents, today=lambda: room.clock().date())
    old = library.element("area.code")
    changed = {"version": "9.0", "type": "integer", "max_length": None, "pattern": None}
    raised = {"security_level": "general-4"}
    room.publish(DataElement.model_validate(old.model_dump() | changed | raised))
    assert library.element("area.code").version == "9.0"
    cited = room.datasets.as_cited(library, "inflow")
    assert cited.element("area.code") == old
    assert cited.code_lists() == library.code_lists()
    loader = Loader(room.datasets, room.store, library, room.clock, room.drifts)
    loaded = loader.load("inflow", room.file("area\nDMA-01\n"), by="alice")
    assert [field.type for field in loaded.version.profile] == ["string"]
    with room.database.read() as session:
        assert as_cited(session, ["inflow", "nothing"], library)["inflow"].element("area.code") == old
    with pytest.raises(IncompatibleFields):
        approved(changes, fields=fields(area="area.code"), key=["area"], rules=[], security_level="general-4")


def test_of_two_versions_cited_the_newer_is_meant(room: Room, standards: Standards) -> None:
    library = Library.load().beside(standards.documents)
    old = library.element("area.code")
    room.publish(
        *(DataElement.model_validate(old.model_dump() | {"version": v}) for v in ("8.0", "9.0", "10.0"))
    )
    newest = [library.element("area.code", v).reference() for v in ("9.0", "8.0")]
    assert library.element("area.code").version == "10.0"
    assert library.citing(newest).element("area.code").version == "9.0"
    assert library.citing(newest).now().element("area.code").version == "9.0"
    assert library.citing([]).element("area.code").version == "10.0"
