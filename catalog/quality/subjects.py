"""A version as rules see it: its data, what the catalog knows of it, and the datasets beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from sqlalchemy.orm import Session

from catalog.database import Clock, Database
from catalog.datasets.models import DatasetDraft, DatasetVersion
from catalog.datasets.register import Datasets
from catalog.engine import engine
from catalog.quality.bound import BoundRule
from catalog.quality.compiling.sheet import Beside
from catalog.quality.evaluating import Surroundings, judge_each, open_rows
from catalog.quality.judgement import Judgement
from catalog.quality.neighbours import Neighbour, neighbours
from catalog.quality.rulebook import LeftOut, Rulebook
from catalog.quality.wholes import Facts, judge_whole
from catalog.roles import Role, SubjectKind, holders
from catalog.sensing.register import sensed_fields
from catalog.store import FolderStore, ObjectDamaged, ObjectNotFound
from standards import protection
from standards.checks import CheckFamily
from standards.data_elements import IdentifierKind
from standards.digests import Digest
from standards.errors import ShuizeError
from standards.library import Library


@dataclass(frozen=True)
class Subject:
    """One version of a dataset. `path` is where its bytes lie, None if they can't be had.

    `revision` is that of the document it is read by; `secret` are the fields whose values nobody is shown.
    """

    version: DatasetVersion
    draft: DatasetDraft
    revision: int
    path: Path | None
    facts: Facts
    secret: frozenset[str]
    beside: dict[str, Neighbour]

    @property
    def lost(self) -> frozenset[str]:
        """The fields of the document that the data lacks; none if the data can't be had."""
        there = self.facts.schema
        return frozenset() if there is None else frozenset(f.name for f in self.draft.fields) - there.keys()


@dataclass(frozen=True)
class Subjects:
    """Makes subjects of versions, and runs rules over them."""

    database: Database
    datasets: Datasets
    store: FolderStore
    library: Library
    clock: Clock

    def of(self, version: DatasetVersion) -> Subject:
        """Return the version as rules see it: by the data elements that its dataset cites.

        Its bytes are hashed: what is found is said of a digest.
        """
        library = self.datasets.as_cited(self.library.now(), version.dataset)
        dataset = self.datasets.get(version.dataset)
        draft = self.datasets.document_for(version)
        newest = self.datasets.version(version.dataset)
        path, damage = self._had(version.digest)
        with self.database.read() as session:
            beside = neighbours(session, draft, library)
            people = self._people(session, version.dataset)
            sensed = sensed_fields(session, version.dataset, version.number)
        facts = Facts(
            draft=draft,
            newest=newest,
            schema=None if path is None else {each.name: each.type for each in pq.read_schema(path)},
            damage=damage,
            today=self.clock().date(),
            people=people,
            library=library,
            is_held=lambda digest: self._is_held(digest),
        )
        revision = dataset.revision if draft == dataset.document else version.revision
        secret = sensed | _direct(draft, library)
        return Subject(version, draft, revision, path, facts, secret, beside)

    @contextmanager
    def opened(self, subject: Subject, book: Rulebook) -> Iterator[Opened]:
        """Yield the subject's rows, and those of the datasets that the rules look at, ready to be asked."""
        paths, missing = {}, {}
        for name in book.beside:
            try:
                paths[name] = self.store.intact(subject.beside[name].digest)
            except KeyError:
                missing[name] = f"the dataset {name}, which it looks at, is not in use or has no version"
            except (ObjectNotFound, ObjectDamaged) as error:
                missing[name] = f"the data of {name}, which it looks at, can't be had: {error.message}"
        owned = book.owned.where(lambda column: not _led_by(column.dataset, book.beside) & missing.keys())
        around = Surroundings(subject.facts.library, subject.facts.today, book.beside, owned)
        with self.store.scratch() as scratch, engine(scratch) as connection:
            if subject.path is not None:
                open_rows(connection, subject.path, paths)
            yield Opened(connection, subject, around, missing)

    def _had(self, digest: Digest) -> tuple[Path | None, str | None]:
        try:
            return self.store.intact(digest), None
        except (ObjectNotFound, ObjectDamaged) as error:
            return None, f"{error.message}; {error.hint}"

    def _is_held(self, digest: str) -> bool:
        try:
            self.store.intact(Digest(digest))
        except ShuizeError:
            return False
        return True

    def _people(self, session: Session, dataset: str) -> dict[str, str | None]:
        found = {}
        for role in (Role.OWNER, Role.STEWARD):
            who = holders(session, role, SubjectKind.DATASET, dataset, self.clock().date())
            found[role.value] = who[0].party if who else None
        return found


@dataclass(frozen=True)
class Opened:
    """A subject whose rows can be asked."""

    connection: duckdb.DuckDBPyConnection
    subject: Subject
    around: Surroundings
    missing: Mapping[str, str]

    def judge(self, rules: Sequence[BoundRule]) -> tuple[list[Judgement], list[LeftOut]]:
        """Return what the rules found, in their order, and those that can't be run."""
        by_row, by_whole, left_out = list[BoundRule](), list[BoundRule](), list[LeftOut]()
        for rule in rules:
            if (reason := self._reason(rule)) is not None:
                left_out.append(LeftOut(rule.id, reason))
            else:
                (by_whole if rule.kind.family is CheckFamily.DATASET else by_row).append(rule)
        found, more = judge_each(self.connection, by_row, self.around) if by_row else ([], [])
        found += [judge_whole(rule, self.subject.facts, self._ask) for rule in by_whole]
        place = {rule.id: number for number, rule in enumerate(rules)}
        return sorted(found, key=lambda each: place[each.rule.id]), left_out + more

    def _reason(self, rule: BoundRule) -> str | None:
        """Return why a rule can't be run here, as far as that is known beforehand."""
        needs_rows = rule.kind.family is not CheckFamily.DATASET or bool(rule.columns)
        if needs_rows and self.subject.path is None:
            return self.subject.facts.damage
        there = self.subject.facts.schema or {}
        for column in rule.columns:
            if column.dataset is None and needs_rows and column.name not in there:
                return f"the data has lost the field {column.name} ({column.element.id})"
            for name in _led_by(column.dataset, self.around.beside):
                if name in self.missing:
                    return self.missing[name]
        return None

    def _ask(self, query: str) -> list[tuple[object, ...]]:
        return self.connection.execute(query).fetchall()


def _led_by(dataset: str | None, beside: Mapping[str, Beside]) -> set[str]:
    """Return a dataset and those over which it is reached."""
    found: set[str] = set()
    waiting = {dataset} - {None}
    while waiting:
        here = {name for name in waiting if name is not None}
        found |= here
        waiting = {ours.dataset for name in here for _, ours in beside[name].on} - found - {None}
    return found


def _direct(draft: DatasetDraft, library: Library) -> frozenset[str]:
    """Return the fields that name a person in any version of their element."""
    return frozenset(
        field.name
        for field in draft.fields
        for element in protection.versions(field.element, library)
        if element.identifier_kind is IdentifierKind.DIRECT
    )
