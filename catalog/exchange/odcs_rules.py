"""Quality checks of a data contract as rules of a dataset, and back.

A check of ODCS's library that says what a rule says is that rule; a rule that the library has no word for is
a check of the engine `shuize`. All other checks stay in the contract and are run by nobody here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError

from catalog.exchange.odcs_places import RULE_ORDER, VENDOR, Document, custom, set_custom
from catalog.quality.rules import CompletePeriod, Duplicates, Missing, Pattern, Permitted, Range, Rule

_RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
_DIMENSIONS = {
    Missing: "completeness",
    Range: "accuracy",
    Pattern: "conformity",
    Permitted: "conformity",
    Duplicates: "uniqueness",
    CompletePeriod: "coverage",
}
_OURS = ("type", "metric", "rule", "arguments", "unit", "engine", "implementation", "query")


@dataclass(frozen=True)
class Check:
    """A check as it stands in the contract; the rule that it is, or what is wrong with that rule."""

    pointer: str
    listed: list[Document]
    entry: Document
    rule: Rule | None = None
    fault: str | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it names our engine."""
        return self.entry.get("type") == "custom" and self.entry.get("engine") == VENDOR


def checks(table: Document, fields: Mapping[str, str]) -> Iterator[Check]:
    """Yield the checks of a table's columns and its own. `fields` gives each governed property its field."""
    for number, prop in enumerate(table.get("properties", ())):
        for index, entry in enumerate(prop.get("quality", ())):
            pointer = f"/properties/{number}/quality/{index}"
            yield _check(pointer, prop["quality"], entry, fields.get(prop["name"]), fields)
    for index, entry in enumerate(table.get("quality", ())):
        yield _check(f"/quality/{index}", table["quality"], entry, None, fields)


def in_order(table: Document, found: Sequence[Check]) -> list[Check]:
    """Return the checks that are rules, one for each rule, in the order that the table gives for them."""
    said = custom(table, RULE_ORDER)
    order = {each: place for place, each in enumerate(said if isinstance(said, list) else ())
             if isinstance(each, str)}  # fmt: skip
    rules: dict[str, Check] = {}
    for check in found:
        if check.rule is not None:
            rules.setdefault(check.rule.id, check)
    return sorted(
        rules.values(), key=lambda check: order.get(check.rule.id if check.rule else "", len(order))
    )


def write(table: Document, fields: Mapping[str, str], before: Sequence[Rule], after: Sequence[Rule]) -> None:
    """Let the table have the rules `after` where it had `before`; other checks stay as they are."""
    wanted = {rule.id: rule for rule in after}
    known = {rule.id for rule in before}
    here = {check.rule.id: check for check in in_order(table, list(checks(table, fields))) if check.rule}
    for id_, check in here.items():
        if id_ in wanted and check.rule != wanted[id_]:
            _replace(check, table, fields, wanted[id_])
        elif id_ not in wanted and id_ in known:
            _remove(check)
    for id_, rule in wanted.items():
        if id_ not in here:
            holder, entry = _entry(rule, table, fields)
            holder.setdefault("quality", []).append(entry)
    set_custom(table, RULE_ORDER, None)
    stand = [check.rule.id for check in in_order(table, list(checks(table, fields))) if check.rule]
    if [id_ for id_ in stand if id_ in wanted] != list(wanted):
        set_custom(table, RULE_ORDER, list(wanted))


def _check(
    pointer: str, listed: list[Document], entry: Document, field: str | None, fields: Mapping[str, str]
) -> Check:
    check = Check(pointer, listed, entry)
    if not check.is_ours:
        return Check(pointer, listed, entry, rule=_of_library(entry, field, fields))
    try:
        rule = _RULE.validate_python(entry["implementation"])
    except ValidationError as error:
        first = error.errors()[0]
        place = "/".join(map(str, first["loc"][1:]))
        return Check(pointer, listed, entry, fault=f"implementation is no rule: {place}: {first['msg']}")
    unknown = sorted(set(rule.mentions()) - set(fields.values()))
    if unknown:
        return Check(pointer, listed, entry, fault=f"{rule.id} speaks of no field: {', '.join(unknown)}")
    return Check(pointer, listed, entry, rule=rule)


