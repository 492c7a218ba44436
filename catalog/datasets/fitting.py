"""Does a dataset's document fit the standards it refers to?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from catalog.datasets.models import DatasetDraft, ImportedContract, MalformedDataset, twice
from catalog.quality.rule_faults import field_and_rule_faults
from standards import odcs
from standards.errors import Fault, NotFound
from standards.library import Library
from standards.names import require_name
from standards.security import SecurityLevel, highest

_NAMED = 5


def require_all_standards(drafts: Sequence[DatasetDraft], library: Library) -> None:
    """Raise MalformedDataset, with every fault of every dataset, or MalformedName."""
    faults: list[Fault] = []
    for number, draft in enumerate(drafts):
        require_name(draft.name, what="dataset name")
        try:
            require_standards(draft, library)
        except MalformedDataset as error:
            faults += [Fault(f"/{number}{fault.pointer}", fault.detail) for fault in error.faults]
    for name in twice(draft.name for draft in drafts):
        faults.append(Fault("/", f"two datasets are called {name}"))
    if faults:
        raise MalformedDataset(
            f"of {len(drafts)} datasets some do not fit the standards, so none is registered",
            hint="mend the places listed, or leave those datasets out",
            faults=faults,
        )


def require_standards(draft: DatasetDraft, library: Library) -> None:
    """Raise MalformedDataset, with every fault, for what the standards do not know."""
    faults: list[Fault] = []
    for index, field in enumerate(draft.fields):
        try:
            library.element(field.element)
        except NotFound as error:
            faults.append(Fault(f"/fields/{index}/element", f"{error.message} ({error.hint})"))
    frequencies = library.code_list("update-frequency")
    if draft.update_frequency not in {code.code for code in frequencies.codes}:
        known = ", ".join(code.code for code in frequencies.codes)
        faults.append(Fault("/update_frequency", f"{draft.update_frequency!r} is none of: {known}"))
    faults += field_and_rule_faults(draft.fields, draft.rules, library)
    faults += _level_faults(draft, library)
    if draft.contract is not None:
        faults += _contract_faults(draft.contract)
    if faults:
        raise MalformedDataset(
            f"dataset {draft.name} does not fit the standards",
            hint="`shuize standard list` shows every data element",
            faults=faults,
        )


def _level_faults(draft: DatasetDraft, library: Library) -> Iterator[Fault]:
    """Yield one fault if fields want more than the dataset's level: a whole takes its parts' highest."""
    wanted = element_levels(draft, library)
    above = {name: level for name, level in wanted.items() if level > draft.security_level}
    if above:
        of = {field.name: field.element for field in draft.fields}
        named = [f"field {name} of element {of[name]} is {level}" for name, level in above.items()]
        more = [f"and {len(named) - _NAMED} more"] if len(named) > _NAMED else []
        yield Fault(
            "/security_level",
            f"{draft.security_level} is below what its fields are: {', '.join([*named[:_NAMED], *more])}; "
            f"set {highest(above.values())}, or leave those fields out",
        )


def element_levels(draft: DatasetDraft, library: Library) -> dict[str, SecurityLevel]:
    """Return the security level of each field's element; nothing of elements that are not known any more."""
    levels = {}
    for field in draft.fields:
        with suppress(NotFound):
            levels[field.name] = library.element(field.element).security_level
    return levels


def _contract_faults(contract: ImportedContract) -> Iterator[Fault]:
    """Yield what is wrong with the contract beside a dataset, which a person may have edited."""
    try:
        odcs.require_valid(contract.document, where="the contract")
    except odcs.MalformedDataContract as error:
        for fault in error.faults:
            yield Fault(f"/contract/document{fault.pointer}", fault.detail)
    else:
        if contract.table not in {table["name"] for table in contract.document.get("schema", ())}:
            yield Fault("/contract/table", f"the contract has no table {contract.table!r}")
