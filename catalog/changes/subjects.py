"""What change requests are about: how a dataset's and a product's document is judged and put in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.changes.models import GovernedKind
from catalog.datasets.fitting import require_all_standards, require_standards
from catalog.datasets.models import DatasetDraft, DatasetState, parse_draft
from catalog.datasets.series import join_series, require_series
from catalog.parties import require_actor
from catalog.product_register import ProductDraft, parse_product
from catalog.search import entries
from catalog.search import index as search_index
from catalog.table_types import arrow_type
from catalog.tables import DatasetRow, DatasetVersionRow, ProductRow
from standards.errors import Conflict, Fault
from standards.library import Library
from standards.names import require_name

Document = dict[str, Any]
_AT_A_TIME = 5_000


class IncompatibleFields(Conflict):
    """A field would change its type while versions of it are there."""

    code = "incompatible-fields"


@dataclass(frozen=True)
class Present:
    """A document in force: in which revision, and whether the thing is in use."""

    document: Document
    revision: int
    state: str


@dataclass(frozen=True)
class InForce:
    """A document that comes into force: as which revision, asked for by whom, when."""

    document: Document
    revision: int
    state: str
    requested_by: str
    at: datetime
    draft: DatasetDraft | None = None


class DatasetSubject:
    """Datasets as things under change requests."""

    kind = GovernedKind.DATASET

    def __init__(self, library: Library) -> None:
        self._library = library

    def parsed(self, document: object, where: str) -> Document:
        """Return the whole document, in JSON values. Raises MalformedDataset, MalformedName."""
        draft = document if isinstance(document, DatasetDraft) else parse_draft(document, where=where)
        require_name(draft.name, what="dataset name")
        require_standards(draft, self._library)
        return draft.model_dump(mode="json")

    def all_parsed(self, drafts: Sequence[DatasetDraft]) -> list[Document]:
        """Return the whole documents. Raises MalformedDataset with every fault of all, MalformedName."""
        require_all_standards(drafts, self._library)
        return [draft.model_dump(mode="json") for draft in drafts]

    def present(self, session: Session, name: str) -> Present | None:
        """Return what is in force, or None."""
        row = session.get(DatasetRow, name, populate_existing=True)
        return None if row is None else Present(row.document, row.revision, row.state)

    def require_fit(self, session: Session, document: Document, at: datetime) -> None:
        """Raise UnknownParty, PersonLeft, MalformedDataset, IncompatibleFields for what does not fit."""
        require_parties(session, document, at)
        draft = DatasetDraft.model_validate(document)
        require_series(session, [("", draft)])
        self._require_same_types(session, draft)

    def put_in_force(self, session: Session, name: str, coming: InForce) -> None:
        """Write the document; the search finds it from now on."""
        self.put_all_in_force(session, [(name, coming)])

    def put_all_in_force(self, session: Session, coming: Iterable[tuple[str, InForce]]) -> None:
        """Write many documents at once."""
        fresh, drafts, dated, changed = [], [], [], []
        for name, each in coming:
            drafts.append(draft := each.draft or DatasetDraft.model_validate(each.document))
            values = _columns(each)
            if (row := session.get(DatasetRow, name) if each.revision > 1 else None) is not None:
                for column, value in values.items():
                    setattr(row, column, value)
                changed.append(name)
            else:
                registered = {"registered_by": each.requested_by, "registered_at": each.at}
                fresh.append({"name": name, **values, **registered})
            dated.append((draft, row.registered_at if row else each.at))
        if fresh:
            session.execute(sa.insert(DatasetRow), fresh)
        session.flush()
        join_series(session, dated, changed=changed)
        search_index.write(session, (entries.of_dataset(draft, self._library) for draft in drafts))

    def _require_same_types(self, session: Session, draft: DatasetDraft) -> None:
        """Versions of a field have one type for ever: what reads them all must not meet two."""
        wanted = {f.name: str(arrow_type(self._library.element(f.element))) for f in draft.fields}
        query = sa.select(DatasetVersionRow.number, DatasetVersionRow.profile)
        faults = {}
        for number, profile in session.execute(query.where(DatasetVersionRow.dataset == draft.name)):
            for field in profile:
                name, type_ = field["name"], field["type"]
                if wanted.get(name, type_) != type_:
                    faults[name] = Fault(
                        f"/fields/{name}", f"{wanted[name]}, but version {number} has {type_}"
                    )
        if faults:
            raise IncompatibleFields(
                f"dataset {draft.name} has versions in which these fields are of another type: "
                + ", ".join(faults),
                hint="add a field of another name, or register a new dataset and retire this one",
                faults=list(faults.values()),
            )


class ProductSubject:
    """Products as things under change requests. `require_recipe` raises for a name that nothing makes."""

    kind = GovernedKind.PRODUCT

    def __init__(self, require_recipe: Callable[[str], object]) -> None:
        self._require_recipe = require_recipe

    def parsed(self, document: object, where: str) -> Document:
        """Return the whole document, in JSON values. Raises MalformedProduct, and for an unknown recipe."""
        draft = document if isinstance(document, ProductDraft) else parse_product(document, where=where)
        self._require_recipe(draft.name)
        return draft.model_dump(mode="json")

    def present(self, session: Session, name: str) -> Present | None:
        """Return what is in force, or None."""
        row = session.get(ProductRow, name, populate_existing=True)
        return None if row is None else Present(row.document, row.revision, row.state)

    def require_fit(self, session: Session, document: Document, at: datetime) -> None:
        """Raise UnknownParty or PersonLeft for what can't come into force."""
        require_parties(session, document, at)

    def put_in_force(self, session: Session, name: str, coming: InForce) -> None:
        """Write the document."""
        session.merge(ProductRow(name=name, **_columns(coming)))
        session.flush()


Subject = DatasetSubject | ProductSubject
IN_USE, RETIRED = DatasetState.REGISTERED.value, DatasetState.RETIRED.value
"""The states of a dataset; a product's are the same."""


def require_parties(session: Session, document: Document, at: datetime) -> None:
    """Raise UnknownParty or PersonLeft unless those who are to answer for it are there."""
    for role in ("owner", "steward", "organisation"):
        require_actor(session, document[role], at)


def taken(session: Session, names: Sequence[str]) -> set[str]:
    """Return which of the names datasets have."""
    found: set[str] = set()
    for start in range(0, len(names), _AT_A_TIME):
        some = names[start : start + _AT_A_TIME]
        found |= set(session.scalars(sa.select(DatasetRow.name).where(DatasetRow.name.in_(some))))
    return found


def _columns(coming: InForce) -> dict[str, Any]:
    document = coming.document
    responsible = {role: document[role] for role in ("owner", "steward", "organisation")}
    return {"document": document, "revision": coming.revision, "state": coming.state, **responsible}
