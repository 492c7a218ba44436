"""What is said of a dataset: the document a steward writes, its fields, its immutable versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from catalog.gates.models import Gate
from catalog.quality.rules import Rule
from standards.digests import Digest
from standards.errors import Conflict, Fault, InvalidInput, NotFound
from standards.faults import in_words
from standards.security import SecurityLevel
from standards.texts import unprintable

Text = Annotated[str, Field(min_length=1)]
_SHOWN = ("title", "title_zh", "description", "update_frequency", "source", "licence")
SUGGESTED = "suggested"
"""The mark in the document of a field that a program suggested an element for: a person takes it away."""


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


class UnconfirmedBinding(MalformedDataset):
    """A field's data element was suggested, and nobody has confirmed it yet."""

    code = "unconfirmed-binding"


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


class Temporal(_Frozen):
    """The days that the data are about, first and last; either may be open."""

    begin: date | None = None
    end: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Temporal:
        if self.begin and self.end and self.end < self.begin:
            raise ValueError(f"it ends on {self.end}, before it begins on {self.begin}")
        return self


class ImportedContract(_Frozen):
    """The data contract that a dataset was imported from, whole, and what the dataset then was.

    `table` names the contract's schema object that is the dataset, `columns` says which of its properties
    each field was. An export writes into the contract what the dataset says otherwise now, and gives back the
    rest as it came.
    """

    document: dict[str, Any]
    table: str
    columns: dict[str, str]
    dataset: DatasetDraft


class DatasetDraft(_Frozen):
    """What a steward writes to register a dataset. `series` names the series that it belongs to."""

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
    series: str | None = None
    temporal: Temporal | None = None
    contract: ImportedContract | None = None
    gate: Gate | None = None

    @model_serializer(mode="wrap")
    def _without_no_gate(self, kept: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out a gate that isn't declared: documents from before gates keep their digests."""
        said: dict[str, Any] = kept(self)
        return said if self.gate is not None else {k: v for k, v in said.items() if k != "gate"}

    def begins_on(self, registered_on: date) -> date:
        """Return the day that gives the dataset its place in a series."""
        return (self.temporal and self.temporal.begin) or registered_on

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
            ("two fields have the same name", twice(names)),
            ("two fields read the same column", twice(columns)),
            ("the key names a field twice", twice(self.key)),
            ("a rule stands twice", twice(rules)),
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

    document: DatasetDraft
    registered_by: str
    registered_at: datetime
    versions: int
    revision: int = 1
    state: DatasetState = DatasetState.REGISTERED

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.document.name


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
    """Return the dataset described by a parsed document.

    Raises MalformedDataset with every fault, UnconfirmedBinding for what was suggested and not confirmed.
    """
    _require_confirmed(document, where)
    try:
        return DatasetDraft.model_validate(document)
    except ValidationError as error:
        faults = [Fault(_pointer(each["loc"]), in_words(each)) for each in error.errors()]
        raise MalformedDataset(
            f"{where} does not describe a dataset",
            hint="mend the places listed; `shuize dataset example` prints a complete document",
            faults=faults,
        ) from error


def require_printable(drafts: Sequence[DatasetDraft], where: str) -> None:
    """Raise MalformedDataset if what people are shown of a dataset would steer their terminal.

    A contract or an old catalog may hold such texts; none is newly put in force.
    """
    faults = [
        Fault((f"/{index}" if len(drafts) > 1 else "") + each.pointer, each.detail)
        for index, draft in enumerate(drafts)
        for each in unprintable({name: getattr(draft, name) for name in _SHOWN})
    ]
    if faults:
        raise MalformedDataset(
            f"{where} holds control characters", hint="mend the places listed", faults=faults
        )


def _require_confirmed(document: object, where: str) -> None:
    fields = document.get("fields") if isinstance(document, dict) else None
    marked = [
        (index, field)
        for index, field in enumerate(fields if isinstance(fields, list) else ())
        if isinstance(field, dict) and SUGGESTED in field
    ]
    if marked:
        raise UnconfirmedBinding(
            f"{where} binds {len(marked)} field{'s' if len(marked) > 1 else ''} to what was only suggested",
            hint=f"look at each: delete its line `{SUGGESTED}` where the element is right, or name another",
            faults=[
                Fault(
                    f"/fields/{index}/{SUGGESTED}",
                    f"is column {field.get('column') or field.get('name')} a {field.get('element')}?",
                )
                for index, field in marked
            ],
        )


def twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def _pointer(place: tuple[str | int, ...]) -> str:
    """Return the JSON pointer of a place in the document; pydantic puts a rule's kind into its path."""
    if place[:1] == ("rules",):
        place = (*place[:2], *place[3:])
    return "/" + "/".join(map(str, place))
