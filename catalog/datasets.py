"""Datasets under governance: what they are, who answers for them, and their immutable versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from sqlalchemy.orm import Session

from catalog import trail
from catalog.database import Clock, Database, take_turns
from catalog.parties import require_member
from catalog.quality_rules import Rule
from catalog.rule_faults import field_and_rule_faults
from catalog.tables import DatasetRow, DatasetVersionRow, RevisionRow
from catalog.trail import Act
from standards.digests import Digest
from standards.errors import Conflict, Fault, InvalidInput, NotFound
from standards.library import Library
from standards.names import require_name
from standards.security import SecurityLevel

Text = Annotated[str, Field(min_length=1)]


class DatasetNotFound(NotFound):
    """No dataset has this name."""

    code = "dataset-not-found"


class DatasetExists(Conflict):
    """The name is taken."""

    code = "dataset-exists"


class VersionNotFound(NotFound):
    """The dataset has no such version."""

    code = "version-not-found"


class DatasetRetired(Conflict):
    """The dataset is no longer in use."""

    code = "dataset-retired"


class MalformedDataset(InvalidInput):
    """A dataset document that can't be registered; the faults name the places."""

    code = "malformed-dataset"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldDraft(_Frozen):
    """A field bound to a data element.

    `column` is its name in source files (default: the field's own); `time_zone` reads local times
    that carry no UTC offset; a required field may not be missing.
    """

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$", max_length=63)]
    element: Text
    column: Text | None = None
    time_zone: Text | None = None
    required: bool = False

    @property
    def source_column(self) -> str:
        """The column's name in a source file."""
        return self.column or self.name


class DatasetDraft(_Frozen):
    """What a steward writes to register a dataset."""

    name: str
    title: Text
    title_zh: Text
    description: Text
    owner: Text
    steward: Text
    organisation: Text
    security_level: SecurityLevel
    update_frequency: Text
    synthetic: bool = False
    source: str | None = None
    licence: str | None = None
    fields: tuple[FieldDraft, ...]
    key: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    @field_validator("fields", mode="before")
    @classmethod
    def _has_fields(cls, said: object) -> object:
        if said == [] or said == ():  # a minimum length would count malformed fields as missing ones
            raise ValueError("a dataset has at least one field")
        return said

    @model_validator(mode="after")
    def _fields_agree(self) -> DatasetDraft:
        names = [field.name for field in self.fields]
        rules = [rule.id for rule in self.rules]
        columns = [field.source_column.casefold() for field in self.fields]  # files are read so
        mentioned = {*self.key, *(name for rule in self.rules for name in rule.mentions())}
        unknown = sorted(mentioned - set(names))
        faults = (
            ("two fields have the same name", _twice(names)),
            ("two fields read the same column", _twice(columns)),
            ("the key names a field twice", _twice(self.key)),
            ("a rule stands twice", _twice(rules)),
            ("key or rules mention fields that are not there", unknown),
        )
        if any(which for _, which in faults):
            raise ValueError("; ".join(f"{what}: {', '.join(which)}" for what, which in faults if which))
        return self


class DatasetState(StrEnum):
    """A retired dataset keeps its versions; nothing is loaded into it or built from it."""

    REGISTERED = "registered"
    RETIRED = "retired"


class Dataset(_Frozen):
    """A dataset as it now is: its document, in which revision."""

    draft: DatasetDraft
    registered_by: str
    registered_at: datetime
    versions: int
    revision: int = 1
    state: DatasetState = DatasetState.REGISTERED

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.draft.name


class FieldProfile(_Frozen):
    """One field of one version in figures; minimum and maximum are in text form, None when all is null."""

    name: str
    type: str
    nulls: int
    distinct: int
    minimum: str | None
    maximum: str | None
    rounded: int = 0


class DatasetVersion(_Frozen):
    """An immutable version: its Parquet file lies in the object store under `digest`.

    `revision` is that of the dataset's document which it was loaded under.
    """

    dataset: str
    number: int
    digest: Digest
    size_bytes: int
    row_count: int
    source_name: str
    source_digest: Digest
    profile: tuple[FieldProfile, ...]
    loaded_by: str
    loaded_at: datetime
    revision: int = 1


def parse_draft(document: object, *, where: str) -> DatasetDraft:
    """Return the dataset described by a parsed document. Raises MalformedDataset with every fault."""
    try:
        return DatasetDraft.model_validate(document)
    except ValidationError as error:
        faults = [Fault(_pointer(e["loc"]), e["msg"].removeprefix("Value error, ")) for e in error.errors()]
        raise MalformedDataset(
            f"{where} does not describe a dataset",
            hint="mend the places listed; `shuize dataset example` prints a complete document",
            faults=faults,
        ) from error


