"""The use cases of data contracts: a dataset from one, and the one of a dataset."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.changes import Change, Changes, GovernedKind
from catalog.datasets.models import Dataset, DatasetNotFound, DatasetState
from catalog.datasets.register import Datasets
from catalog.disclosure import Disclosure, Reader
from catalog.exchange import odcs_reading, odcs_writing
from catalog.exchange.odcs_places import Document
from catalog.exchange.odcs_reading import Given, IncompleteDataContract
from catalog.parties import UnknownParty
from standards import odcs
from standards.library import Library

__all__ = ["DataContracts", "Given", "ImportAsked", "IncompleteDataContract"]


@dataclass(frozen=True)
class ImportAsked:
    """The request that an import made, and the contract's checks that are no rules here, by JSON pointer."""

    change: Change
    other_checks: tuple[str, ...]


class DataContracts:
    """Data contracts of datasets, by ODCS 3.2."""

    def __init__(
        self, datasets: Datasets, changes: Changes, library: Library, disclosure: Disclosure
    ) -> None:
        self._disclosure = disclosure
        self._datasets = datasets
        self._changes = changes
        self._library = library

    def ask(
        self,
        contract: Document,
        given: Given,
        *,
        by: str,
        reason: str | None = None,
        where: str = "the contract",
    ) -> ImportAsked:
        """Ask that a contract's dataset be registered, or changed if it is there already.

        The contract stays with the dataset, whole. Raises MalformedDataContract, IncompleteDataContract, and
        as `Changes.register` and `Changes.change`.
        """
        odcs.require_valid(contract, where=where)
        name = odcs_reading.name_of(contract, given, where)
        present = self._present(name)
        draft = present.document if present else None
        reading = odcs_reading.read(contract, given, self._library, draft, where)
        why = reason or f"imported from data contract {contract['id']}, version {contract['version']}"
        base = {} if present is None else {"base": present.revision}
        ask = self._changes.change if present else self._changes.register
        try:
            change = ask(GovernedKind.DATASET, reading.draft, by=by, reason=why, where=where, **base)
        except UnknownParty as error:
            meant = "or say who of yours is meant: --owner, --steward, --organisation"
            raise UnknownParty(error.message, hint=f"{error.hint}; {meant}") from error
        return ImportAsked(change, reading.other_checks)

    def of(self, name: str) -> Document:
        """Return a dataset's contract, with all that an imported one said. Raises DatasetNotFound."""
        return odcs_writing.write(self._datasets.get(name), self._datasets.as_cited(self._library, name))

    def seen(self, name: str, reader: Reader) -> Document:
        """Return a dataset's contract as far as a reader may see it. Raises DatasetNotFound.

        For all but members that is what is governed here: what else an imported one said may name servers,
        people and values. Of sensitive fields it says what `catalog/disclosure.py` lets the reader see.
        """
        if reader is Reader.MEMBER:
            return self.of(name)
        dataset = self._datasets.get(name)
        view = self._disclosure.views([dataset], reader)[name]
        own = dataset.model_copy(update={"document": view.document(dataset.document)})
        found = odcs_writing.write(own, self._datasets.as_cited(self._library, name))
        is_retired = dataset.state is DatasetState.RETIRED
        key = odcs_writing.contract_key(dataset.document, dataset.revision, is_retired=is_retired)
        found["id"], found["version"] = key
        return found

    def _present(self, name: str) -> Dataset | None:
        try:
            return self._datasets.get(name)
        except DatasetNotFound:
            return None
