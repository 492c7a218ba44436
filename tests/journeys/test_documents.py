"""What people read hangs together: links lead somewhere, a page in two languages says the same in both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHINESE = sorted((ROOT / "docs" / "zh-CN").glob("*.md"))
PAIRS = [
    (ROOT / "README.md", ROOT / "README.zh-CN.md"),
    *((ROOT / "docs" / path.name, path) for path in CHINESE),
]
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/DECISIONS.md")})
_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_ENGLISH_ONLY = re.compile(
    r"<!-- generated: (?:routes|errors|checks|figures) -->\n.*?<!-- end -->\n", re.DOTALL
)
_COMMENT = re.compile(r" +# .*$", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")
_FILE = re.compile(r"\bHOME/[\w.]+\w")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_HEADING = re.compile(r"^(#+) +(.+)$", re.MULTILINE)


def blocks(text: str) -> list[str]:
    """Return what stands between fences, but for comments and for pictures (`text`)."""
    return [_COMMENT.sub("", found[3]) for found in _BLOCK.finditer(text) if found[2] != "text"]


def prose(text: str) -> str:
    """Return the text without what stands between fences, and without the tables that are English only."""
    return _ENGLISH_ONLY.sub("", _BLOCK.sub("", text))


def code(text: str) -> set[str]:
    """Return what stands between single backticks, commands and names and values, and files of the home."""
    return {" ".join(found.split()) for found in (*_CODE.findall(prose(text)), *_FILE.findall(text))}


def figures(text: str) -> set[str]:
    """Return the numbers written in digits, outside code and addresses."""
    return set(_NUMBER.findall(_CODE.sub("", _LINK.sub("", prose(text)))))


def shape(text: str) -> list[str]:
    """Return the levels of the headings and, for every table under them, how many rows it has."""
    found = []
    for line in prose(text).splitlines():
        if heading := _HEADING.match(line):
            found.append(heading[1])
        elif line.startswith("| ---"):
            found.append("table")
        elif line.startswith("|"):
            found.append("row")
    return found


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    found: set[str] = set()
    for heading in _HEADING.findall(prose(text)):
        words = re.sub(r"[^\w\- ]", "", _LINK.sub("", heading[1]).lower()).strip()
        found.add(words.replace(" ", "-"))
    return found


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_in_two_languages_says_the_same(english: Path, chinese: Path) -> None:
    ours, theirs = english.read_text("utf-8"), chinese.read_text("utf-8")
    assert blocks(theirs) == blocks(ours)
    assert code(theirs) == code(ours)
    assert figures(theirs) == figures(ours)
    assert shape(theirs) == shape(ours)
    assert f"]({chinese.relative_to(english.parent)})" in ours
    assert f"]({'../' if chinese.parent.name == 'zh-CN' else ''}{english.name})" in theirs


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(prose(page.read_text("utf-8"))):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(target.read_text("utf-8")), f"{page.name}: {link}"


@pytest.mark.parametrize("path", CHINESE, ids=lambda path: path.name)
def test_a_chinese_page_is_chinese(path: Path) -> None:
    """A paragraph left in English would pass as the same page."""
    for part in re.split(r"\n\s*\n|^[|*-] ", prose(path.read_text("utf-8")), flags=re.MULTILINE):
        words = re.findall(r"[A-Za-z]{2,}", _CODE.sub("", _LINK.sub("", part)))
        assert len(words) < 12 or re.search(r"[\u4e00-\u9fff]{4}", part), part


@pytest.mark.parametrize(
    ("english", "chinese", "same"),
    [
        ("Run `a b` 5 times.", "运行 `a b` 5 次。", True),
        ("Run `a b` 5 times.", "运行 `a c` 5 次。", False),
        ("Run `a b` 5 times.", "运行 `a b` 6 次。", False),
        ("Run `a\nb`.\n\n```sh\nx  # why\n```", "运行 `a b`。\n\n```sh\nx  # 缘由\n```", True),
        ("```sh\nx\n```", "```sh\ny\n```", False),
        ("# a\n\n## b", "# a", False),
        ("| a |\n| --- |\n| b |", "| a |\n| --- |", False),
    ],
)
def test_a_difference_is_seen(english: str, chinese: str, *, same: bool) -> None:
    seen = [(blocks(text), code(text), figures(text), shape(text)) for text in (english, chinese)]
    assert (seen[0] == seen[1]) is same