class Datasets:
    """The register of datasets and their versions. Change requests register and change them."""

    def __init__(self, database: Database, library: Library, clock: Clock) -> None:
        self._database = database
        self._library = library
        self._clock = clock

    def get(self, name: str) -> Dataset:
        """Return the dataset. Raises DatasetNotFound."""
        with self._database.read() as session:
            return _dataset(session, require_dataset(session, name))

    def to_load(self, name: str, *, by: str) -> Dataset:
        """Return the dataset that `by` is about to load into. Raises DatasetNotFound, UnknownParty."""
        with self._database.read() as session:
            require_member(session, by, self._clock())
            return _dataset(session, require_in_use(require_dataset(session, name)))

    def list(self) -> tuple[Dataset, ...]:
        """Return every dataset, by name."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(DatasetRow).order_by(DatasetRow.name)).all()
            return tuple(_dataset(session, row) for row in rows)

    def versions(self, name: str) -> tuple[DatasetVersion, ...]:
        """Return the dataset's versions, oldest first. Raises DatasetNotFound."""
        with self._database.read() as session:
            require_dataset(session, name)
            found = session.scalars(
                sa.select(DatasetVersionRow)
                .where(DatasetVersionRow.dataset == name)
                .order_by(DatasetVersionRow.number)
            )
            return tuple(map(_version, found))

    def version(self, name: str, number: int | None = None) -> DatasetVersion:
        """Return one version, the newest by default. Raises DatasetNotFound, VersionNotFound."""
        versions = self.versions(name)
        found = versions[-1:] if number is None else [v for v in versions if v.number == number]
        if not found:
            wanted = "any version" if number is None else f"a version {number}"
            raise VersionNotFound(
                f"dataset {name} does not have {wanted}", hint=f"load a file: shuize dataset load {name} FILE"
            )
        return found[0]

    def draft_for(self, version: DatasetVersion) -> DatasetDraft:
        """Return the document to read a version by: the present one if the version has all its fields.

        A field added since is not in older versions: those are read by the revision they were loaded under.
        """
        with self._database.read() as session:
            row = require_dataset(session, version.dataset)
            draft = DatasetDraft.model_validate(row.document)
            there = {field.name for field in version.profile}
            if row.revision == version.revision or {field.name for field in draft.fields} <= there:
                return draft
            revision = session.get(RevisionRow, ("dataset", version.dataset, version.revision))
            return DatasetDraft.model_validate(revision.document) if revision else draft

    def require_in_use(self, name: str) -> None:
        """Raise DatasetRetired, DatasetNotFound unless the dataset is there to be used."""
        with self._database.read() as session:
            require_in_use(require_dataset(session, name))

    def add_version(self, version: DatasetVersion) -> DatasetVersion:
        """Record a version whose bytes are in the store; `number` is given here.

        The same bytes are the same version: if the dataset has it, that one is returned.
        """
        with self._database.write() as session:
            take_turns(session, f"dataset {version.dataset}")
            require_member(session, version.loaded_by, self._clock())
            require_in_use(require_dataset(session, version.dataset))
            mine = DatasetVersionRow.dataset == version.dataset
            same = sa.select(DatasetVersionRow).where(mine, DatasetVersionRow.digest == version.digest)
            if row := session.scalar(same):
                return _version(row)
            newest = session.scalar(sa.select(sa.func.max(DatasetVersionRow.number)).where(mine)) or 0
            values = version.model_dump(exclude={"profile", "number"})
            row = DatasetVersionRow(
                **values,
                number=newest + 1,
                profile=[field.model_dump(mode="json") for field in version.profile],
            )
            session.add(row)
            session.flush()
            detail: dict[str, str | int] = {
                "version": row.number,
                "sha256": row.digest,
                "revision": row.revision,
            }
            act = Act("version-loaded", "dataset", row.dataset, row.loaded_by, detail)
            trail.record(session, self._clock(), act)
            return _version(row)


def require_all_standards(drafts: Sequence[DatasetDraft], library: Library) -> None:
    """Raise MalformedDataset, with every fault of every dataset, or MalformedName."""
    faults: list[Fault] = []
    for number, draft in enumerate(drafts):
        require_name(draft.name, what="dataset name")
        try:
            require_standards(draft, library)
        except MalformedDataset as error:
            faults += [Fault(f"/{number}{fault.pointer}", fault.detail) for fault in error.faults]
    for name in _twice(draft.name for draft in drafts):
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
    if faults:
        raise MalformedDataset(
            f"dataset {draft.name} does not fit the standards",
            hint="`shuize standard list` shows every data element",
            faults=faults,
        )


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def _pointer(place: tuple[str | int, ...]) -> str:
    """Return the JSON pointer of a place in the document; pydantic puts a rule's kind into its path."""
    if place[:1] == ("rules",):
        place = (*place[:2], *place[3:])
    return "/" + "/".join(map(str, place))


def require_dataset(session: Session, name: str) -> DatasetRow:
    """Return the dataset's row in the caller's transaction. Raises DatasetNotFound."""
    row = session.get(DatasetRow, name)
    if row is None:
        raise DatasetNotFound(f"no dataset is called {name!r}", hint="see: shuize dataset list")
    return row


def require_in_use(row: DatasetRow) -> DatasetRow:
    """Return the row. Raises DatasetRetired."""
    if row.state == DatasetState.RETIRED:
        raise DatasetRetired(
            f"dataset {row.name} is retired",
            hint=f"use another, or take it into use again: shuize dataset reinstate {row.name}",
        )
    return row


def _dataset(session: Session, row: DatasetRow) -> Dataset:
    count = sa.select(sa.func.count()).where(DatasetVersionRow.dataset == row.name)
    return Dataset(
        draft=DatasetDraft.model_validate(row.document),
        registered_by=row.registered_by,
        registered_at=row.registered_at,
        versions=session.scalar(count) or 0,
        revision=row.revision,
        state=DatasetState(row.state),
    )


def _version(row: DatasetVersionRow) -> DatasetVersion:
    columns: dict[str, Any] = {name: getattr(row, name) for name in DatasetVersion.model_fields}
    return DatasetVersion.model_validate(columns)
