"""The register of data assets 数据资产: which rights are held, what it cost, what it is worth.

After 财会〔2023〕11号: an intangible asset or inventory, its costs by kind, amortisation, impairment, how it
was acquired, its restrictions. Entries are never changed, only reversed by another entry, so the register
says what was known when. Amounts are in yuan (CNY), exact to the fen.
"""

from catalog.assets.entries import (
    Amortisation,
    Certificate,
    Cost,
    CostItem,
    DocumentRef,
    EntryKind,
    Impairment,
    Restriction,
    RightHeld,
    Valuation,
)
from catalog.assets.ledger import Book, Month, Schedule
from catalog.assets.models import (
    Asset,
    AssetAccount,
    AssetDraft,
    AssetEntry,
    MalformedAsset,
    parse_asset,
    parse_entry,
)
from catalog.assets.register import Assets
from catalog.assets.workbook import workbook

__all__ = [
    "Amortisation",
    "Asset",
    "AssetAccount",
    "AssetDraft",
    "AssetEntry",
    "Assets",
    "Book",
    "Certificate",
    "Cost",
    "CostItem",
    "DocumentRef",
    "EntryKind",
    "Impairment",
    "MalformedAsset",
    "Month",
    "Restriction",
    "RightHeld",
    "Schedule",
    "Valuation",
    "parse_asset",
    "parse_entry",
    "workbook",
]
