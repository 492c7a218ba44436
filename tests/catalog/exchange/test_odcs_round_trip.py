"""Nothing is lost: an export of an import equals the import, an import of an export the dataset."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog.datasets.fitting import require_standards
from catalog.datasets.models import DatasetDraft
from catalog.exchange import odcs_reading, odcs_writing
from catalog.exchange.odcs_reading import Given
from standards import odcs, plain_yaml
from tests.catalog.exchange.odcs_datasets import (
    LIBRARY,
    Contract,
    amended,
    drafts,
    governed,
    made_ready,
    registered,
)
from tests.catalog.exchange.odcs_documents import VALIDATOR, Drawn, Everything, Maker, members, name_of

DOCUMENTS = 120
"""So many documents go everywhere in the schema."""

GOVERNED = ("apiVersion", "version", "name", "tenant", "description", "schema", "team", "slaProperties",
            "customProperties")  # fmt: skip
GOVERNED_OF_FIELDS = ("businessName", "description", "logicalType", "logicalTypeOptions", "physicalType",
                      "physicalName", "classification", "authoritativeDefinitions", "customProperties",
                      "required", "primaryKey", "primaryKeyPosition", "quality")  # fmt: skip


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    return Maker(Drawn(draw)).document()


def imported(contract: Contract, given: Given | None = None) -> DatasetDraft:
    """Return the draft, as it is after the database had it."""
    read = odcs_reading.read(contract, given or Given(), LIBRARY, None, "a test").draft
    require_standards(read, LIBRARY)
    stored = json.loads(json.dumps(read.model_dump(mode="json")))
    return DatasetDraft.model_validate(stored)


def exported(draft: DatasetDraft) -> Contract:
    return odcs_writing.write(registered(draft, revision=7), LIBRARY)


def same(one: Any, other: Any) -> bool:
    """Tell whether two documents are the same but for the order of keys: 1, 1.0 and true are not."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def test_every_member_of_the_official_schema_comes_back() -> None:
    maker = Maker(Everything())
    for _ in range(DOCUMENTS):
        contract, given = made_ready(maker.document())
        VALIDATOR.validate(contract)
        before = copy.deepcopy(contract)
        assert same(exported(imported(contract, given)), before)
    assert sorted(map(name_of, members() - maker.visited)) == []


@given(contracts())
def test_an_export_of_an_import_equals_the_import(drawn: Contract) -> None:
    contract, given = made_ready(drawn)
    text = plain_yaml.write(contract)
    draft = imported(odcs.read(text, where="a file"), given)
    assert same(odcs.read(plain_yaml.write(exported(draft)), where="a file"), contract)


@given(drafts())
def test_an_import_of_an_export_is_the_dataset(draft: DatasetDraft) -> None:
    contract = exported(draft)
    VALIDATOR.validate(contract)
    assert governed(imported(contract)) == draft
    assert same(exported(imported(contract)), contract)


@given(contracts(), st.data())
def test_what_changed_since_is_written_into_the_contract_and_the_rest_left(
    drawn: Contract, data: st.DataObject
) -> None:
    contract, given = made_ready(drawn)
    draft = imported(contract, given)
    changed = data.draw(amended(draft))
    found = exported(changed)
    VALIDATOR.validate(found)
    here = Given(name="orders", table=given.table, left_out=given.left_out)
    again = odcs_reading.read(found, here, LIBRARY, draft, "a test").draft
    assert governed(again) == governed(changed)
    assert found["version"] == f"{contract['version']}+revision.7" or found == contract
    assert same(without(found, GOVERNED), without(contract, GOVERNED))
    assert same(found["schema"][1:], contract["schema"][1:])
    before, after = ({p["name"]: p for p in each["schema"][0]["properties"]} for each in (contract, found))
    assert set(before) - set(after) <= {prop for prop in before if prop not in given.left_out}
    for name, prop in before.items():
        if name in given.left_out:
            assert same(after[name], prop)
        elif name in after:
            assert same(without(after[name], GOVERNED_OF_FIELDS), without(prop, GOVERNED_OF_FIELDS))


def without(document: Contract, names: Collection[str]) -> Contract:
    """Return what a document says besides."""
    return {name: said for name, said in document.items() if name not in names}
