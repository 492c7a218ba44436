"""What concepts said before: every import and removal is a revision of the glossary, counted from 1.

A file that was written on a revision is stale for a concept that has changed since: replacing it would undo
what nobody of those who wrote the file has seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.changes.differences import clashes, differences
from catalog.tables import ConceptRevisionRow
from standards.errors import Conflict, Fault, NotFound
from standards.skos import Concept

_ROW = ConceptRevisionRow


class StaleGlossary(Conflict):
    """Concepts changed after the revision that a file was written on; the faults show what changed."""

    code = "stale-glossary"


class GlossaryRevisionNotFound(NotFound):
    """The glossary has no such revision."""

    code = "glossary-revision-not-found"


class ConceptRevision(BaseModel):
    """What a concept said from one revision of the glossary to its next; None once it was taken out."""

    model_config = ConfigDict(frozen=True)

    number: int
    concept: Concept | None
    changed_by: str | None
    changed_at: datetime


def newest(session: Session) -> int:
    """Return the number of the newest revision, 0 before the first."""
    return session.scalar(sa.select(sa.func.max(_ROW.number))) or 0


def keep(session: Session, said: Mapping[str, Concept | None], by: str | None, at: datetime) -> int:
    """Write the next revision, of the concepts that change by it, and return its number.

    The caller has the glossary's turn.
    """
    number = newest(session) + 1
    session.add_all(
        _ROW(
            concept=id_, number=number, document=concept and concept.document(), changed_by=by, changed_at=at
        )
        for id_, concept in said.items()
    )
    session.flush()
    return number


def history(session: Session, concept_id: str) -> tuple[ConceptRevision, ...]:
    """Return what a concept said, oldest first; nothing of one that never was."""
    rows = session.scalars(sa.select(_ROW).where(_ROW.concept == concept_id).order_by(_ROW.number))
    return tuple(
        ConceptRevision(
            number=row.number,
            concept=None if row.document is None else Concept.model_validate(row.document),
            changed_by=row.changed_by,
            changed_at=row.changed_at,
        )
        for row in rows
    )


def require_fresh(session: Session, wanted: Collection[Concept], base: int) -> None:
    """Raise StaleGlossary if one of these changed after a revision. Raises GlossaryRevisionNotFound."""
    present = newest(session)
    if not 0 <= base <= present:
        raise GlossaryRevisionNotFound(
            f"the glossary has no revision {base}, it has 1 to {present}",
            hint="export it again: shuize glossary export",
        )
    faults: list[Fault] = []
    for concept in wanted:
        faults += _faults(history(session, concept.id), concept, base)
    if faults:
        raise StaleGlossary(
            f"the file was written on revision {base} of the glossary, which is now at revision {present}, "
            "and what it would replace has changed",
            hint="look at the differences listed (shuize glossary history CONCEPT), export the glossary "
            "again, and write yours into that",
            faults=faults,
        )


def _faults(known: Iterable[ConceptRevision], wanted: Concept, base: int) -> list[Fault]:
    before: Concept | None = None
    after: Concept | None = None
    for each in known:
        before, after = (each.concept if each.number <= base else before), each.concept
    if before == after:
        return []
    was, is_, wants = (_document(each) for each in (before, after, wanted))
    found = clashes(differences(was, is_), differences(was, wants))
    return [Fault(f"/{wanted.id}{fault.pointer}", fault.detail) for fault in found]


def _document(concept: Concept | None) -> dict[str, object]:
    return {} if concept is None else dict(concept.document())
