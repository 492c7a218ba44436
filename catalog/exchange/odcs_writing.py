"""A dataset written as a data contract: the one it came with, with what is new in it, or one of its own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC

from catalog.datasets.models import Dataset, DatasetDraft, DatasetState, FieldDraft
from catalog.exchange import odcs_rules
from catalog.exchange.odcs_places import (
    ELEMENT,
    FIELD_CUSTOM,
    Document,
    camel,
    set_custom,
    set_frequency,
    set_member,
    table_in,
    table_name,
)
from catalog.table_types import arrow_type
from standards import odcs
from standards.data_contracts import (
    ELEMENT_URN,
    ContractField,
    dataset_contract_id,
    schema_property,
)
from standards.library import Library

_REVISION = "+revision."
_ORDER = (
    "apiVersion", "kind", "id", "name", "version", "status", "tenant", "description", "schema", "team",
    "slaProperties", "customProperties", "contractCreatedTs",
)  # fmt: skip
_OF_TYPE = ("logicalTypeOptions", "properties", "items", "map")
"""What a property says that holds for its logical type only."""


def contract_key(draft: DatasetDraft, revision: int, *, is_retired: bool = False) -> tuple[str, str]:
    """Return id and version of a dataset's contract, as an export of a revision has them."""
    if draft.contract is None:
        return dataset_contract_id(draft.name), f"{revision}.0.0"
    said: str = draft.contract.document["version"]
    if _changed(draft) or is_retired:
        said = f"{said.partition(_REVISION)[0]}{_REVISION}{revision}"
    return draft.contract.document["id"], said


def write(dataset: Dataset, library: Library) -> Document:
    """Return the dataset's contract.

    One that was imported comes back as it came, but for what the dataset says otherwise since: that is
    written into it, and its version gets the dataset's revision behind it.
    """
    draft, kept = dataset.document, dataset.document.contract
    is_retired, changed = dataset.state is DatasetState.RETIRED, _changed(draft)
    document = copy.deepcopy(kept.document) if kept else _blank(dataset)
    for name in DatasetDraft.model_fields:  # in the model's order
        if name in changed:
            _WRITERS.get(name, _write_custom(name))(document, draft)
    if changed & {"fields", "key", "rules"}:
        _write_table(document, draft, library)
    if is_retired:
        document["status"] = "retired"
    if changed or is_retired:
        key = contract_key(draft, dataset.revision, is_retired=is_retired)
        document["id"], document["version"] = key
        document["apiVersion"] = odcs.VERSION
    return document if kept else {key: document[key] for key in _ORDER if key in document}


