"""The standards that CONTRIBUTING.md shows are read as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

from standards.documents import Kind
from standards.library import Library
from standards.rules import Rule
from standards.shelves import Shelves

_SHOWN = re.compile(r"^```\w+\n# (\w+/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def shown(folder: Path) -> Library:
    """Write the files that the page shows into a folder, and return it as a library."""
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text("utf-8")
    for name, content in _SHOWN.findall(text):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return Library(Shelves(folder))


def test_the_code_list_is_read(tmp_path: Path) -> None:
    found = shown(tmp_path).code_list("pipe-material")
    assert [code.code for code in found.codes] == ["1", "11", "2", "21"]
    assert found.get("11").parent == "1"


def test_the_rule_means_something_beside_the_bundled_ones(tmp_path: Path) -> None:
    (rule,) = (each for each in shown(tmp_path).documents() if each.kind is Kind.RULE)
    assert isinstance(rule, Rule)
    bundled = Library.load()
    assert rule.id not in {each.id for each in bundled.documents()}
    bundled.beside(lambda: (rule,)).require_sound()
    assert rule.elements == ("meter.register_digits", "meter.status")
