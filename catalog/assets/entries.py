"""The entries of an asset: what can be said of it, as people write it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from standards.digests import Digest

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Yuan = Annotated[Decimal, Field(gt=0, decimal_places=2, max_digits=15)]
"""An amount in CNY, exact to the fen."""
FileDigest = Annotated[Digest, Field(pattern="^[0-9a-f]{64}$")]


class Right(StrEnum):
    """The three rights in data: 持有权, 加工使用权, 经营权."""

    HOLDING = "holding"
    PROCESSING = "processing-use"
    OPERATION = "operation"


class CostItem(StrEnum):
    """A kind of cost as 财会〔2023〕11号 lists them."""

    PURCHASE = "purchase-price"
    TAXES = "taxes"
    INSURANCE = "insurance"
    COLLECTION = "collection"
    DESENSITISATION = "desensitisation"
    CLEANING = "cleaning"
    LABELLING = "labelling"
    INTEGRATION = "integration"
    ANALYSIS = "analysis"
    VISUALISATION = "visualisation"
    RIGHTS = "rights-certification"
    QUALITY = "quality-assessment"
    REGISTRATION = "registration-settlement"
    SECURITY = "security-management"
    DEVELOPMENT = "development"
    OTHER = "other-direct"

    @property
    def title_zh(self) -> str:
        return _ITEMS[self]


_ITEMS = {
    CostItem.PURCHASE: "购买价款",
    CostItem.TAXES: "相关税费",
    CostItem.INSURANCE: "保险费",
    CostItem.COLLECTION: "数据采集",
    CostItem.DESENSITISATION: "脱敏",
    CostItem.CLEANING: "清洗",
    CostItem.LABELLING: "标注",
    CostItem.INTEGRATION: "整合",
    CostItem.ANALYSIS: "分析",
    CostItem.VISUALISATION: "可视化",
    CostItem.RIGHTS: "权属鉴证",
    CostItem.QUALITY: "质量评估",
    CostItem.REGISTRATION: "登记结算",
    CostItem.SECURITY: "安全管理",
    CostItem.DEVELOPMENT: "开发支出",
    CostItem.OTHER: "其他直接支出",
}


class EntryKind(StrEnum):
    """What an entry says."""

    RIGHT = "right"
    RESTRICTION = "restriction"
    COST = "cost"
    AMORTISATION = "amortisation"
    IMPAIRMENT = "impairment"
    VALUATION = "valuation"
    CERTIFICATE = "certificate"
    REVERSAL = "reversal"


class Frozen(BaseModel):
    """Something written once, of known fields only."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DocumentRef(Frozen):
    """A file that proves something: its name, and its digest in the object store."""

    name: Text
    digest: FileDigest


class _Said(Frozen):
    booked_on: date | None = None
    note: Text | None = None
    documents: tuple[DocumentRef, ...] = ()


class _Spanning(_Said):
    valid_from: date | None = None
    valid_until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> _Spanning:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("it would end before it begins")
        return self


class RightHeld(_Spanning):
    """A right, where it comes from, and until when it is held."""

    kind: Literal[EntryKind.RIGHT] = EntryKind.RIGHT
    right: Right
    basis: Text


class Restriction(_Spanning):
    """What the rights or the law do not let anybody do with it."""

    kind: Literal[EntryKind.RESTRICTION] = EntryKind.RESTRICTION
    text: Text


class Cost(_Said):
    """A cost: capitalised it is part of the asset; expensed it is only told (the research phase is)."""

    kind: Literal[EntryKind.COST] = EntryKind.COST
    item: CostItem
    amount: Yuan
    currency: Literal["CNY"] = "CNY"
    treatment: Literal["capitalised", "expensed"] = "capitalised"


class Amortisation(_Said):
    """A plan: straight line over `months` from the month of `starts_on`. A later plan takes the place of
    an earlier one from its start on, as a change of estimate does.
    """

    kind: Literal[EntryKind.AMORTISATION] = EntryKind.AMORTISATION
    starts_on: date
    months: Annotated[int, Field(ge=1, le=600)]
    residual: Annotated[Decimal, Field(ge=0, decimal_places=2, max_digits=15)] = Decimal(0)
    basis: Text


class Impairment(_Said):
    """A loss of value; the plan spreads what is left from the next month on."""

    kind: Literal[EntryKind.IMPAIRMENT] = EntryKind.IMPAIRMENT
    amount: Yuan
    currency: Literal["CNY"] = "CNY"
    basis: Text


class Valuation(_Said):
    """What somebody found it to be worth on a day. The books carry cost: a valuation is none."""

    kind: Literal[EntryKind.VALUATION] = EntryKind.VALUATION
    method: Literal["cost", "income", "market"]
    value: Yuan
    currency: Literal["CNY"] = "CNY"
    valued_on: date
    valuer: Text
    purpose: Text


class Certificate(_Spanning):
    """A registration: who keeps the register, under which number, with which digest on a chain, if any."""

    kind: Literal[EntryKind.CERTIFICATE] = EntryKind.CERTIFICATE
    authority: Text
    number: Text
    issued_on: date


class Reversal(_Said):
    """Takes back another entry, as if it had not been made. A reversal can't be reversed: enter it anew."""

    kind: Literal[EntryKind.REVERSAL] = EntryKind.REVERSAL
    reverses: int
    reason: Text


Content = Annotated[
    RightHeld | Restriction | Cost | Amortisation | Impairment | Valuation | Certificate | Reversal,
    Field(discriminator="kind"),
]
CONTENT: TypeAdapter[Any] = TypeAdapter(Content)