def _blank(dataset: Dataset) -> Document:
    return {
        "kind": odcs.KIND,
        "status": "active",
        "schema": [{"name": table_name(dataset.name), "physicalType": "table", "properties": []}],
        "contractCreatedTs": f"{dataset.registered_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def _changed(draft: DatasetDraft) -> set[str]:
    """Return what the dataset says otherwise than when its contract came; everything if none did."""
    said = draft.contract.dataset if draft.contract else None
    names = DatasetDraft.model_fields.keys() - {"name", "contract"}
    return {name for name in names if said is None or getattr(said, name) != getattr(draft, name)}


def _write_title(document: Document, draft: DatasetDraft) -> None:
    document["name"] = draft.title


def _write_description(document: Document, draft: DatasetDraft) -> None:
    document.setdefault("description", {})["purpose"] = draft.description


def _write_organisation(document: Document, draft: DatasetDraft) -> None:
    document["tenant"] = draft.organisation


def _write_frequency(document: Document, draft: DatasetDraft) -> None:
    set_frequency(document, draft.update_frequency)


def _write_custom(name: str) -> Callable[[Document, DatasetDraft], None]:
    def write_it(document: Document, draft: DatasetDraft) -> None:
        set_custom(document, camel(name), _said(draft, name))

    return write_it


def _leave(_document: Document, _draft: DatasetDraft) -> None:
    """Fields, key and rules are written together."""


_WRITERS: dict[str, Callable[[Document, DatasetDraft], None]] = {
    "title": _write_title,
    "description": _write_description,
    "organisation": _write_organisation,
    "owner": lambda document, draft: set_member(document, "owner", draft.owner),
    "steward": lambda document, draft: set_member(document, "steward", draft.steward),
    "update_frequency": _write_frequency,
    **dict.fromkeys(("fields", "key", "rules"), _leave),
}


def _write_table(document: Document, draft: DatasetDraft, library: Library) -> None:
    """Write fields, key and rules into the dataset's table."""
    kept = draft.contract
    said = kept.dataset if kept else None
    table = table_in(document, kept.table if kept else table_name(draft.name))
    assert table is not None  # the contract was looked at when it came
    columns = {field.name: field.name for field in draft.fields} | (kept.columns if kept else {})
    fields = {columns[field.name]: field.name for field in draft.fields}
    before = {field.name: field for field in said.fields} if said else {}
    old = {prop["name"]: prop for prop in table.get("properties", ())}
    governed = [
        _property(old.get(columns[field.name]), field, before.get(field.name), library)
        for field in draft.fields
    ]
    gone = {columns[name] for name in before} - set(fields)
    if [name for name in old if name in fields] == list(fields):
        table["properties"] = [prop for name, prop in old.items() if name not in gone]
    else:
        left = [prop for name, prop in old.items() if name not in fields and name not in gone]
        table["properties"] = [*governed, *left]
    if said is None or said.key != draft.key:
        _write_key(governed, [columns[name] for name in draft.key])
    odcs_rules.write(table, fields, said.rules if said else (), draft.rules)


def _write_key(properties: list[Document], key: list[str]) -> None:
    for prop in properties:
        if prop["name"] in key:
            prop["primaryKey"], prop["primaryKeyPosition"] = True, key.index(prop["name"]) + 1
        elif prop.get("primaryKey"):
            prop["primaryKey"] = False
            prop.pop("primaryKeyPosition", None)


def _property(
    prop: Document | None, field: FieldDraft, said: FieldDraft | None, library: Library
) -> Document:
    """Return the property that a field is: the one that was there, with what is new written into it."""
    if prop is None:
        prop = _fresh(field, library)
    elif said is None or said.element != field.element:
        _bind(prop, field, library)
    if said is None or said.required != field.required:
        prop["required"] = field.required
    if said is None or said.column != field.column:
        _write_or_drop(
            prop, "physicalName", field.column or (field.name if prop["name"] != field.name else None)
        )
    if (said.time_zone if said else None) != field.time_zone:
        options = prop.pop("logicalTypeOptions", {})
        _write_or_drop(options, "timezone", None if field.time_zone is None else False)
        _write_or_drop(options, "defaultTimezone", field.time_zone)
        _write_or_drop(prop, "logicalTypeOptions", options or None)
    for name in FIELD_CUSTOM:
        if said is None or getattr(said, name) != getattr(field, name):
            set_custom(prop, camel(name), _said(field, name))
    return prop


def _fresh(field: FieldDraft, library: Library) -> Document:
    """Return what a contract says of a field because of its data element."""
    element = library.element(field.element)
    made = schema_property(
        ContractField(
            name=field.name,
            element=element,
            reference=element.reference(),
            physical_type=str(arrow_type(element)),
            key_position=None,
        )
    )
    found: Document = made.model_dump(exclude_none=True, by_alias=True)
    return found


def _bind(prop: Document, field: FieldDraft, library: Library) -> None:
    """Let a property that was there mean another data element."""
    fresh = _fresh(field, library)
    if prop.get("logicalType") != fresh["logicalType"]:
        for name in _OF_TYPE:
            prop.pop(name, None)
    for name in ("businessName", "description", "logicalType", "physicalType", "classification"):
        prop[name] = fresh[name]
    others = [each for each in prop.get("authoritativeDefinitions", ()) if not is_ours(each["url"])]
    prop["authoritativeDefinitions"] = others + fresh["authoritativeDefinitions"]
    values = {each["property"]: each["value"] for each in fresh["customProperties"]}
    for name in (ELEMENT, "dataElementDigest", "unit"):
        set_custom(prop, name, values.get(name), anyone_s=True)


def is_ours(url: str) -> bool:
    """Return whether a URL cites a data element of the standards."""
    return url.startswith(ELEMENT_URN)


def _write_or_drop(holder: Document, name: str, value: object) -> None:
    if value is None:
        holder.pop(name, None)
    else:
        holder[name] = value


def _said(model: DatasetDraft | FieldDraft, name: str) -> object:
    """Return what a model says under a name, in JSON values; None if it is what goes without saying."""
    if getattr(model, name) == type(model).model_fields[name].default:
        return None
    return model.model_dump(mode="json", include={name})[name]
