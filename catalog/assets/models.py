"""Assets, as people write them and as they are read back."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import ValidationError

from catalog.assets.entries import CONTENT, Content, DocumentRef, EntryKind, Frozen, Text
from catalog.assets.ledger import Book, Schedule
from catalog.changes import GovernedKind
from standards.digests import Digest
from standards.errors import Fault, InvalidInput
from standards.faults import in_words
from standards.texts import unprintable


class MalformedAsset(InvalidInput):
    """An asset or an entry that can't be registered as described; the faults name the places."""

    code = "malformed-asset"


class Recognition(StrEnum):
    """As what the books carry it."""

    INTANGIBLE = "intangible-asset"
    INVENTORY = "inventory"


class Acquisition(StrEnum):
    """How it was acquired: 外购, 自行开发, 加工."""

    PURCHASED = "purchased"
    DEVELOPED = "developed"
    PROCESSED = "processed"


class AssetDraft(Frozen):
    """What somebody writes to enter an asset. `subject` is the dataset or product that it is."""

    id: str
    subject_kind: GovernedKind
    subject: Text
    title: Text
    title_zh: Text
    recognised_as: Recognition
    acquired_by: Acquisition
    source: Text
    authorisation: Text
    scale: Text | None = None
    scenario: Text | None = None
    documents: tuple[DocumentRef, ...] = ()


class Asset(Frozen):
    """An asset as it was entered."""

    document: AssetDraft
    digest: Digest
    entered_by: str
    entered_at: datetime

    @property
    def id(self) -> str:
        """The asset's id."""
        return self.document.id


class AssetEntry(Frozen):
    """An entry as it was made; `reversed_by` is the entry that took it back."""

    asset: str
    number: int
    booked_on: date
    content: Content
    digest: Digest
    entered_by: str
    entered_at: datetime
    reversed_by: int | None

    @property
    def stands(self) -> bool:
        """Whether the entry counts: it is no reversal, and was not reversed."""
        return self.reversed_by is None and self.content.kind is not EntryKind.REVERSAL


class AssetAccount(Frozen):
    """An asset with its entries, what the books carry it at on a day, and its amortisation month by month."""

    asset: Asset
    entries: tuple[AssetEntry, ...]
    book: Book
    schedule: Schedule


def parse_asset(document: object, *, where: str) -> AssetDraft:
    """Return the asset described by a parsed document. Raises MalformedAsset with every fault."""
    try:
        draft = AssetDraft.model_validate(document)
    except ValidationError as error:
        raise _malformed(error, f"{where} does not describe an asset") from error
    _require_printable(document, where)
    return draft


def parse_entry(document: object, *, where: str) -> Content:
    """Return the entry described by a parsed document. Raises MalformedAsset with every fault."""
    try:
        content: Content = CONTENT.validate_python(document)
    except ValidationError as error:
        raise _malformed(error, f"{where} does not describe an entry") from error
    _require_printable(document, where)
    return content


def _require_printable(document: object, where: str) -> None:
    if faults := list(unprintable(document)):
        raise MalformedAsset(
            f"{where} holds control characters", hint="mend the places listed", faults=faults
        )


def _malformed(error: ValidationError, message: str) -> MalformedAsset:
    kinds = {kind.value for kind in EntryKind}
    faults = []
    for e in error.errors():  # pydantic puts an entry's kind before its places
        place = e["loc"][1:] if e["loc"][:1] and e["loc"][0] in kinds else e["loc"]
        faults.append(Fault("/" + "/".join(map(str, place)), in_words(e)))
    return MalformedAsset(
        message, hint="mend the places listed; docs/governance.md has examples", faults=faults
    )
