"""What was sensed in a version, and what it implies."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

from standards import digests
from standards.digests import Digest
from standards.security import SecurityLevel


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class SensitiveKind(StrEnum):
    """What a text can be that tells of a person or an organisation."""

    RESIDENT_ID = "resident-id"
    CREDIT_CODE = "credit-code"
    ORGANISATION_CODE = "organisation-code"
    BANK_CARD = "bank-card"
    MOBILE = "mobile"
    LANDLINE = "landline"
    EMAIL = "email"
    PERSON_NAME = "person-name"
    ADDRESS = "address"

    @property
    def title_en(self) -> str:
        """What the values are, in the plural."""
        return _ABOUT[self][0]

    @property
    def title_zh(self) -> str:
        return _ABOUT[self][1]

    @property
    def level(self) -> SecurityLevel:
        """The level that such values have by themselves: judgement of this project, by GB/T 43697-2024."""
        return _ABOUT[self][2]

    @property
    def element(self) -> str | None:
        """The data element that says so; None where the bundled standards have none."""
        return _ABOUT[self][3]


_ABOUT: Final = {
    SensitiveKind.RESIDENT_ID: (
        "resident identity numbers", "公民身份号码", SecurityLevel.GENERAL_4, "customer.resident_id"
    ),
    SensitiveKind.CREDIT_CODE: (
        "unified social credit codes", "统一社会信用代码", SecurityLevel.GENERAL_2, "customer.credit_code"
    ),
    SensitiveKind.ORGANISATION_CODE: ("organisation codes", "组织机构代码", SecurityLevel.GENERAL_2, None),
    SensitiveKind.BANK_CARD: ("bank card numbers", "银行卡号", SecurityLevel.GENERAL_4, None),
    SensitiveKind.MOBILE: ("mobile numbers", "手机号码", SecurityLevel.GENERAL_3, "customer.phone"),
    SensitiveKind.LANDLINE: ("landline numbers", "固定电话号码", SecurityLevel.GENERAL_3, "customer.phone"),
    SensitiveKind.EMAIL: ("e-mail addresses", "电子邮箱地址", SecurityLevel.GENERAL_3, "customer.email"),
    SensitiveKind.PERSON_NAME: (
        "names of persons", "个人姓名", SecurityLevel.GENERAL_3, "customer.contact_name"
    ),
    SensitiveKind.ADDRESS: ("addresses", "地址", SecurityLevel.GENERAL_3, "customer.address"),
}  # fmt: skip


class Sensed(_Frozen):
    """One kind in one field: `count` of its `values` (rows that are not null) have the form.

    `examples` are masked, and each mask is shared by at least `masking.FEWEST` different values.
    """

    field: str
    kind: SensitiveKind
    count: int
    values: int
    examples: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share of non-null rows, 0 to 1."""
        return self.count / self.values

    def said(self) -> str:
        """Return in words what the field holds, and in how many rows."""
        shown = f"{self.share * 100:.1f}".removesuffix(".0") if self.count < self.values else "100"
        return f"field {self.field} holds {self.kind.title_en} in {shown} % of rows"


def sensing_digest(sensed: tuple[Sensed, ...]) -> Digest:
    """Return the digest of everything sensed in a version."""
    return digests.of_document({"sensed": [each.model_dump(mode="json") for each in sensed]})


class SensedField(_Frozen):
    """What was sensed, beside what the field's present element and dataset say of it.

    `shortcoming` is None where they say it already; else `mend` tells what to do.
    """

    sensed: Sensed
    element: str | None
    level: SecurityLevel
    suggested_element: str | None
    shortcoming: str | None
    mend: str | None

    def said(self) -> str:
        """Return in words what is there, what is said of it, and how to mend it."""
        if self.shortcoming is None:
            return f"{self.sensed.said()}, as its element {self.element} says"
        return f"{self.sensed.said()}, but {self.shortcoming}: {self.mend}"


class SensitivityFinding(_Frozen):
    """A field that held more sensitive things than was declared when the version came: a name and a date.

    `mended` tells whether the present document says enough of it.
    """

    id: int
    dataset: str
    version: int
    field: str
    kind: SensitiveKind
    count: int
    responsible: str
    detected_at: datetime
    mended: bool


class VersionSensing(_Frozen):
    """All that was sensed in a version; `sensed_at` is None for one that came before sensing did."""

    dataset: str
    version: int
    digest: Digest | None
    sensed_at: datetime | None
    fields: tuple[SensedField, ...]
    findings: tuple[SensitivityFinding, ...]
