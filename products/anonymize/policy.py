"""The privacy policy: the document that says what becomes of every field before a table may leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from products.anonymize.declared import DeclaredHierarchy
from products.anonymize.errors import MalformedPolicy, PolicyDoesNotFit
from standards import digests
from standards.data_elements import IdentifierKind
from standards.digests import Digest
from standards.errors import Fault
from standards.faults import in_words
from standards.security import ReleaseModel


class Action(StrEnum):
    """What happens to a field. A quasi-identifier that is kept still counts when classes are formed."""

    KEEP = "keep"
    DROP = "drop"
    PSEUDONYMIZE = "pseudonymize"
    GENERALIZE = "generalize"


_PERMITTED: Final = {
    IdentifierKind.DIRECT: (Action.DROP, Action.PSEUDONYMIZE),
    IdentifierKind.QUASI: (Action.GENERALIZE, Action.KEEP, Action.DROP),  # a pseudonym enlarges no class
    IdentifierKind.SENSITIVE: (Action.KEEP, Action.DROP, Action.PSEUDONYMIZE),
    IdentifierKind.NONE: (Action.KEEP, Action.DROP, Action.PSEUDONYMIZE),
}

_DEFAULTS: Final = {
    IdentifierKind.QUASI: Action.KEEP,  # counts in the class, so the worst that comes of it is a refusal
    IdentifierKind.SENSITIVE: Action.DROP,  # to show it is a decision someone writes down
    IdentifierKind.NONE: Action.KEEP,
}


class FieldPolicy(BaseModel):
    """What happens to one field; `hierarchy` belongs to `generalize` and to nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Action
    hierarchy: DeclaredHierarchy | None = None

    @model_validator(mode="after")
    def _hierarchy_where_it_belongs(self) -> FieldPolicy:
        if (self.action is Action.GENERALIZE) != (self.hierarchy is not None):
            need = "needs a hierarchy" if self.hierarchy is None else "takes no hierarchy"
            raise MalformedPolicy(
                f"the action {self.action} {need}",
                hint="declare the hierarchy under `generalize`: star, code-list, intervals, prefix or table",
            )
        return self


@dataclass(frozen=True)
class Treatment:
    """A policy's answer for one field of a table."""

    field: str
    kind: IdentifierKind
    action: Action
    hierarchy: DeclaredHierarchy | None


class PrivacyPolicy(BaseModel):
    """How a table is made fit for one release model.

    `k` may only be stricter than the release model's own figure (20, 5, 3): who wants a smaller class
    chooses another release model and with it another audience. `suppression_limit` is the share of rows
    (0 to 1) that may be left out because they stand in classes below k. A field without an entry: a direct
    identifier is an error, a quasi-identifier is kept and counts in the classes, a sensitive field is
    dropped, any other is kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str | None = None
    title: str | None = None
    release_model: ReleaseModel
    k: Annotated[int, Field(ge=1)] | None = None
    suppression_limit: Annotated[Decimal, Field(ge=0, le=1)] = Decimal(0)
    fields: Mapping[str, FieldPolicy] = {}

    @classmethod
    def parse(cls, document: Mapping[str, object]) -> PrivacyPolicy:
        """Return the policy a document (from YAML or JSON) states. Raises MalformedPolicy."""
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            faults = [
                Fault("/" + "/".join(map(_escaped, each["loc"])), in_words(each)) for each in error.errors()
            ]
            raise MalformedPolicy(
                "the privacy policy is malformed: "
                + "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults),
                hint="mend the places named; see PrivacyPolicy for what may stand there",
                faults=faults,
            ) from error

    @model_validator(mode="after")
    def _never_weaker_than_its_release_model(self) -> PrivacyPolicy:
        if self.k is not None and self.k < self.release_model.k:
            raise MalformedPolicy(
                f"k = {self.k} is weaker than the {self.release_model.k} of the release model "
                f"{self.release_model}",
                hint=f"leave k out or give at least {self.release_model.k}, or choose another release model",
                faults=[Fault("/k", f"at least {self.release_model.k}")],
            )
        return self

    @property
    def least_class(self) -> int:
        """The k demanded: the policy's own, or the release model's."""
        return self.k if self.k is not None else self.release_model.k

    def digest(self) -> Digest:
        """Return the digest of the policy's canonical document, absent values left out."""
        return digests.of_document(self.model_dump(mode="json", exclude_none=True))

    def treatments(self, fields: Sequence[str], kinds: Mapping[str, IdentifierKind]) -> tuple[Treatment, ...]:
        """Return the treatment of each of the table's fields, in their order.

        Raises PolicyDoesNotFit naming every field whose entry is missing, unknown or not permitted.
        """
        faults = list(self._misfits(fields, kinds))
        if faults:
            raise PolicyDoesNotFit(
                "the privacy policy does not fit the table: " + "; ".join(fault.detail for fault in faults),
                hint="correct the policy's fields, or the identifier kinds of their data elements",
                faults=faults,
            )
        return tuple(self._treatment(field, kinds[field]) for field in fields)

    def _treatment(self, field: str, kind: IdentifierKind) -> Treatment:
        entry = self.fields.get(field)
        if entry is None:
            return Treatment(field, kind, _DEFAULTS[kind], None)
        return Treatment(field, kind, entry.action, entry.hierarchy)

    def _misfits(self, fields: Sequence[str], kinds: Mapping[str, IdentifierKind]) -> Iterator[Fault]:
        for field in self.fields:
            if field not in fields:
                yield _fault(field, "the table has no such field; take the entry out or correct its name")
        for field in fields:
            entry, kind = self.fields.get(field), kinds.get(field)
            if kind is None:
                yield _fault(field, "its identifier kind is unknown; bind it to a data element")
            elif entry is None and kind == IdentifierKind.DIRECT:
                yield _fault(field, "a direct identifier without an entry; write drop or pseudonymize")
            elif entry is not None and entry.action not in _PERMITTED[kind]:
                permitted = " or ".join(_PERMITTED[kind])
                yield _fault(field, f"{entry.action} is not for the kind {kind}; write {permitted}")


def _fault(field: str, detail: str) -> Fault:
    return Fault(f"/fields/{_escaped(field)}", f"field {field!r}: {detail}")


def _escaped(part: str | int) -> str:
    """Return one step of a JSON pointer. Source: RFC 6901 §3."""
    return str(part).replace("~", "~0").replace("/", "~1")
