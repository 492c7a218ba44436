"""A data contract read as the document of a dataset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.datasets.fitting import require_standards
from catalog.datasets.models import (
    DatasetDraft,
    FieldDraft,
    ImportedContract,
    MalformedDataset,
    parse_draft,
)
from catalog.exchange import odcs_columns, odcs_rules
from catalog.exchange.odcs_places import (
    DATASET_CUSTOM,
    Document,
    camel,
    custom,
    dataset_name,
    frequency,
    member,
    table_in,
)
from catalog.quality.rule_faults import field_and_rule_faults
from catalog.quality.rules import Rule
from standards.errors import Fault, InvalidInput
from standards.library import Library
from standards.security import highest


class IncompleteDataContract(InvalidInput):
    """A data contract that does not say all that a dataset needs; the faults name the places."""

    code = "incomplete-data-contract"


_PLACES = {
    "title": "/name", "description": "/description", "owner": "/team", "steward": "/team",
    "organisation": "/tenant", "update_frequency": "/slaProperties",
    **dict.fromkeys(DATASET_CUSTOM, "/customProperties"),
}  # fmt: skip
"""Where a contract says what a dataset says of itself as a whole."""
_NEEDED = {
    "owner": "names no owner",
    "steward": "names no steward",
    "organisation": "names no organisation",
    "update_frequency": "says no frequency that is a code of update-frequency",
}


@dataclass(frozen=True)
class Given:
    """What is said beside a contract: what it is silent about, or what its words are here.

    `elements` gives properties of the contract their data element; those in `left_out` become no fields.
    """

    name: str | None = None
    table: str | None = None
    owner: str | None = None
    steward: str | None = None
    organisation: str | None = None
    security_level: str | None = None
    update_frequency: str | None = None
    elements: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reading:
    """The dataset that a contract describes, and the checks of the contract that are no rules of it."""

    draft: DatasetDraft
    other_checks: tuple[str, ...]


def table_of(contract: Document, given: Given, where: str) -> tuple[int, Document]:
    """Return which of the contract's tables is meant, with its place. Raises IncompleteDataContract."""
    tables: list[Document] = contract.get("schema", [])
    if given.table is not None:
        for index, table in enumerate(tables):
            if table["name"] == given.table:
                return index, table
    elif len(tables) == 1:
        return 0, tables[0]
    names = ", ".join(table["name"] for table in tables) or "none"
    which = f"none is called {given.table!r}" if given.table else "a dataset is one of them"
    faults = [Fault("/schema", f"the tables are: {names}; {which}")]
    raise _incomplete(where, faults, "choose one with --table NAME")


def name_of(contract: Document, given: Given, where: str) -> str:
    """Return the name of the dataset that the contract describes. Raises IncompleteDataContract."""
    index, table = table_of(contract, given, where)
    name = given.name or dataset_name(table["name"])
    if name is None:
        said = f"{table['name']!r} makes no name of a dataset"
        raise _incomplete(where, [Fault(f"/schema/{index}/name", said)], "give one with --name NAME")
    return name


def read(
    contract: Document, given: Given, library: Library, present: DatasetDraft | None, where: str
) -> Reading:
    """Return what a valid contract says, as a dataset.

    What neither it nor `given` says stays as it is in `present`. Raises IncompleteDataContract with every
    fault.
    """
    reader = _Reader(contract, given, library, present, where)
    return reader.reading()


