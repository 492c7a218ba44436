"""Where a data contract says what the document of a dataset says.

What ODCS has a place for stands there; the rest are custom properties of the vendor `shuize`, in camel case.
"""

from __future__ import annotations

import re
from typing import Any

from catalog.datasets.models import DatasetDraft, FieldDraft
from standards.names import MAX_BYTES

Document = dict[str, Any]

VENDOR = "shuize"
ELEMENT, RULE_ORDER = "dataElement", "ruleOrder"

DATASET_CUSTOM = tuple(
    name
    for name in DatasetDraft.model_fields
    if name
    not in {
        "name", "title", "description", "owner", "steward", "organisation", "update_frequency",
        "fields", "key", "rules", "contract",
    }
)  # fmt: skip
"""What a dataset says and ODCS has no place for: whatever is added to the model is among it."""
FIELD_CUSTOM = tuple(
    name
    for name in FieldDraft.model_fields
    if name not in {"name", "element", "column", "time_zone", "required"}
)

_FREQUENCIES = {
    "hourly": (1, "h"), "daily": (1, "d"), "weekly": (7, "d"), "monthly": (1, "month"),
    "bimonthly": (2, "month"), "quarterly": (3, "month"), "annual": (1, "y"),
}  # fmt: skip
_UNITS = {
    **dict.fromkeys(("h", "hr", "hour", "hours"), (1, "h")),
    **dict.fromkeys(("d", "day", "days"), (24, "h")),
    **dict.fromkeys(("w", "wk", "week", "weeks"), (168, "h")),
    **dict.fromkeys(("mo", "month", "months"), (1, "month")),
    **dict.fromkeys(("y", "yr", "year", "years"), (12, "month")),
}
_ROLES = {"owner": ("owner", "data owner"), "steward": ("steward", "data steward")}


def camel(name: str) -> str:
    """Return a name of the model as a custom property has it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def custom(holder: Document, name: str, *, anyone_s: bool = False) -> Any:
    """Return the value of a custom property of ours, or None; `anyone_s` takes one that names no vendor."""
    vendors = (VENDOR, None) if anyone_s else (VENDOR,)
    for each in holder.get("customProperties", ()):
        if each["property"] == name and each.get("vendor") in vendors:
            return each["value"]
    return None


def set_custom(holder: Document, name: str, value: Any, *, anyone_s: bool = False) -> None:
    """Set a custom property of ours, or remove it by None."""
    vendors = (VENDOR, None) if anyone_s else (VENDOR,)
    listed = holder.setdefault("customProperties", [])
    mine = [each for each in listed if each["property"] == name and each.get("vendor") in vendors]
    if value is None:
        listed[:] = [each for each in listed if each not in mine]
    elif mine:
        mine[0]["value"] = value
    else:
        listed.append({"property": name, "value": value, "vendor": VENDOR})
    if not listed:
        del holder["customProperties"]


def member(document: Document, role: str) -> Document | None:
    """Return the member of the team who has a role and has not left it."""
    for each in _members(document):
        if each.get("role", "").strip().casefold() in _ROLES[role] and "dateOut" not in each:
            return each
    return None


def set_member(document: Document, role: str, party: str) -> None:
    """Give a role to a party; what was said of whom it takes the place of goes with them."""
    team = document.setdefault("team", {"members": []})
    members = team if isinstance(team, list) else team.setdefault("members", [])
    said = member(document, role)
    if said is None:
        members.append({"username": party, "role": role})
        return
    kept = said["role"]
    said.clear()
    said.update({"username": party, "role": kept})


def frequency(document: Document) -> str | None:
    """Return how often the contract says that data come, as a code, or None if it does not say or no code."""
    said = _frequency(document)
    if said is None:
        return None
    value, unit = said["value"], str(said.get("unit", "")).strip().casefold()
    if isinstance(value, str):
        return value
    if unit not in _UNITS or isinstance(value, bool) or value is None:
        return None
    return next((code for code, each in _FREQUENCIES.items() if _length(*each) == _length(value, unit)), None)


def set_frequency(document: Document, code: str) -> None:
    """Say how often data come."""
    said = _frequency(document)
    if said is None:
        said = {"property": "frequency"}
        document.setdefault("slaProperties", []).append(said)
    said.pop("unit", None)
    if code in _FREQUENCIES:
        said["value"], said["unit"] = _FREQUENCIES[code]
    else:
        said["value"] = code


def dataset_name(table: str) -> str | None:
    """Return the name that a dataset has as a table of this name, or None."""
    name = re.sub(r"[^a-z0-9]+", "-", table.casefold()).strip("-")
    return name if re.match("[a-z]", name) and len(name) <= MAX_BYTES else None


def table_name(dataset: str) -> str:
    """Return the name of the table that a dataset is."""
    return dataset.replace("-", "_")


def field_name(prop: Document) -> str | None:
    """Return the name that a property of the contract has as a field, or None."""
    for said in (prop["name"], prop.get("physicalName", "")):
        if re.fullmatch("[a-z][a-z0-9_]{0,62}", said):
            return str(said)
        name = re.sub(r"[^a-z0-9_]+", "_", said.casefold()).strip("_")
        if re.match("[a-z]", name) and len(name) <= 63:
            return name
    return None


def table_in(document: Document, name: str) -> Document | None:
    """Return the schema object of a name, the first if there are several."""
    return next((each for each in document.get("schema", ()) if each["name"] == name), None)


def _members(document: Document) -> list[Document]:
    team = document.get("team", {})
    found: list[Document] = team if isinstance(team, list) else team.get("members", [])
    return found


def _frequency(document: Document) -> Document | None:
    listed: list[Document] = document.get("slaProperties", [])
    return next((each for each in listed if each["property"].casefold() == "frequency"), None)


def _length(value: float, unit: str) -> tuple[float, str]:
    times, base = _UNITS[unit]
    return value * times, base
