"""Contracts made ready to be imported, and datasets of every kind."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from catalog.datasets.models import Dataset, DatasetDraft, parse_draft
from catalog.exchange.odcs_places import field_name
from catalog.exchange.odcs_reading import Given
from standards.data_contracts import LOGICAL_TYPES
from standards.library import Library
from standards.security import highest
from tests.builders import NOON

Contract = dict[str, Any]

LIBRARY = Library.load()
ELEMENTS = {
    "string": "customer.name", "integer": "quality.hours_observed", "number": "usage.volume_m3",
    "boolean": "dataset.is_synthetic", "date": "customer.opened_on", "timestamp": "reading.observed_at",
}  # fmt: skip
FREQUENCIES = [code.code for code in LIBRARY.code_list("update-frequency").codes]
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
NAMES = st.from_regex("[a-z][a-z0-9_]{0,9}", fullmatch=True)
_TOLERANCES = st.sampled_from(["0", "0.1", "0.033", "1", "0.123456789012345678"]).map(Decimal)


def made_ready(contract: Contract) -> tuple[Contract, Given]:
    """Return the contract with a table that can be a dataset, and what is to be said beside it.

    Only names and keys are touched: a name given twice, or a key of columns that are no columns, is refused.
    """
    tables = contract.setdefault("schema", [])
    if not tables:
        tables.append({"name": "orders"})
    table = tables[0]
    for index, each in enumerate(tables):
        each["name"] += f" {index}"
    columns = table.setdefault("properties", [])
    columns.append({"name": "area", "logicalType": "string"})
    elements, left_out, taken = {}, set(), set()
    for index, prop in enumerate(columns):
        prop["name"] += f" {index}"
        name, element = field_name(prop), ELEMENTS.get(prop["logicalType"])
        if name is None or element is None or name in taken:
            left_out.add(prop["name"])
            prop.pop("primaryKey", None)
            continue
        taken.add(name)
        elements[prop["name"]] = element
        if "physicalName" in prop:
            prop["physicalName"] += f" {index}"
        if prop["logicalType"] == "timestamp" and "defaultTimezone" in prop.get("logicalTypeOptions", {}):
            prop["logicalTypeOptions"]["defaultTimezone"] = "Asia/Shanghai"
    given = Given(
        name="orders", table=table["name"], owner="water-group", steward="alice", organisation="water-group",
        update_frequency="daily", elements=elements, left_out=frozenset(left_out),
    )  # fmt: skip
    return contract, given


@st.composite
def drafts(draw: st.DrawFn) -> DatasetDraft:
    """Return a dataset that fits the standards: fields of any data elements, key, rules."""
    elements = draw(st.lists(st.sampled_from(LIBRARY.elements()), min_size=1, max_size=5))
    names = draw(st.lists(NAMES, min_size=len(elements), max_size=len(elements), unique=True))
    fields = [
        {
            "name": name,
            "element": element.id,
            "required": draw(st.booleans()),
            "column": draw(st.none() | st.just(f"Column {name}") | st.just(name)),
            "time_zone": draw(st.sampled_from([None, "Asia/Shanghai", "UTC"]))
            if LOGICAL_TYPES[element.type] == "timestamp"
            else None,
        }
        for name, element in zip(names, elements, strict=True)
    ]
    types = {name: LOGICAL_TYPES[element.type] for name, element in zip(names, elements, strict=True)}
    least = str(highest(element.security_level for element in elements))
    return parse_draft(
        {
            "name": draw(st.from_regex("[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)),
            "title": draw(WORDS), "title_zh": draw(WORDS), "description": draw(WORDS),
            "owner": draw(WORDS), "steward": draw(WORDS), "organisation": draw(WORDS),
            "security_level": draw(st.sampled_from([least, "core"])),
            "update_frequency": draw(st.sampled_from(FREQUENCIES)),
            "synthetic": draw(st.booleans()),
            "source": draw(st.none() | WORDS),
            "licence": draw(st.none() | WORDS),
            "temporal": draw(st.sampled_from([None, {"begin": "2021-01-01"}, {"end": "2022-12-31"}])),
            "fields": fields,
            "key": draw(st.lists(st.sampled_from(names), unique=True, max_size=3)),
            "rules": list(draw(rules(types))),
        },
        where="a test",
    )  # fmt: skip


@st.composite
def amended(draw: st.DrawFn, draft: DatasetDraft) -> DatasetDraft:
    """Return a draft that says some things otherwise, its fields above all."""
    said = draft.model_dump(mode="json", exclude={"contract", "rules", "key"})
    fields = draw(st.permutations([each for each in said["fields"] if draw(st.booleans())]))
    for each in fields:
        if draw(st.booleans()):
            each["element"], each["time_zone"] = draw(st.sampled_from(list(ELEMENTS.values()))), None
        if draw(st.booleans()):
            each["required"] = not each["required"]
    if not fields or draw(st.booleans()):
        fields = [*fields, {"name": "added", "element": "customer.name", "required": True}]
    types = {each["name"]: LOGICAL_TYPES[LIBRARY.element(each["element"]).type] for each in fields}
    wanted = (LIBRARY.element(each["element"]).security_level for each in fields)
    said["security_level"] = highest([draft.security_level, *wanted])
    others = draw(drafts())
    taken = draw(
        st.sets(st.sampled_from(["title", "owner", "steward", "licence", "update_frequency", "synthetic"]))
    )
    said |= {name: getattr(others, name) for name in taken}
    said |= {"fields": fields, "rules": draw(rules(types))}
    said["key"] = draw(st.lists(st.sampled_from(sorted(types)), unique=True, max_size=2))
    return parse_draft(said, where="a test").model_copy(update={"contract": draft.contract})


def rules(types: dict[str, str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return rules that fit fields of these types, each once."""
    fields = st.sampled_from(sorted(types))
    missing = st.builds(lambda f, t: {"rule": "missing", "field": f, "tolerance": t}, fields, _TOLERANCES)
    some = st.lists(fields, min_size=1, max_size=2, unique=True)
    duplicates = st.builds(
        lambda f, t: {"rule": "duplicates", "fields": f, "tolerance": t}, some, _TOLERANCES
    )
    kinds = [missing, duplicates]
    if texts := [name for name, type_ in types.items() if type_ == "string"]:
        patterns = st.sampled_from(["[A-Z]+", "a|b", "\\d{2,}"])
        kinds.append(
            st.builds(
                lambda f, p, t: {"rule": "pattern", "field": f, "pattern": p, "tolerance": t},
                st.sampled_from(texts), patterns, _TOLERANCES,
            )
        )  # fmt: skip
    if numbers := [name for name, type_ in types.items() if type_ in ("number", "integer")]:
        kinds.append(
            st.builds(
                lambda f, low: {"rule": "range", "field": f, "minimum": low},
                st.sampled_from(numbers), st.decimals(-1000, 1000, places=3),
            )
        )  # fmt: skip
    if times := [name for name, type_ in types.items() if type_ == "timestamp"]:
        by = st.lists(fields, max_size=1)
        kinds.append(
            st.builds(
                lambda at, by: {"rule": "complete-period", "time": at, "by": by, "step": "hour"},
                st.sampled_from(times), by,
            )
        )  # fmt: skip
    return st.lists(st.one_of(kinds), max_size=5, unique_by=_rule_id)


def registered(draft: DatasetDraft, revision: int = 1) -> Dataset:
    """Return the draft as a dataset that is registered."""
    return Dataset(document=draft, registered_by="alice", registered_at=NOON, versions=0, revision=revision)


def governed(draft: DatasetDraft) -> DatasetDraft:
    """Return the draft without the contract that it came with."""
    return draft.model_copy(update={"contract": None})


def _rule_id(rule: dict[str, Any]) -> str:
    return str([rule["rule"], rule.get("field"), rule.get("fields"), rule.get("time"), rule.get("by")])
