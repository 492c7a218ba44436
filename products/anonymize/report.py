"""The privacy report: what was done to a table, what that proves and what it does not."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from pydantic import BaseModel, ConfigDict

from products.anonymize.policy import Action
from standards.digests import Digest
from standards.security import ReleaseModel

DOES_NOT_PROVE: Final = (
    "A class counts rows, not persons, and its rows may all show the same sensitive value, so somebody known "
    "to be in it may still be learned about; nor is anything said about joining this release with others."
)


class QuasiIdentifierReport(BaseModel):
    """One quasi-identifier: the level chosen out of 0 (as recorded) to `highest_level`, and its loss, 0 to 1.

    A dropped one has no level, and no loss: it takes no part in the search.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    action: Action
    level: int | None
    highest_level: int | None
    meaning: str
    loss: str | None


class PrivacyReport(BaseModel):
    """The figures of one anonymization, the same bytes for the same table and policy.

    Shares, losses and the risk are decimal texts with 6 places. Class sizes are numbers of rows:
    `smallest_class_before` over all quasi-identifiers as recorded, `smallest_class_after` over those in the
    output. They are None, and so is the prosecutor's risk (1 / smallest class), when there is no
    quasi-identifier or no row: nothing is claimed then. `kept` names the fields that are no
    quasi-identifiers and stand in the output unchanged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy_digest: Digest
    release_model: ReleaseModel
    k: int
    dropped: tuple[str, ...]
    pseudonymized: tuple[str, ...]
    kept: tuple[str, ...]
    quasi_identifiers: tuple[QuasiIdentifierReport, ...]
    smallest_class_before: int | None
    smallest_class_after: int | None
    classes: int | None
    rows_in: int
    rows_suppressed: int
    share_suppressed: str
    suppression_limit: str
    loss: str | None
    prosecutor_risk_max: str | None
    proves: str
    does_not_prove: str = DOES_NOT_PROVE


def statement(k: int, quasi_identifiers: int, smallest_class: int | None) -> str:
    """Return in one sentence what the class sizes prove about an output."""
    if quasi_identifiers == 0:
        return "The output has no quasi-identifier, so there are no classes and k-anonymity says nothing."
    if smallest_class is None:
        return "The output has no row, so there is nobody to protect and k-anonymity says nothing."
    return (
        f"Every row agrees with at least {smallest_class - 1} others in all of its {quasi_identifiers} "
        f"quasi-identifiers; classes of {k} were demanded."
    )


def decimal_text(share: Fraction) -> str:
    """Return the number, 0 or more, with 6 decimal places, rounded half to even from its exact value."""
    millionths = round(share * 10**6)
    return f"{millionths // 10**6}.{millionths % 10**6:06}"
