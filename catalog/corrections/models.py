"""What a correction is asked to be, what is kept of one, and why one is refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from catalog.datasets.models import DatasetVersion
from standards.digests import Digest
from standards.errors import Conflict, InvalidInput, NotFound


class MalformedCorrection(InvalidInput):
    """A file of corrections that can't be used as it is; the faults name its rows."""

    code = "malformed-correction"


class UnknownCorrectionField(InvalidInput):
    """A file of corrections has columns that are none of the dataset's fields."""

    code = "unknown-correction-field"


class UnknownKey(InvalidInput):
    """A correction is for a row that the dataset does not have, or has several times."""

    code = "unknown-key"


class StaleCorrection(Conflict):
    """Rows to be corrected have changed since the version that was looked at."""

    code = "stale-correction"


class BeyondTheOrders(Conflict):
    """A correction changes rows that none of the work orders named is about."""

    code = "beyond-the-orders"


class NothingToCorrect(Conflict):
    """Every value is what the dataset has already."""

    code = "nothing-to-correct"


class GoesBack(Conflict):
    """With these corrections the dataset would be one of its earlier versions again."""

    code = "goes-back"


class VersionMeanwhile(Conflict):
    """Another version came while the correction was worked out."""

    code = "version-meanwhile"


class BaseUnlikeDocument(Conflict):
    """The dataset's fields have changed since its newest version, so no row can be corrected in it."""

    code = "base-unlike-document"


class CorrectionNotFound(NotFound):
    """No correction has this number."""

    code = "correction-not-found"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CorrectionDraft(_Frozen):
    """What a file of corrections is for. `base` is the version that was looked at, the newest by default.

    `whole` says that the file is the dataset corrected, and not a sheet of changes; `beyond` that it may
    change rows that are in none of the orders' issues.
    """

    dataset: str
    work_orders: Annotated[tuple[int, ...], Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    base: int | None = None
    whole: bool = False
    beyond: bool = False


class Correction(_Frozen):
    """A correction as it is kept. `cells` is the object that lists what changed, cell by cell.

    `rows` counts the rows in which values changed, `added` and `removed` those that came and went.
    """

    id: int
    dataset: str
    base: int
    version: int
    work_orders: tuple[int, ...]
    reason: str
    beyond: bool
    source_name: str
    source_digest: Digest
    cells: Digest
    changed: int
    rows: int
    added: int
    removed: int
    applied_by: str
    applied_at: datetime

    def document(self) -> dict[str, Any]:
        """Return the correction as plain JSON values."""
        return self.model_dump(mode="json")


class Corrected(_Frozen):
    """What applying answered: the correction, and the version it made."""

    correction: Correction
    version: DatasetVersion


class Counts(_Frozen):
    """How much a correction changes."""

    changed: int
    rows: int
    added: int
    removed: int
