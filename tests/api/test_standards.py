"""A utility's own standards by commands: import, list, show, diff, export, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.api.shell import shuize

HEAD = (
    "id: pump-station\nversion: '{v}'\ntitle_zh: 泵站\ntitle_en: Pump stations\nsource: us\nvalid_from: {d}\n"
)
TABLE = "code,level,parent,title_zh,aliases\n01,1,,{title},一泵\n"


def a_folder(path: Path, version: str = "1.0", day: str = "2026-01-01", title: str = "一号泵站") -> Path:
    folder = path / "code_lists"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"pump-station@{version}.yaml").write_text(HEAD.format(v=version, d=day), "utf-8")
    (folder / f"pump-station@{version}.csv").write_text(TABLE.format(title=title), "utf-8")
    return path


@pytest.fixture
def home(new_home: Path) -> Path:
    """Return a home with one organisation."""
    home = new_home
    assert shuize(home, "party", "add", "water-group", "--name", "W", "--kind", "organisation").code == 0
    assert shuize(home, "party", "add", "zhao-min", "--name", "Z", "--as", "water-group").code == 0
    return home


def test_a_utility_imports_compares_and_exports_its_own(home: Path, tmp_path: Path) -> None:
    first = str(a_folder(tmp_path / "first"))
    asked = shuize(home, "standard", "import", first, "--as", "water-group", "--reason", "ours")
    assert "publish standards import-" in asked.out
    assert "standards    pump-station 1.0" in asked.out
    assert shuize(home, "standard", "show", "pump-station").code == 4
    assert "一号泵站" in shuize(home, "standard", "show", "pump-station", "--request", "1").out
    assert shuize(home, "change", "approve", "1", "--as", "water-group").code == 6
    assert shuize(home, "change", "approve", "1", "--as", "zhao-min").code == 0
    again = shuize(home, "standard", "import", first, "--as", "water-group")
    assert (again.code, "all 1 standards are there already" in again.err) == (5, True)
    changed = str(a_folder(tmp_path / "changed", title="二号泵站"))
    refused = shuize(home, "standard", "import", changed, "--as", "water-group")
    assert (refused.code, "一号泵站 → 二号泵站" in refused.err) == (5, True)
    newer = str(a_folder(tmp_path / "newer", "2.0", "2026-02-01", "二号泵站"))
    assert shuize(home, "standard", "import", newer, "--as", "water-group").code == 0
    shown = shuize(home, "change", "show", "2").out
    assert '~ /pump-station/codes/01/title_zh  "一号泵站" → "二号泵站"' in shown
    candidate = shuize(home, "standard", "diff", "pump-station", "1.0", "2.0", "--request", "2").out
    assert "/codes/01/title_zh retitled: 一号泵站 → 二号泵站" in candidate
    assert shuize(home, "standard", "diff", "pump-station", "1.0", "2.0").code == 4
    assert shuize(home, "change", "approve", "2", "--as", "zhao-min").code == 0

    assert "二号泵站" in shuize(home, "standard", "show", "pump-station").out
    assert "一号泵站" in shuize(home, "standard", "show", "pump-station", "--version", "1.0").out
    for name in ("一泵", "二号泵站"):
        said = shuize(home, "standard", "show", "pump-station", "--code", name, "--json").json()
        assert said["code"] == "01"
    difference = shuize(home, "standard", "diff", "pump-station", "1.0", "2.0").out
    assert "/codes/01/title_zh retitled: 一号泵站 → 二号泵站" in difference
    day = ("--code", "01", "--on", "2026-01-15")
    assert shuize(home, "standard", "show", "pump-station", *day, "--json").json()["title_zh"] == "一号泵站"

    book = str(tmp_path / "ours.xlsx")
    assert shuize(home, "standard", "export", book, "--own").code == 0
    assert shuize(home, "standard", "export", book).code == 5
    said = shuize(home, "standard", "import", book, "--as", "water-group")
    assert "all 2 standards are there already" in said.err


@pytest.mark.parametrize("words", [("list",), ("show", "water-user-industry"), ("show", "gbt4754", "--json")])
def test_the_bundled_standards_need_no_home(tmp_path: Path, words: tuple[str, ...]) -> None:
    said = shuize(tmp_path / "none", "standard", *words)
    assert (said.code, said.err) == (0, "")
    assert not (tmp_path / "none").exists()


def test_every_bundled_standard_can_be_shown(tmp_path: Path) -> None:
    listed = shuize(tmp_path, "standard", "list", "--json").json()
    assert len(listed) >= 250
    for each in listed:
        if each["kind"] != "data-element" and not each["id"].startswith(("q", "gbt4754-")):
            said = shuize(tmp_path, "standard", "show", each["id"], "--version", each["version"])
            assert (said.code, each["digest"] in said.out) == (0, True), each["id"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("list", "--kind", "thing"), 4, "no kind of standard is called 'thing'"),
        (("show", "gbt2260-21", "--code", "210122"), 4, "it is in 2014, valid from 2014-12-31"),
        (("diff", "gbt4754", "2017", "2011"), 4, "gbt4754 has no version '2011'"),
        (("import", "nothing.xlsx", "--as", "water-group"), 3, "nothing.xlsx is not there"),
    ],
)
def test_a_refusal_says_what_is_wrong(home: Path, words: tuple[str, ...], code: int, message: str) -> None:
    said = shuize(home, "standard", *words)
    assert (said.code, message in said.err) == (code, True)
    assert "hint:" in said.err


def test_codes_are_generated_and_checked_with_the_place_of_what_is_wrong(tmp_path: Path) -> None:
    home, rule = tmp_path / "home", "customer-number-rule"  # none is needed for the bundled rules
    words = ("standard", "code", "generate", rule, "--set", "branch=5", "--set", "sequence=1", "--count", "3")
    made = shuize(home, *words).out.split()
    assert made == ["05000000017", "05000000025", "05000000033"]
    right = shuize(home, "standard", "code", "check", rule, *made)
    assert (right.code, right.err) == (0, "3 checked, 0 wrong\n")
    assert right.out.splitlines()[1].split() == ["05000000017", "05", "00000001", "7"]
    file = tmp_path / "codes.txt"
    file.write_text("\ufeff05000000017\r\n\r\n05000000018\r\nx\r\n", "utf-8")
    wrong = shuize(home, "standard", "code", "check", rule, "--file", str(file))
    assert (wrong.code, wrong.err) == (1, "3 checked, 2 wrong\n")
    assert wrong.out.splitlines()[1:] == [
        "3     '05000000018'  11         the check character is '8' instead of '7'",
        "4     'x'            2          it has 1 characters instead of 11",
    ]
    found = shuize(home, "standard", "code", "check", rule, "--file", str(file), "--json").json()
    assert [(each["line"], each["character"]) for each in found["wrong"]] == [(3, 11), (4, 2)]


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("check nosuch 1", 4, "known: bill-number-rule"),
        ("check tariff-class 1", 4, "no coding rule"),
        ("check customer-number-rule", 2, "give codes, or --file"),
        ("check customer-number-rule 1 --file x", 2, "give codes, or --file"),
        ("check customer-number-rule --file nothere", 3, "can't be read"),
        ("check customer-number-rule --file latin.txt", 3, "not UTF-8"),
        ("generate customer-number-rule --set branch=100 --set sequence=1", 3, "3 characters instead of 2"),
        ("generate customer-number-rule --set branch=1", 3, "Sequence within the branch is missing"),
        ("generate customer-number-rule --set branch", 2, "is not SEGMENT=VALUE"),
        ("generate bill-number-rule --set month=202113 --set branch=1 --set sequence=1", 3, "no date"),
        ("generate customer-number-rule --set branch=1 --set sequence=1 --count 0", 2, "count"),
    ],
)  # fmt: skip
def test_a_code_command_that_cannot_be_done_says_why(tmp_path: Path, line: str, code: int, told: str) -> None:
    (tmp_path / "latin.txt").write_bytes("höhe".encode("latin-1"))
    said = shuize(tmp_path / "home", "standard", "code", *line.split(), at=tmp_path)
    assert said.code == code
    assert told in said.err


def test_standards_are_read_over_http_as_they_are_cited(client: TestClient) -> None:
    listed = client.get("/standards", params={"kind": "code-list"}).json()
    cited = next(each for each in listed if (each["id"], each["version"]) == ("gbt2260-21", "2014"))
    shown = client.get("/standards/gbt2260-21", params={"version": "2014"}).json()
    assert (shown["kind"], shown["version"], shown["digest"]) == ("code-list", "2014", cited["digest"])
    assert client.get("/standards/gbt2260-21").json()["version"] == "2016"
    assert client.get("/standards/meter.calibre_mm").json()["kind"] == "data-element"
    for path in ("/standards/nosuch", "/standards/gbt2260-21?version=1999"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/standards?kind=nothing").status_code == 422


def test_versions_are_compared_over_http(client: TestClient) -> None:
    found = client.get("/standards/gbt2260-21/difference", params={"old": "2014", "new": "2016"})
    assert found.status_code == 200
    assert found.json()["changes"]
    assert client.get("/standards/gbt2260-21/difference", params={"old": "1", "new": "2"}).status_code == 404
    assert client.get("/standards/gbt2260-21/difference").status_code == 422
