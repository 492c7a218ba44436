"""The report as an Excel workbook: numbers as numbers with their formats, text as text, a sheet a table."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from api.reports import wording
from catalog.figures import Definition, Measure, Measures, StewardshipReport, Unit
from catalog.figures.models import Slice

_FORMATS = {Unit.PERCENT: "0.0%", Unit.HOURS: "#,##0.0", Unit.ORDERS: "#,##0", Unit.ISSUES: "#,##0"}
_NARROWEST, _WIDEST = 10, 48
_SAVED = re.compile(r"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_LONGEST = 32_767  # what a cell of Excel holds
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_OVERDUE = (
    "工单 Order", "超期天数 Days over", "责任人 Responsible", "单位 Unit", "规则 Rule", "数据集 Dataset",
    "严重程度 Severity", "问题 Issues", "期限 Deadline (UTC)",
)  # fmt: skip


class _Figure(NamedTuple):
    """A figure in a cell: a number with its format, or nothing."""

    measure: Measure | None
    unit: Unit


class _Sheet(NamedTuple):
    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Any]]


def workbook(report: StewardshipReport) -> bytes:
    """Return the report as an .xlsx file; the same report gives the same bytes."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for sheet in _sheets(report):
        _write_sheet(book.create_sheet(sheet.title), sheet)
    out = io.BytesIO()
    book.save(out)
    return _timeless(out.getvalue(), report.until)


def _sheets(report: StewardshipReport) -> Iterator[_Sheet]:
    of_data = [
        d for d in report.definitions if d.id in ("completeness", "accuracy", "usable-rate", "rule-coverage")
    ]
    of_orders = [d for d in report.definitions if d not in of_data]
    everything = [*of_data, *of_orders]
    yield _Sheet(
        "概览 Overview", ("指标", "Figure", "数值 Value", "分子 Counts", "分母 Over"), _overview(report)
    )
    points = ((p.label, p.begun, p.ended, p.backlog) for p in report.trend)
    yield _Sheet(
        "趋势 Trend", ("统计期 Period", "新增与重开 Begun", "结束 Ended", "期末在办 Backlog"), points
    )
    bands = ((wording.age(band), band.orders, band.issues) for band in report.ages)
    yield _Sheet("时长 Ages", ("时长 Age", "工单 Orders", "问题 Issues"), bands)
    units = (
        (level.depth, unit.rank, unit.path, unit.title, *_cells(unit.figures, everything))
        for level in report.levels
        for unit in level.units
    )
    place = ("下几级 Levels below", "名次 Rank", "路径 Path", "名称 Title")
    yield _Sheet("单位 Units", (*place, *map(_head, everything)), units)
    people = ((p.person, *_cells(p.figures, of_orders)) for p in report.people)
    yield _Sheet("责任人 People", ("责任人 Responsible", *map(_head, of_orders)), people)
    yield _slices("严重程度 Severities", "严重程度 Severity", report.severities, of_orders)
    yield _slices("规则 Rules", "规则 Rule", report.rules, of_orders)
    yield _slices("数据集 Datasets", "数据集 Dataset", report.datasets, of_orders)
    late = (
        (o.work_order, o.days, o.responsible, o.path, o.rule, o.dataset, o.severity, o.issues, o.due_at)
        for o in report.overdue
    )
    yield _Sheet("超期 Overdue", _OVERDUE, late)
    checks = ((q.dataset, q.version, q.checked_at, *_cells(q.figures, of_data)) for q in report.quality)
    checked = ("数据集 Dataset", "版本 Version", "检查时间 Checked (UTC)")
    yield _Sheet("检查 Checks", (*checked, *map(_head, of_data)), checks)
    said = ((d.title_zh, d.title, d.unit.value, d.counts_zh, d.counts, d.over_zh, d.over) for d in everything)
    head = ("指标", "Figure", "单位 Unit", "分子或计数", "Counts", "分母", "Over")
    yield _Sheet("定义 Definitions", head, said)


def _overview(report: StewardshipReport) -> Iterator[Sequence[Any]]:
    yield "报表", "Report", wording.heading(report)
    yield "单位", "Unit", wording.unit(report)
    yield "统计期", "Period", wording.days(report)
    yield "数值截至", "Figures as at (UTC)", report.until
    for definition in report.definitions:
        measure = report.figures.get(definition.id)
        over = (measure.numerator, measure.denominator) if measure is not None else ()
        yield definition.title_zh, _head(definition, zh=False), _Figure(measure, definition.unit), *over


def _slices(title: str, first: str, slices: Sequence[Slice], columns: Sequence[Definition]) -> _Sheet:
    rows = ((each.name, *_cells(each.figures, columns)) for each in slices)
    return _Sheet(title, (first, *map(_head, columns)), rows)


def _head(definition: Definition, *, zh: bool = True) -> str:
    unit = " (h)" if definition.unit is Unit.HOURS else ""
    return f"{definition.title_zh} {definition.title}{unit}" if zh else definition.title + unit


def _cells(figures: Measures, columns: Sequence[Definition]) -> Iterator[_Figure]:
    return (_Figure(figures.get(definition.id), definition.unit) for definition in columns)


def _write_sheet(sheet: Any, table: _Sheet) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    widths = [_NARROWEST] * len(table.header)
    for number, values in enumerate((table.header, *table.rows), start=1):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row=number, column=column)
            _write(cell, value)
            if isinstance(cell.value, str) and number > 1 and column <= len(widths):
                widths[column - 1] = max(widths[column - 1], len(cell.value.encode("gb18030")) + 2)
    for cell in sheet[1]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = min(width, _WIDEST)
    sheet.freeze_panes = "A2"


def _write(cell: Any, value: Any) -> None:
    if isinstance(value, _Figure):
        if value.measure is not None and value.measure.value is not None:
            share = value.measure.value / 100 if value.unit is Unit.PERCENT else value.measure.value
            cell.value, cell.number_format = share, _FORMATS[value.unit]
    elif isinstance(value, datetime):  # Excel knows no zones
        cell.value, cell.number_format = value.replace(tzinfo=None), "yyyy-mm-dd hh:mm"
    elif isinstance(value, int):
        cell.value, cell.number_format = value, "#,##0"
    elif value is not None:
        cell.value = _UNPRINTABLE.sub("�", str(value))[:_LONGEST]
        cell.data_type = "s"  # text that begins with = is text


def _timeless(book: bytes, at: datetime) -> bytes:
    """Return the file with the report's own instant in place of the clock's, inside and as dates of parts."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as read,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for name in read.namelist():
            data = read.read(name)
            if name == "docProps/core.xml":
                data = _SAVED.sub(rf"\g<1>{at:%Y-%m-%dT%H:%M:%SZ}", data.decode()).encode()
            part = zipfile.ZipInfo(
                name, (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)
            )
            part.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(part, data)
    return out.getvalue()
