"""SYNTHETIC samples of governance: an organisation, a product's registration, an asset's."""

from __future__ import annotations

from typing import Any

ORGANISATION_HEADER = ("code", "kind", "title", "parent", "party")
ORGANISATION: tuple[tuple[str, ...], ...] = (
    ("group", "group", "City Water Group 城市水务集团", "", "water-group"),
    ("hp", "branch", "Heping Branch 和平分公司", "group", ""),
    ("dd", "branch", "Dadong Branch 大东分公司", "group", ""),
    ("hp-1", "office", "First Office 第一营业所", "hp", ""),
    ("hp-2", "office", "Second Office 第二营业所", "hp", ""),
    ("dd-1", "office", "Third Office 第三营业所", "dd", ""),
    ("hp-1-p1", "pump-station", "Pump Station 1 一号泵站", "hp-1", ""),
    ("hp-1-c1", "community", "Lake Community 湖滨小区", "hp-1-p1", ""),
    ("hp-1-b1", "building", "Building 1 1号楼", "hp-1-c1", ""),
    ("hp-1-m1", "meter-book", "Book 0001 表册0001", "hp-1-b1", ""),
    ("hp-1-m2", "meter-book", "Book 0002 表册0002", "hp-1-b1", ""),
    ("hp-2-m1", "meter-book", "Book 0003 表册0003", "hp-2", ""),
)

PRODUCT: dict[str, Any] = {
    "name": "customer-industry",
    "owner": "li-na",
    "steward": "wang-wei",
    "organisation": "water-group",
    "licence": "CC-BY-NC-4.0",
    "terms": "For research; results name the source.",
}

ASSET: dict[str, Any] = {
    "id": "inflow-data",
    "subject_kind": "dataset",
    "subject": "dma-inflow",
    "title": "Hourly inflow of district metered areas",
    "title_zh": "分区计量逐时进水流量数据资源",
    "recognised_as": "intangible-asset",
    "acquired_by": "developed",
    "source": "readings of the utility's own meters",
    "authorisation": "own data without personal information",
    "scale": "196,790 rows, 2021-01 to 2023-03",
    "scenario": "leakage control, water-use index",
}