def _of_library(entry: Document, field: str | None, fields: Mapping[str, str]) -> Rule | None:
    tolerance, said = _tolerance(entry), entry.get("arguments", {})
    if entry.get("type", "library") != "library" or tolerance is None:
        return None
    match entry.get("metric"):
        case "nullValues" if field and not said:
            return Missing(field=field, tolerance=tolerance)
        case "invalidValues" if field and list(said) == ["pattern"] and isinstance(said["pattern"], str):
            return Pattern(field=field, pattern=said["pattern"], tolerance=tolerance)
        case "duplicateValues" if field and not said:
            return Duplicates(fields=(field,), tolerance=tolerance)
        case "duplicateValues" if not field and list(said) == ["properties"]:
            names = said["properties"]
            if isinstance(names, list) and names and all(isinstance(n, str) and n in fields for n in names):
                return Duplicates(fields=tuple(fields[name] for name in names), tolerance=tolerance)
    return None


def _tolerance(entry: Document) -> Decimal | None:
    """Return the share of failures that a check accepts, or None if it says something else."""
    if _is_number(entry.get("mustBe")) and entry["mustBe"] == 0:
        return Decimal(0)
    most: Any = entry.get("mustBeLessOrEqualTo")
    if _is_number(most) and entry.get("unit") == "percent" and 0 <= most <= 100:
        return Decimal(str(most)) / 100
    return None


def _entry(rule: Rule, table: Document, fields: Mapping[str, str]) -> tuple[Document, Document]:
    """Return the check that is the rule, and what it belongs to: the table or one of its properties."""
    properties = {
        fields[each["name"]]: each for each in table.get("properties", ()) if each["name"] in fields
    }
    holder, said = table, Document()
    match rule:
        case Missing():
            holder, said = properties[rule.field], {"metric": "nullValues"}
        case Pattern():
            holder = properties[rule.field]
            said = {"metric": "invalidValues", "arguments": {"pattern": rule.pattern}}
        case Duplicates():
            names = [properties[name]["name"] for name in rule.fields]
            said = {"metric": "duplicateValues", "arguments": {"properties": names}}
    about: Document = {"name": rule.id}
    if (dimension := _DIMENSIONS.get(type(rule))) is not None:
        about["dimension"] = dimension
    if said:
        entry = {**about, "type": "library", **said, **_operator(rule.tolerance)}
        field = fields[holder["name"]] if holder is not table else None
        if _of_library(entry, field, fields) == rule:  # a tolerance of many digits is no exact percentage
            return holder, entry
    implementation = rule.model_dump(mode="json", exclude_none=True)
    return table, {**about, "type": "custom", "engine": VENDOR, "implementation": implementation}


def _operator(tolerance: Decimal) -> Document:
    if not tolerance:
        return {"mustBe": 0}
    percent = tolerance * 100
    number = int(percent) if percent == percent.to_integral_value() else float(percent)
    return {"mustBeLessOrEqualTo": number, "unit": "percent"}


def _replace(check: Check, table: Document, fields: Mapping[str, str], rule: Rule) -> None:
    """Write another rule over a check; what else the check says stays."""
    holder, entry = _entry(rule, table, fields)
    kept = {k: v for k, v in check.entry.items() if k not in _OURS and not k.startswith("must")}
    if holder.get("quality") is not check.listed:
        _remove(check)
        holder.setdefault("quality", []).append({**entry, **kept})
        return
    check.entry.clear()
    check.entry.update({**entry, **kept})


def _remove(check: Check) -> None:
    check.listed[:] = [entry for entry in check.listed if entry is not check.entry]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
