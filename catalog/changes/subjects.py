"""What change requests are about: how a dataset's and a product's document is judged and put in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.answering import Answering
from catalog.bulk import insert_all
from catalog.changes.differences import Difference
from catalog.changes.models import GovernedKind
from catalog.datasets.fitting import require_all_standards, require_standards
from catalog.datasets.models import DatasetDraft, DatasetState, parse_draft, require_printable
from catalog.datasets.series import join_series, require_series
from catalog.product_register import ProductDraft, parse_product
from catalog.search import entries
from catalog.search import index as search_index
from catalog.standards import StandardsDraft
from catalog.table_types import arrow_type
from catalog.tables import DatasetRow, DatasetVersionRow, ProductRow
from standards.errors import Conflict, Fault
from standards.library import Library
from standards.names import require_name

Document = dict[str, Any]
_AT_A_TIME = 5_000
_DATASETS = DatasetRow.metadata.tables[DatasetRow.__tablename__]
_IS_IT = _DATASETS.c.name == sa.bindparam("of")
_IN_FORCE = sa.select(
    _DATASETS.c.document, _DATASETS.c.revision, _DATASETS.c.state, _DATASETS.c.registered_at
).where(_IS_IT)
_REPLACE = sa.update(_DATASETS).where(_IS_IT)
_TAKEN = sa.select(_DATASETS.c.name).where(_DATASETS.c.name.in_(sa.bindparam("names", expanding=True)))


class IncompatibleFields(Conflict):
    """A field would change its type while versions of it are there."""

    code = "incompatible-fields"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document as it is wanted: parsed, in JSON values, and by which standards it was judged.

    `differences` are given where they are more than a comparison of documents.
    """

    draft: DatasetDraft | ProductDraft | StandardsDraft
    document: Document
    library: Library | None = None
    differences: tuple[Difference, ...] | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """A document in force: in which revision, whether the thing is in use, and since when it is there."""

    document: Document
    revision: int
    state: str
    registered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """A document that comes into force: as which revision, asked for by whom, when."""

    wanted: Wanted
    revision: int
    state: str
    requested_by: str
    at: datetime
    registered_at: datetime


class DatasetSubject:
    """Datasets as things under change requests."""

    kind = GovernedKind.DATASET

    def __init__(self, library: Library) -> None:
        self._library = library

    def now(self) -> DatasetSubject:
        """Return what judges by the standards as they are now.

        Who has a turn must not ask for more: it takes a second connection, and those who wait have the rest.
        """
        return DatasetSubject(self._library.now())

    def parsed(self, document: object, where: str) -> Wanted:
        """Return a document that fits the standards. Raises MalformedDataset, MalformedName."""
        draft = document if isinstance(document, DatasetDraft) else parse_draft(document, where=where)
        require_name(draft.name, what="dataset name")
        require_printable([draft], where)
        require_standards(draft, library := self._library.now())
        return Wanted(draft, draft.model_dump(mode="json"), library)

    def all_parsed(self, drafts: Sequence[DatasetDraft]) -> list[Wanted]:
        """Return documents that fit. Raises MalformedDataset with every fault of all, MalformedName."""
        require_printable(drafts, "the list")
        require_all_standards(drafts, library := self._library.now())
        return [Wanted(draft, draft.model_dump(mode="json"), library) for draft in drafts]

    def kept(self, document: Document) -> Wanted:
        """Return a document that was in force, whatever the standards say now."""
        return Wanted(DatasetDraft.model_validate(document), document, self._library.now())

    def present(self, session: Session, name: str) -> Present | None:
        """Return what is in force, or None."""
        row = session.connection().execute(_IN_FORCE, {"of": name}).first()
        return None if row is None else Present(*row)

    def require_fit(self, session: Session, wanted: Wanted, present: Present | None) -> None:
        """Raise MalformedDataset or IncompatibleFields for what can't come into force."""
        draft = _dataset(wanted)
        require_series(session, [("", draft)])
        if present is not None and present.revision:  # what is not there has no versions
            _require_same_types(session, draft, wanted.library or self._library)

    def put_in_force(self, session: Session, coming: Sequence[InForce]) -> None:
        """Write documents; the search finds them from now on."""
        fresh, dated, changed, found = [], [], [], []
        connection = session.connection()
        for each in coming:
            draft, values = _dataset(each.wanted), _columns(each)
            if each.revision > 1:
                connection.execute(_REPLACE, {"of": draft.name, **values})
                changed.append(draft.name)
            else:
                registered = {"registered_by": each.requested_by, "registered_at": each.at}
                fresh.append({"name": draft.name, **values, **registered})
            dated.append((draft, each.registered_at))
            library = each.wanted.library or self._library
            found.append(entries.of_dataset(draft, library, state=each.state))
        insert_all(session, _DATASETS, fresh)
        join_series(session, dated, changed=changed)
        search_index.write(session, found, are_new=not changed)


