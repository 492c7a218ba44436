"""Does a dataset's document fit the standards it refers to?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalog.datasets.models import DatasetDraft, ImportedContract, MalformedDataset, twice
from catalog.quality.rule_faults import field_and_rule_faults
from standards import odcs
from standards.errors import Fault, NotFound
from standards.library import Library
from standards.names import require_name


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
    if draft.contract is not None:
        faults += _contract_faults(draft.contract)
    if faults:
        raise MalformedDataset(
            f"dataset {draft.name} does not fit the standards",
            hint="`shuize standard list` shows every data element",
            faults=faults,
        )


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
