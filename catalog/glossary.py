"""The glossary: what words mean here, in Chinese and English, and which data they stand for.

Its concepts lie in `concepts`, what they said before in `glossary_revisions`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

import standards
from catalog import glossary_revisions, trail
from catalog.changes.differences import Difference, differences
from catalog.database import Clock, Database, take_turns
from catalog.glossary_revisions import ConceptRevision
from catalog.parties import SYSTEM, require_member
from catalog.search import entries, index
from catalog.tables import ConceptRow, DatasetRow
from catalog.trail import Act, Detail
from standards import digests, plain_yaml, skos
from standards.errors import Conflict, Fault, InvalidInput, NotFound
from standards.library import Library
from standards.skos import Concept, label_key

_BUNDLED = Path(standards.__file__).parent / "bundled" / "glossary" / "water-utility.yaml"


class ConceptNotFound(NotFound):
    """The glossary has no such concept."""

    code = "concept-not-found"


class ConceptInUse(Conflict):
    """Other concepts refer to the concept."""

    code = "concept-in-use"


class UnknownLink(InvalidInput):
    """A concept links to something that is not there; the faults name the links."""

    code = "unknown-link"


class ConceptView(BaseModel):
    """A concept with what is below it."""

    model_config = ConfigDict(frozen=True)

    concept: Concept
    narrower: tuple[str, ...]


class Imported(BaseModel):
    """What an import did, in numbers of concepts."""

    model_config = ConfigDict(frozen=True)

    added: int
    changed: int
    unchanged: int
    revision: int | None = None
    """The revision of the glossary that it made; None if nothing changed."""
    differences: dict[str, tuple[Difference, ...]] = {}
    """Of every concept replaced, place by place, what it said and what it says now."""
    dry_run: bool = False
    """Whether nothing was written."""


class Glossary:
    """The register of concepts. `products` gives the names of all products, for links to be checked."""

    def __init__(
        self,
        database: Database,
        library: Library,
        clock: Clock,
        products: Callable[[], Collection[str]] | None = None,
    ) -> None:
        self._database = database
        self._library = library
        self._clock = clock
        self._products = products

    def list(self) -> tuple[Concept, ...]:
        """Return every concept, by id."""
        with self._database.read() as session:
            return tuple(_all(session).values())

    def get(self, concept_id: str) -> ConceptView:
        """Return one concept, by its id or one of its labels. Raises ConceptNotFound."""
        with self._database.read() as session:
            known = _all(session)
        concept = known.get(concept_id) or _labelled(known.values(), concept_id)
        if concept is None:
            raise _no_concept(concept_id)
        narrower = tuple(other.id for other in known.values() if concept.id in other.broader)
        return ConceptView(concept=concept, narrower=narrower)

    def revision(self) -> int:
        """Return the number of the newest revision: what a file that is written now is written on."""
        with self._database.read() as session:
            return glossary_revisions.newest(session)

    def history(self, concept_id: str) -> tuple[ConceptRevision, ...]:
        """Return what a concept said, oldest first, also one taken out since. Raises ConceptNotFound."""
        with self._database.read() as session:
            if found := glossary_revisions.history(session, concept_id):
                return found
        raise _no_concept(concept_id)

    def put(self, concepts: Iterable[Concept], *, by: str, base: int | None = None) -> Imported:
        """Add concepts, or replace those of the same id; all of them or none. Returns what differed.

        `base` is the revision they were written on, by default the present one. Raises StaleGlossary if one
        has changed since; ContradictoryGlossary (cycles, labels of two concepts, unknown neighbours),
        UnknownLink, GlossaryRevisionNotFound, UnknownParty.
        """
        with self._database.write() as session:
            require_member(session, by, self._clock())
            return self._put(session, tuple(concepts), by, base)

    def compare(self, concepts: Iterable[Concept], *, base: int | None = None) -> Imported:
        """Return what `put` would do, and do nothing. Raises as `put`, but for the party."""
        with self._database.read() as session:
            _, done = self._looked_at(session, _all(session), tuple(concepts), base)
            return done.model_copy(update={"dry_run": True})

    def begin(self) -> Imported:
        """Fill an empty glossary with the concepts of a water utility that come with the program."""
        with self._database.write() as session:
            if session.scalar(sa.select(sa.func.count()).select_from(ConceptRow)):
                return Imported(added=0, changed=0, unchanged=0)
            return self._put(session, bundled(), SYSTEM)

    def remove(self, concept_id: str, *, by: str) -> None:
        """Take a concept out. Raises ConceptNotFound, ConceptInUse, UnknownParty."""
        with self._database.write() as session:
            require_member(session, by, self._clock())
            take_turns(session, "glossary")
            known = _all(session)
            if concept_id not in known:
                raise _no_concept(concept_id)
            users = [o.id for o in known.values() if concept_id in (*o.broader, *o.related)]
            if users:
                raise ConceptInUse(
                    f"{', '.join(users)} refer to {concept_id}",
                    hint="change those first: shuize glossary import",
                )
            session.execute(sa.delete(ConceptRow).where(ConceptRow.id == concept_id))
            now = self._clock()
            number = glossary_revisions.keep(session, {concept_id: None}, by, now)
            act = Act("concept-removed", "concept", concept_id, by, {"revision": number})
            trail.record(session, now, act)
            index.remove(session, entries.Kind.CONCEPT, [concept_id])

    def _put(
        self, session: Session, concepts: tuple[Concept, ...], by: str, base: int | None = None
    ) -> Imported:
        take_turns(session, "glossary")
        before, now = _all(session), self._clock()
        fresh, done = self._looked_at(session, before, concepts, base)
        if not fresh:
            return done
        # Labels may change places: rows give theirs up before others take them.
        session.execute(sa.delete(ConceptRow).where(ConceptRow.id.in_([concept.id for concept in fresh])))
        session.add_all(
            ConceptRow(
                id=concept.id,
                label_zh=label_key(concept.pref_zh),
                label_en=label_key(concept.pref_en),
                document=concept.document(),
                changed_by=None if by == SYSTEM else by,
                changed_at=now,
            )
            for concept in fresh
        )
        session.flush()
        said = {concept.id: concept for concept in fresh}
        number = glossary_revisions.keep(session, said, None if by == SYSTEM else by, now)
        acts = (_act(concept, before.get(concept.id), by, number) for concept in fresh)
        trail.record_all(session, now, acts)
        index.write(session, map(entries.of_concept, fresh))
        return done.model_copy(update={"revision": number})

    def _looked_at(
        self, session: Session, before: Mapping[str, Concept], concepts: tuple[Concept, ...], base: int | None
    ) -> tuple[tuple[Concept, ...], Imported]:
        """Return which concepts are new or say something else, and what writing them comes to."""
        given = {concept.id: concept for concept in concepts}
        if len(given) < len(concepts):
            skos.require_sound(concepts)
        skos.require_sound((dict(before) | given).values())
        self._require_links(session, given.values())
        fresh = tuple(concept for concept in given.values() if before.get(concept.id) != concept)
        if base is not None:
            glossary_revisions.require_fresh(session, fresh, base)
        changed = {
            concept.id: tuple(differences(before[concept.id].document(), concept.document()))
            for concept in fresh
            if concept.id in before
        }
        return fresh, Imported(
            added=len(fresh) - len(changed),
            changed=len(changed),
            unchanged=len(given) - len(fresh),
            differences=changed,
        )

    def _require_links(self, session: Session, concepts: Iterable[Concept]) -> None:
        elements = {element.id for element in self._library.elements()}
        listed = list(concepts)
        named = {
            name
            for concept in listed
            for name in (*concept.datasets, *(_split(f)[0] for f in concept.fields))
        }
        fields = _fields(session, named)
        products = None if self._products is None else self._products()
        faults: list[Fault] = []
        for concept in listed:
            at = f"/{concept.id}"
            faults += [_fault(at, "elements", each) for each in concept.elements if each not in elements]
            faults += [_fault(at, "datasets", each) for each in concept.datasets if each not in fields]
            for each in concept.fields:
                dataset, field = _split(each)
                if field not in fields.get(dataset, ()):
                    faults.append(_fault(at, "fields", each))
            if products is not None:
                faults += [_fault(at, "products", each) for each in concept.products if each not in products]
        if faults:
            raise UnknownLink(
                "concepts link to what is not there: " + "; ".join(fault.detail for fault in faults[:3]),
                hint="mend the links listed, or register what they name first",
                faults=faults,
            )


def bundled() -> tuple[Concept, ...]:
    """Return the concepts of a water utility that come with the program."""
    said = plain_yaml.read(_BUNDLED.read_text("utf-8"), where=_BUNDLED.name)
    return skos.parse(said, where=_BUNDLED.name)


def _no_concept(concept_id: str) -> ConceptNotFound:
    return ConceptNotFound(
        f"the glossary has no concept {concept_id!r}", hint=f"try: shuize search {concept_id!r}"
    )


def _all(session: Session) -> dict[str, Concept]:
    rows = session.scalars(sa.select(ConceptRow).order_by(ConceptRow.id))
    return {row.id: Concept.model_validate(row.document) for row in rows}


def _labelled(concepts: Iterable[Concept], label: str) -> Concept | None:
    wanted = label_key(label)
    named = [
        (concept, preferred)
        for concept in concepts
        for preferred, labels in (
            (True, (concept.pref_zh, concept.pref_en)),
            (False, concept.alt_zh + concept.alt_en),
        )
        if wanted in map(label_key, labels)
    ]
    return next((c for c, preferred in sorted(named, key=lambda found: not found[1])), None)


def _fields(session: Session, datasets: Collection[str]) -> Mapping[str, set[str]]:
    rows = session.scalars(sa.select(DatasetRow).where(DatasetRow.name.in_(datasets)))
    return {row.name: {field["name"] for field in row.document["fields"]} for row in rows}


def _act(concept: Concept, before: Concept | None, by: str | None, revision: int) -> Act:
    detail: Detail = {
        "sha256": digests.of_document(concept.document()),
        "replaced": digests.of_document(before.document()) if before else None,
        "revision": revision,
    }
    return Act("concept-written", "concept", concept.id, by, detail)


def _split(field: str) -> tuple[str, str]:
    dataset, _, name = field.partition(".")
    return dataset, name


def _fault(at: str, name: str, link: str) -> Fault:
    return Fault(f"{at}/{name}", f"{link} of concept {at[1:]} is not there")