class ProductSubject:
    """Products as things under change requests. `require_recipe` raises for a name that nothing makes."""

    kind = GovernedKind.PRODUCT

    def __init__(self, require_recipe: Callable[[str], object]) -> None:
        self._require_recipe = require_recipe

    def now(self) -> ProductSubject:
        """Return itself: recipes are files."""
        return self

    def parsed(self, document: object, where: str) -> Wanted:
        """Return a document that fits. Raises MalformedProduct, and for an unknown recipe."""
        draft = document if isinstance(document, ProductDraft) else parse_product(document, where=where)
        self._require_recipe(draft.name)
        return Wanted(draft, draft.model_dump(mode="json"))

    def kept(self, document: Document) -> Wanted:
        """Return a document that was in force, whether or not there is still a recipe."""
        return Wanted(ProductDraft.model_validate(document), document)

    def present(self, session: Session, name: str) -> Present | None:
        """Return what is in force, or None."""
        row = session.get(ProductRow, name, populate_existing=True)
        return None if row is None else Present(row.document, row.revision, row.state)

    def require_fit(self, session: Session, wanted: Wanted, present: Present | None) -> None:
        """Raise nothing: what fits a recipe fits."""

    def put_in_force(self, session: Session, coming: Sequence[InForce]) -> None:
        """Write documents; the next search finds the products as they now are."""
        for each in coming:
            session.merge(ProductRow(name=each.wanted.draft.name, **_columns(each)))
        session.flush()
        search_index.forget_source(session, "products")


IN_USE, RETIRED = DatasetState.REGISTERED.value, DatasetState.RETIRED.value
"""The states of a dataset; a product's are the same."""


def responsible(document: Document) -> tuple[Answering, ...]:
    """Return the parties who are to answer for a thing; nobody is named for standards."""
    if "owner" not in document:
        return ()
    return (Answering(document["owner"], document["steward"], document["organisation"]),)


def taken(session: Session, names: Sequence[str]) -> set[str]:
    """Return which of the names datasets have."""
    found: set[str] = set()
    for start in range(0, len(names), _AT_A_TIME):
        some = names[start : start + _AT_A_TIME]
        found |= set(session.connection().execute(_TAKEN, {"names": some}).scalars())
    return found


def _require_same_types(session: Session, draft: DatasetDraft, library: Library) -> None:
    """Versions of a field have one type for ever: what reads them all must not meet two."""
    wanted = {f.name: str(arrow_type(library.element(f.element))) for f in draft.fields}
    query = sa.select(DatasetVersionRow.number, DatasetVersionRow.profile)
    faults = {}
    for number, profile in session.execute(query.where(DatasetVersionRow.dataset == draft.name)):
        for field in profile:
            name, type_ = field["name"], field["type"]
            if wanted.get(name, type_) != type_:
                faults[name] = Fault(f"/fields/{name}", f"{wanted[name]}, but version {number} has {type_}")
    if faults:
        raise IncompatibleFields(
            f"dataset {draft.name} has versions in which these fields are of another type: "
            + ", ".join(faults),
            hint="add a field of another name, or register a new dataset and retire this one",
            faults=list(faults.values()),
        )


def _dataset(wanted: Wanted) -> DatasetDraft:
    assert isinstance(wanted.draft, DatasetDraft)  # a subject is given what it parsed
    return wanted.draft


def _columns(coming: InForce) -> dict[str, Any]:
    document = coming.wanted.document
    answering = {role: document[role] for role in ("owner", "steward", "organisation")}
    return {"document": document, "revision": coming.revision, "state": coming.state, **answering}
