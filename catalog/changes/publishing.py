"""Standards of a utility's own as things under change requests: asked for together, published together.

What is asked for is one import: documents that may speak of each other, so they are approved or not as a
whole. A request keeps which versions of each standard were there when it was made. If one was published
meanwhile the request is stale: whoever wrote it, and whoever read it, had another text before them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from catalog import trail
from catalog.changes.differences import Difference, clashes
from catalog.changes.models import Change, ChangeNotFound, GovernedKind, NothingChanges, StaleBase
from catalog.changes.subjects import InForce, Present, Wanted
from catalog.search import index as search_index
from catalog.standards import (
    ProtectionLowered,
    Standards,
    StandardsDraft,
    imported,
    lowered,
    row_of,
    sorted_out,
    versions_of,
)
from catalog.trail import Act
from standards.differences import compare
from standards.documents import Document
from standards.library import Library


class StandardsSubject:
    """Imports of standards as things under change requests."""

    kind = GovernedKind.STANDARDS

    def __init__(self, standards: Standards) -> None:
        self._standards = standards

    def now(self) -> StandardsSubject:
        """Return itself: what is judged is judged in the transaction."""
        return self

    def wanted(self, documents: Sequence[Document], *, lowers: bool) -> Wanted:
        """Return what a request for these documents says. Those that are there word for word are left out.

        Raises NothingChanges, StandardPublished, StandardIdTaken; ProtectionLowered unless `lowers` says that
        it is meant.
        """
        present = self._standards.library()
        added, unchanged = sorted_out(documents, present)
        if not added:
            raise NothingChanges(
                f"all {len(unchanged)} standards are there already, word for word",
                hint="edit one, under a new version; see: shuize standard list",
            )
        less = lowered(added, present)
        if less and not lowers:
            raise ProtectionLowered(
                f"{less[0].pointer}: {less[0].detail}; it would hold for every dataset at once",
                hint="keep the protection, or take an id of your own; "
                "if it is meant, say so for the reviewer to read: --lowers-protection",
                faults=less,
            )
        draft = StandardsDraft(
            standards=tuple({"kind": each.kind.value, **each.document()} for each in added),
            there={each.id: tuple(v.version for v in versions_of(present, each.id)) for each in added},
            lowers=tuple(fault.pointer for fault in less),
        )
        return Wanted(draft, draft.model_dump(mode="json"), differences=_differences(added, present))

    def parsed(self, document: object, where: str) -> Wanted:
        """Return a document that a request keeps."""
        draft = StandardsDraft.model_validate(document)
        return Wanted(draft, draft.model_dump(mode="json"))

    def kept(self, document: dict[str, Any]) -> Wanted:
        """Return a document that was in force."""
        return self.parsed(document, "the request")

    def present(self, session: Session, name: str) -> Present | None:
        """Return None: what is asked for is new each time."""
        return None

    def require_fit(self, session: Session, wanted: Wanted, present: Present | None) -> None:
        """Raise for what can't be published as things stand in the transaction.

        That is StaleBase with every place, and as `wanted`, and MalformedStandard if one speaks of a standard
        that is nowhere, the import included.
        """
        draft = _draft(wanted)
        documents, there = draft.documents(), imported(session)
        library = self._standards.bundled.beside(lambda: there)
        _require_fresh(draft, documents, library)
        added, _ = sorted_out(documents, library)
        if less := [each for each in lowered(added, library) if each.pointer not in draft.lowers]:
            raise ProtectionLowered(
                f"{less[0].pointer}: {less[0].detail}; the request does not say so",
                hint="ask again: shuize standard import … --lowers-protection",
                faults=less,
            )
        after = (*there, *added)
        self._standards.bundled.beside(lambda: after).require_sound(added)

    def put_in_force(self, session: Session, coming: Sequence[InForce]) -> None:
        """Publish the standards, with an entry of the trail for each; they can be cited from now on."""
        for each in coming:
            draft = _draft(each.wanted)
            documents = draft.documents()
            session.add_all(row_of(document, each.requested_by, each.at) for document in documents)
            session.flush()
            trail.record_all(session, each.at, (_act(one, draft, each) for one in documents))
        search_index.forget_source(session, "standards")


def proposed(change: Change) -> tuple[Document, ...]:
    """Return the standards that a request would publish, or published. Raises ChangeNotFound."""
    if change.subject_kind is not GovernedKind.STANDARDS:
        raise ChangeNotFound(
            f"request {change.id} is about {change.subject_kind} {change.subject}, not about standards",
            hint=f"see: shuize change show {change.id}",
        )
    return StandardsDraft.model_validate(change.document).documents()


def _act(document: Document, draft: StandardsDraft, coming: InForce) -> Act:
    """Return the entry that a standard was imported, by who asked for it."""
    detail: dict[str, str | bool] = {"sha256": document.digest(), "import": draft.name}
    if any(place.startswith(f"{document.citation}/") for place in draft.lowers):
        detail["lowers_protection"] = True
    named = f"{document.id} {document.version}"
    return Act("standard-imported", "standard", named, coming.requested_by, detail)


def _require_fresh(draft: StandardsDraft, documents: Sequence[Document], library: Library) -> None:
    """Raise StaleBase if a version of one of the standards was published since the request was made."""
    theirs: list[Difference] = []
    fresh: list[Document] = []
    base = _base(draft, library)
    for standard_id, known in draft.there.items():
        for each in versions_of(library, standard_id):
            if each.version not in known:
                fresh.append(each)
                theirs += _one(each, base.get(standard_id))
    if fresh:
        mine = [found for each in documents for found in _one(each, base.get(each.id))]
        raise StaleBase(
            "published since the request was made: " + ", ".join(each.citation for each in fresh),
            hint="look at what it says (shuize standard show), then import again on top of it",
            faults=clashes(theirs, mine),
        )


def _base(draft: StandardsDraft, library: Library) -> dict[str, Document]:
    """Return the newest of the versions that the request was made on, by id."""
    return {
        standard_id: [each for each in versions_of(library, standard_id) if each.version in known][-1]
        for standard_id, known in draft.there.items()
        if known
    }


def _differences(added: Iterable[Document], present: Library) -> tuple[Difference, ...]:
    """Return what is new, place by place: against the newest version there is, of each standard."""
    before: dict[str, Document] = {}
    found: list[Difference] = []
    for document in added:
        base = before.get(document.id) or next(reversed(versions_of(present, document.id)), None)
        found += _one(document, base)
        before[document.id] = document
    return tuple(found)


def _one(document: Document, base: Document | None) -> Iterator[Difference]:
    place = f"/{document.id}"
    if base is None:
        zh, en = document.titles
        said = {"kind": document.kind.value, "version": document.version, "zh": zh, "en": en}
        yield Difference(pointer=place, before=None, after=said)
        return
    yield Difference(pointer=f"{place}/version", before=base.version, after=document.version)
    for change in compare(base, document).changes:
        yield Difference(pointer=f"{place}{change.place}", before=change.before, after=change.after)


def _draft(wanted: Wanted) -> StandardsDraft:
    assert isinstance(wanted.draft, StandardsDraft)  # a subject is given what it parsed
    return wanted.draft