class _Reader:
    """One reading, with what was found wrong so far."""

    def __init__(
        self, contract: Document, given: Given, library: Library, present: DatasetDraft | None, where: str
    ) -> None:
        self._contract, self._given, self._library, self._where = contract, given, library, where
        self._present = present
        index, self._table = table_of(contract, given, where)
        self._place = f"/schema/{index}"
        self._faults: list[Fault] = []
        self._from: dict[str, str] = {}
        """Place in the dataset's document → place in the contract."""

    def reading(self) -> Reading:
        columns = odcs_columns.read(
            self._table, self._place, self._given.elements, self._left_out(), self._library, self._present
        )
        self._faults += columns.faults
        self._from |= {f"/fields/{index}": place for index, place in enumerate(columns.places)}
        fields = list(columns.fields)
        said = {**self._about(), "fields": fields, "key": columns.key}
        said["security_level"] = self._level(said.get("security_level"), fields)
        self._end()
        checks = list(odcs_rules.checks(self._table, {prop: name for name, prop in columns.names.items()}))
        said["rules"], others = self._rules(checks, said)
        self._end()
        draft = self._fitting(said)
        kept = ImportedContract(
            document=self._contract,
            table=self._table["name"],
            columns=columns.names,
            dataset=draft,
        )
        return Reading(draft.model_copy(update={"contract": kept}), others)

    def _about(self) -> Document:
        """Return what the dataset is as a whole, and who answers for it.

        What is given goes before what the contract says anew, that before what the dataset says at present:
        a word of the contract that was translated here, or changed since, is not asked about again.
        """
        present = self._present
        new, old = _sayings(self._contract, self._table), self._before()
        said: Document = present.model_dump(mode="json", include=set(_PLACES)) if present else {}
        said |= {name: value for name, value in new.items() if name not in said or value != old.get(name)}
        given = {name: value for name in _PLACES if (value := getattr(self._given, name, None))}
        said |= given
        said["name"] = name_of(self._contract, self._given, self._where)
        for name, value in (
            ("title", self._table["name"] or said["name"]),
            ("title_zh", self._table.get("businessName") or said.get("title")),
            ("description", said.get("title")),
        ):
            said[name] = said.get(name) or value or said["name"]
        for name, silent in _NEEDED.items():
            if not said.get(name):
                self._faults.append(Fault(_PLACES[name], f"{silent}; give {_option(name)}"))
        self._from |= {
            f"/{name}": _option(name) if name in given else place for name, place in _PLACES.items()
        }
        return {name: value for name, value in said.items() if value is not None}

    def _left_out(self) -> frozenset[str]:
        """Return the properties that become no fields: those said, and those that became none before."""
        kept = self._present.contract if self._present else None
        table = table_in(kept.document, kept.table) if kept else None
        if kept is None or table is None:
            return self._given.left_out
        here = {each["name"] for each in self._table.get("properties", ())} - set(self._given.elements)
        before = {each["name"] for each in table.get("properties", ())} - set(kept.columns.values())
        return self._given.left_out | (before & here)

    def _before(self) -> Document:
        """Return what the contract said that the dataset came with."""
        kept = self._present.contract if self._present else None
        table = table_in(kept.document, kept.table) if kept else None
        return _sayings(kept.document, table) if kept and table else {}

    def _level(self, said: Any, fields: list[Document]) -> Any:
        """Return the security level; if nobody says it, the highest of the fields' data elements."""
        if said:
            return said
        elements = [each["element"] for each in fields if "element" in each]
        return highest(self._library.element(each).security_level for each in elements) if elements else None

    def _rules(self, checks: list[odcs_rules.Check], said: Document) -> tuple[list[Any], tuple[str, ...]]:
        """Return the rules, and the places of the checks that are none, or that can't run here."""
        fields = {f["name"]: FieldDraft.model_construct(**{"time_zone": None, **f}) for f in said["fields"]}
        for check in checks:
            if check.fault:
                self._faults.append(Fault(self._place + check.pointer, check.fault))
        runs = [
            check
            for check in odcs_rules.in_order(self._table, checks)
            if check.rule and (check.is_ours or self._can_run(check.rule, fields))
        ]
        self._from |= {f"/rules/{i}": self._place + check.pointer for i, check in enumerate(runs)}
        running = {id(check) for check in runs}
        others = tuple(self._place + c.pointer for c in checks if id(c) not in running)
        if not runs and self._present:
            return [rule for rule in self._present.rules if fields.keys() >= set(rule.mentions())], others
        return [check.rule for check in runs], others

    def _can_run(self, rule: Rule, fields: Mapping[str, FieldDraft]) -> bool:
        spoken_of = [fields[name] for name in rule.mentions()]
        return not list(field_and_rule_faults(spoken_of, [rule], self._library))

    def _fitting(self, said: Document) -> DatasetDraft:
        try:
            draft = parse_draft(said, where=self._where)
            require_standards(draft, self._library)
        except MalformedDataset as error:
            self._faults += [Fault(self._origin(each.pointer), each.detail) for each in error.faults]
        self._end()
        return draft

    def _origin(self, pointer: str) -> str:
        """Return the place in the contract that a place in the dataset's document came from."""
        known = re.match(r"/(fields|rules)/\d+|/\w+", pointer)
        return self._from.get(known.group() if known else "", self._place)

    def _end(self) -> None:
        """Raise IncompleteDataContract if anything was found wrong."""
        if self._faults:
            hint = "say what is missing beside it, or mend the places listed"
            raise _incomplete(self._where, self._faults, hint)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _sayings(contract: Document, table: Document) -> Document:
    """Return what a contract says of a dataset as a whole, as the dataset's document has it."""
    owner, steward = member(contract, "owner"), member(contract, "steward")
    said = {
        "title": contract.get("name") or table.get("businessName"),
        "description": contract.get("description", {}).get("purpose") or table.get("description"),
        "owner": owner and owner["username"],
        "steward": steward and steward["username"],
        "organisation": contract.get("tenant"),
        "update_frequency": frequency(contract),
        **{name: custom(contract, camel(name)) for name in DATASET_CUSTOM},
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def _incomplete(where: str, faults: list[Fault], hint: str) -> IncompleteDataContract:
    return IncompleteDataContract(f"{where} does not say what a dataset needs", hint=hint, faults=faults)
