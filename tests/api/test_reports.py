"""Reports as people get them: on the command line, over HTTP, as a page and as a workbook."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.reports.page import page
from api.reports.workbook import workbook
from api.settings import Settings
from api.wiring import Platform
from catalog.figures import Calendar, Figures, PeriodKind, Segments, StewardshipReport
from catalog.organisation import Organisation, parse_units
from tests.api.shell import shuize
from tests.builders import NOON, a_room
from tests.catalog.figures.logs import a_walk, write

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DONE = (
    "detected", "triaged", "dispatched", "accepted", "rectifying", "submitted", "rechecked", "reviewed",
)  # fmt: skip
TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture
def report(tmp_path: Path, sqlite_url: str) -> Iterator[StewardshipReport]:
    """Yield a report of two orders: one closed in time, one overdue, whose rule is named like markup."""
    room = a_room(tmp_path, sqlite_url)
    units = [
        {"code": "city", "kind": "group", "title": "水务集团"},
        {"code": "north", "kind": "branch", "title": "北区 <分公司>", "parent": "city"},
    ]
    Organisation(room.database, room.clock).add(parse_units(units, where="a test"), by="alice")
    due = NOON + timedelta(hours=9)
    write(room.database, a_walk(1, (*DONE, "closed"), NOON, path="city/north", due_at=due))
    write(
        room.database, a_walk(2, DONE[:4], NOON, path="city/north", rule="=1+<b>", due_at=due, issues=1_234)
    )
    room.clock.forward(days=5)
    segments = Segments(room.database, room.store, room.clock)
    figures = Figures(room.database, room.store, segments, Calendar(), room.clock)
    yield figures.report(PeriodKind.DAILY, "city", NOON.date())
    room.database.close()


def test_a_page_shows_every_chart_as_a_table_too_and_loads_nothing(report: StewardshipReport) -> None:
    text = page(report)
    assert page(report) == text
    assert not re.search(r"(?:src|href)=|url\(|@import|<script| style=", text)
    assert "北区 &lt;分公司&gt;" in text
    assert "=1+&lt;b&gt;" in text
    charts = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(charts) == 3
    for chart in charts:
        ElementTree.fromstring(chart)
    shown = re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)
    for point in report.trend:
        row = f'<th scope="row">{point.label}</th><td class="number">{point.begun}</td>'
        assert row in shown
    for definition in report.definitions:
        assert definition.counts_zh in shown
        assert definition.title in shown


def test_figures_of_a_page_are_those_of_the_report(report: StewardshipReport) -> None:
    assert report.figures["on-time-rate"].value == 50
    assert report.figures["backlog-issues"].value == 1_234
    text = page(report)
    for shown in ("50.0 %", "1,234", "1 / 2", "8.0 h"):
        assert f">{shown}<" in text
    assert '<td class="number">–</td>' in text  # nobody was reopened: no rate


def test_a_workbook_holds_numbers_with_formats_and_text_as_text(report: StewardshipReport) -> None:
    data = workbook(report)
    assert workbook(report) == data
    book = openpyxl.load_workbook(io.BytesIO(data))
    overview = {row[1].value: row for row in book["概览 Overview"].iter_rows(min_row=2)}
    on_time = overview["On time"][2]
    assert (on_time.value, on_time.number_format) == (0.5, "0.0%")
    assert overview["Median time to close (h)"][2].value == 8
    assert overview["Completeness"][2].value is None
    assert overview["Figures as at (UTC)"][2].value == datetime(2026, 3, 2)
    late = next(book["超期 Overdue"].iter_rows(min_row=2))
    assert (late[0].value, late[1].value, late[7].value) == (2, 0, 1_234)
    assert (late[4].value, late[4].data_type) == ("=1+<b>", "s")
    units = [row[2] for row in book["单位 Units"].iter_rows(min_row=2, values_only=True)]
    assert units == ["city/north"]
    assert book.properties.modified == datetime(2026, 3, 2)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with a person of the utility and a partner, each with a token beside it."""
    folder = tmp_path_factory.mktemp("reports")
    for line in (
        "init",
        "party add water-group --name Group --kind organisation",
        "party add li-na --name Li --as water-group",
        "party add lab --name Lab --kind partner --token-file lab.token --as water-group",
    ):
        said = shuize(folder / "home", *line.split(), at=folder)
        assert said.code == 0, said.err
    token = shuize(folder / "home", "party", "token", "li-na", "--as", "li-na", "--json").json()["token"]
    (folder / "li-na.token").write_text(token, "utf-8")
    return folder / "home"


@pytest.fixture(scope="module")
def http(home: Path) -> Iterator[TestClient]:
    platform = Platform(Settings(home=home, time_zone="UTC"))
    with TestClient(create_app(platform), raise_server_exceptions=False) as client:
        yield client
    platform.close()


def bearer(home: Path, party: str) -> dict[str, str]:
    return {"Authorization": "Bearer " + (home.parent / f"{party}.token").read_text("utf-8").strip()}


def test_reports_are_for_people_of_the_utility(http: TestClient, home: Path) -> None:
    assert http.get("/reports/daily").status_code == 401
    assert http.get("/reports/daily", headers=bearer(home, "lab")).status_code == 403
    member = bearer(home, "li-na")
    said = http.get("/reports/daily", params={"date": TODAY}, headers=member)
    assert said.status_code == 200, said.text
    assert not StewardshipReport.model_validate_json(said.text).is_over
    assert http.get("/reports/yearly", headers=member).status_code == 422
    unknown = http.get("/reports/weekly", params={"org": "nowhere"}, headers=member)
    assert (unknown.status_code, "'nowhere'" in unknown.json()["detail"]) == (404, True)


def test_the_form_of_a_report_is_the_one_that_is_accepted(http: TestClient, home: Path) -> None:
    member = bearer(home, "li-na")
    shown = http.get("/reports/monthly", headers=member | {"Accept": "text/html"})
    assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "style-src 'sha256-" in shown.headers["Content-Security-Policy"]
    book = http.get("/reports/monthly", headers=member | {"Accept": EXCEL})
    assert "shuize-monthly-" in book.headers["Content-Disposition"]
    assert openpyxl.load_workbook(io.BytesIO(book.content)).sheetnames[0] == "概览 Overview"
    asked = http.get("/reports/monthly", params={"format": "html"}, headers=member)
    assert asked.text == shown.text


def test_the_command_writes_files_or_says_the_figures(home: Path, tmp_path: Path) -> None:
    words = ("report", "daily", "--date", TODAY)
    said = shuize(home, *words, time_zone="UTC")
    assert said.code == 0, said.err
    assert "完整率" in said.out
    assert "not over" in said.err
    files = ("--html", str(tmp_path / "r.html"), "--excel", str(tmp_path / "r.xlsx"))
    assert shuize(home, *words, *files, time_zone="UTC").code == 0
    assert "<!doctype html>" in (tmp_path / "r.html").read_text("utf-8")[:20]
    assert openpyxl.load_workbook(tmp_path / "r.xlsx")["趋势 Trend"].max_row == 15
    future = shuize(home, "report", "weekly", "--date", "2999-01-01")
    assert (future.code, "has not begun" in future.err) == (3, True)
    assert shuize(home, "report", "verify").code == 0
