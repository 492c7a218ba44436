"""Which standards a dataset's document means: cited as (id, version, digest) when it comes into force.

A document names data elements by id alone, and what an id stands for moves on with the standards. The
citation says what those who approved it read, and is what the dataset means until another revision is
approved: whoever asks what a field is, asks the library that `as_cited` returns.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.datasets.models import DatasetDraft
from catalog.tables import DatasetRow, RevisionRow
from standards.documents import Document, StandardRef
from standards.errors import NotFound
from standards.library import Library

Citation = dict[str, str]
_MOST = 20_000
_cited: dict[int, tuple[Document, Citation]] = {}  # a digest takes longer than all the rest
_by_element: WeakKeyDictionary[Library, dict[str, tuple[Citation, ...]]] = WeakKeyDictionary()


def standards_of(draft: DatasetDraft, library: Library) -> list[Citation]:
    """Return the data elements of the fields and their code lists as {id, version, digest}, by id."""
    known = _by_element.setdefault(library, {})
    found: dict[str, Citation] = {}
    for field in draft.fields:
        if field.element not in known:
            known[field.element] = _of_element(field.element, library)
        found.update((each["id"], each) for each in known[field.element])
    return [found[id_] for id_ in sorted(found)]


def citations(session: Session, names: Collection[str]) -> Mapping[str, tuple[StandardRef, ...]]:
    """Return what the revision in force of each of these datasets cites.

    One older than citations cites nothing. Names that no dataset has are left out.
    """
    in_force = sa.and_(RevisionRow.subject == DatasetRow.name, RevisionRow.number == DatasetRow.revision)
    query = (
        sa.select(DatasetRow.name, RevisionRow.standards)
        .join(RevisionRow, sa.and_(in_force, RevisionRow.subject_kind == "dataset"), isouter=True)
        .where(DatasetRow.name.in_(names))
    )
    return {
        name: tuple(map(StandardRef.model_validate, cited or ())) for name, cited in session.execute(query)
    }


def as_cited(session: Session, names: Collection[str], library: Library) -> Mapping[str, Library]:
    """Return for each of these datasets the library in which what it cites is what is meant."""
    found = citations(session, names)
    return {name: library.citing(cited) if cited else library for name, cited in found.items()}


def _of_element(element_id: str, library: Library) -> tuple[Citation, ...]:
    """Return the element and its code list; nothing of what a retired dataset alone still names."""
    try:
        element = library.element(element_id)
        code_lists = () if element.code_list is None else (library.code_list(element.code_list),)
    except NotFound:
        return ()
    return tuple(map(_cite, (element, *code_lists)))


def _cite(document: Document) -> Citation:
    kept = _cited.get(id(document))
    if kept is None or kept[0] is not document:
        if len(_cited) >= _MOST:
            _cited.clear()
        said: dict[str, Any] = document.reference().model_dump(mode="json")
        kept = _cited[id(document)] = document, said
    return kept[1]
