"""The register as an Excel workbook: a sheet a kind of entry, amounts as numbers, text as text."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from catalog.assets.entries import Cost, EntryKind
from catalog.assets.models import AssetAccount, AssetEntry

_HEADS: dict[EntryKind, tuple[str, tuple[str, ...]]] = {
    EntryKind.RIGHT: ("权利 Rights", ("right", "basis", "valid_from", "valid_until")),
    EntryKind.RESTRICTION: ("限制 Restrictions", ("text", "valid_from", "valid_until")),
    EntryKind.COST: ("成本 Costs", ("item", "amount", "currency", "treatment")),
    EntryKind.AMORTISATION: ("摊销计划 Plans", ("starts_on", "months", "residual", "basis")),
    EntryKind.IMPAIRMENT: ("减值 Impairments", ("amount", "currency", "basis")),
    EntryKind.VALUATION: (
        "评估 Valuations",
        ("method", "value", "currency", "valued_on", "valuer", "purpose"),
    ),
    EntryKind.CERTIFICATE: (
        "登记证书 Certificates",
        ("authority", "number", "issued_on", "valid_from", "valid_until"),
    ),
    EntryKind.REVERSAL: ("冲销 Reversals", ("reverses", "reason")),
}
_ASSET = (
    "id", "subject_kind", "subject", "title", "title_zh", "recognised_as", "acquired_by", "source",
    "authorisation", "scale", "scenario",
)  # fmt: skip
_BOOK = ("capitalised", "expensed", "amortised", "impaired", "carrying")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST = 32_767  # what a cell of Excel holds


def workbook(accounts: Sequence[AssetAccount]) -> bytes:
    """Return the register as an .xlsx file."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    _sheet(book, "资产 Assets", (*_ASSET, "on", *_BOOK, "entered_by", "entered_at"), _assets(accounts))
    for kind, (title, columns) in _HEADS.items():
        header = ("asset", "entry", "booked_on", *columns, *_extra(kind), "note", "documents", "reversed_by",
                  "entered_by", "entered_at")  # fmt: skip
        _sheet(book, title, header, (_row(e, columns) for a in accounts for e in a.entries if _is(e, kind)))
    header = ("asset", "month", "opening", "added", "amortised", "impaired", "closing")
    _sheet(book, "摊销表 Amortisation", header, _months(accounts))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _assets(accounts: Iterable[AssetAccount]) -> Iterator[list[Any]]:
    for account in accounts:
        draft = account.asset.document
        said = [getattr(draft, name) for name in _ASSET]
        books = [account.book.on, *(getattr(account.book, name) for name in _BOOK)]
        yield [*said, *books, account.asset.entered_by, account.asset.entered_at]


def _months(accounts: Iterable[AssetAccount]) -> Iterator[list[Any]]:
    for account in accounts:
        for month in account.schedule.months:
            yield [account.asset.id, *month.model_dump().values()]


def _row(entry: AssetEntry, columns: Sequence[str]) -> list[Any]:
    content = entry.content
    extra = [content.item.title_zh] if isinstance(content, Cost) else []
    documents = "\n".join(f"{each.name} sha256:{each.digest}" for each in content.documents)
    return [
        entry.asset, entry.number, entry.booked_on, *(getattr(content, name) for name in columns), *extra,
        content.note, documents, entry.reversed_by, entry.entered_by, entry.entered_at,
    ]  # fmt: skip


def _extra(kind: EntryKind) -> tuple[str, ...]:
    return ("item_zh",) if kind is EntryKind.COST else ()


def _is(entry: AssetEntry, kind: EntryKind) -> bool:
    return entry.content.kind is kind


def _sheet(book: Any, title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    sheet = book.create_sheet(title)
    for number, values in enumerate((header, *rows), start=1):
        for column, value in enumerate(values, start=1):
            _write(sheet.cell(row=number, column=column), value)
    sheet.freeze_panes = "A2"


def _write(cell: Any, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, Decimal):
        cell.value, cell.number_format = value, "#,##0.00"
    elif isinstance(value, datetime):  # Excel knows no zones
        cell.value = value.strftime("%Y-%m-%d %H:%M:%S UTC")
    elif isinstance(value, date | int):
        cell.value = value
    else:
        cell.value = _UNPRINTABLE.sub("�", str(value))[:_LONGEST]
        cell.data_type = "s"  # text that begins with = is text
