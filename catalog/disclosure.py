"""What a stranger, a partner and a person of the utility see of a dataset: one rule for every way out.

    of a field                                       stranger   partner   member
    ordinary: its name, element, column, rules       yes        yes       yes
              missing and different values           yes        yes       yes
    sensitive: its name, element, column, rules      no         yes       yes
              missing and different values           no         no        yes
    least and greatest value                         harmless   harmless  yes

That a dataset holds identity numbers is itself worth knowing to who wants them, so strangers see nothing of a
sensitive field but that there are some, by their number. It is one whose data element is of a level above
general-2, or in any version calls its values direct or sensitive, or in which something of such a level was
sensed. Harmless is what identifies nobody and is of general-1, in a dataset of general-1. Rows leave by none
of these ways.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.datasets.citing import as_cited
from catalog.datasets.models import Dataset, DatasetDraft, FieldDraft, FieldProfile
from catalog.sensing.declared import GUARDED
from catalog.sensing.models import Sensed
from catalog.sensing.register import newest_sensed
from catalog.tables import DatasetRow
from standards import protection
from standards.data_elements import IdentifierKind
from standards.documents import StandardRef
from standards.errors import NotFound
from standards.library import Library
from standards.security import SecurityLevel

ORDINARY = SecurityLevel.GENERAL_2
"""The highest level of a field that everybody may know of."""


class Reader(StrEnum):
    """Who reads."""

    STRANGER = "stranger"
    PARTNER = "partner"
    MEMBER = "member"


@dataclass(frozen=True)
class View:
    """What one reader sees of one dataset, by a document of it."""

    reader: Reader
    named: frozenset[str]
    counted: frozenset[str]
    harmless: frozenset[str]
    standards: frozenset[str]

    def document(self, draft: DatasetDraft) -> DatasetDraft:
        """Return the document without what is not seen; an imported contract is for members alone."""
        if self.reader is Reader.MEMBER:
            return draft
        return draft.model_copy(
            update={
                "fields": tuple(field for field in draft.fields if field.name in self.named),
                "key": tuple(name for name in draft.key if name in self.named),
                "rules": tuple(rule for rule in draft.rules if self.named.issuperset(rule.mentions())),
                "contract": None,
            }
        )

    def unnamed(self, draft: DatasetDraft) -> int:
        """Return how many fields are not seen at all."""
        return sum(field.name not in self.named for field in draft.fields)

    def profile(self, profile: Iterable[FieldProfile]) -> list[FieldProfile]:
        """Return the figures of the fields that are counted, with extremes of the harmless alone.

        A field that is no longer in the document has none but for members.
        """
        if self.reader is Reader.MEMBER:
            return list(profile)
        hidden = {"minimum": None, "maximum": None}
        counted = [each for each in profile if each.name in self.counted]
        return [each if each.name in self.harmless else each.model_copy(update=hidden) for each in counted]

    def cited(self, references: Iterable[StandardRef]) -> tuple[StandardRef, ...]:
        """Return the standards of the fields that are seen."""
        if self.reader is Reader.MEMBER:
            return tuple(references)
        return tuple(each for each in references if each.id in self.standards)


class Disclosure:
    """Views of datasets for readers."""

    def __init__(self, database: Database, library: Library) -> None:
        self._database = database
        self._library = library

    def views(self, datasets: Collection[Dataset], reader: Reader) -> Mapping[str, View]:
        """Return what the reader sees of each dataset, by its name."""
        with self._database.read() as session:
            return views(session, [each.document for each in datasets], reader, self._library)

    def of_revision(self, draft: DatasetDraft, cited: Collection[StandardRef] | None, reader: Reader) -> View:
        """Return what the reader sees of a revision's document, as it stood or as its dataset now stands."""
        library = self._library.citing(cited) if cited else self._library
        with self._database.read() as session:
            sensed = newest_sensed(session, [draft.name]).get(draft.name, ())
        return view(draft, reader, sensed, library)

    def hidden(self, names: Collection[str]) -> frozenset[str]:
        """Return the fields of datasets that strangers do not see, as `dataset.field`."""
        with self._database.read() as session:
            documents = session.scalars(sa.select(DatasetRow.document).where(DatasetRow.name.in_(names)))
            found = list(map(DatasetDraft.model_validate, documents))
            seen = views(session, found, Reader.STRANGER, self._library)
        return frozenset(
            f"{draft.name}.{field.name}"
            for draft in found
            for field in draft.fields
            if field.name not in seen[draft.name].named
        )


def views(
    session: Session, drafts: Collection[DatasetDraft], reader: Reader, library: Library
) -> Mapping[str, View]:
    """Return what the reader sees of datasets by their documents in force, in the caller's transaction."""
    names = [draft.name for draft in drafts]
    sensed, cited = newest_sensed(session, names), as_cited(session, names, library.now())
    return {
        draft.name: view(draft, reader, sensed.get(draft.name, ()), cited.get(draft.name, library))
        for draft in drafts
    }


def view(draft: DatasetDraft, reader: Reader, sensed: Iterable[Sensed], library: Library) -> View:
    """Return what the reader sees by a document, by what was sensed and by what the elements say."""
    fields = frozenset(field.name for field in draft.fields)
    found = {each.field for each in sensed if each.kind.level > ORDINARY}
    sensitive = {
        each.name for each in draft.fields if each.name in found or is_sensitive(each.element, library)
    }
    counted = fields if reader is Reader.MEMBER else fields - sensitive
    named = counted if reader is Reader.STRANGER else fields
    harmless = {
        each.name
        for each in draft.fields
        if each.name in counted
        and draft.security_level is SecurityLevel.GENERAL_1
        and _is_harmless(each, library)
    }
    elements = {each.element for each in draft.fields if each.name in named}
    return View(reader, named, counted, frozenset(harmless), _with_code_lists(elements, library))


def is_sensitive(element: str, library: Library) -> bool:
    """Tell whether fields of a data element are sensitive; one that nobody knows is."""
    try:
        every = protection.versions(element, library)
        level = library.element(element).security_level
    except NotFound:
        return True
    return level > ORDINARY or any(each.identifier_kind in GUARDED for each in every)


def _is_harmless(field: FieldDraft, library: Library) -> bool:
    element = library.element(field.element)
    is_nobody_s = element.identifier_kind is IdentifierKind.NONE
    return is_nobody_s and element.security_level is SecurityLevel.GENERAL_1


def _with_code_lists(elements: Iterable[str], library: Library) -> frozenset[str]:
    found = set(elements)
    for each in tuple(found):
        try:
            code_list = library.element(each).code_list
        except NotFound:
            continue
        if code_list is not None:
            found.add(code_list)
    return frozenset(found)
