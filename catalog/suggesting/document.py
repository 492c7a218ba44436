"""A dataset's document with every binding suggested and none confirmed."""

from __future__ import annotations

import json
import re
from pathlib import Path

from catalog.datasets.models import SUGGESTED
from catalog.suggesting.models import ColumnSuggestion, FileSuggestion
from standards.library import Library
from standards.security import SecurityLevel, highest

_HEAD = """\
# Suggested by `shuize dataset suggest` for {file}, of which {rows:,} rows were looked at.
# Each field has a data element, with its likelihood and the reason. Where it is right, delete its line
# `{mark}`; where it is not, name another first (shuize standard list --kind data-element), or delete
# the field. Fill in what is empty, then: shuize dataset register THIS-FILE. It is refused while a line
# `{mark}` is left, and another party approves the bindings with the rest.
"""


def document(said: FileSuggestion, name: str, library: Library, by: str | None = None) -> str:
    """Return the document as YAML. What a program can't know is empty, and refused until it is filled in.

    The level is the highest of the suggested elements, which a person may raise.
    """
    bound = [column for column in said.columns if column.best]
    elements = [library.element(column.best.element) for column in bound if column.best]
    level = highest(element.security_level for element in elements) if elements else SecurityLevel.GENERAL_1
    lines = [_HEAD.format(file=_comment(said.file), rows=said.rows_looked_at, mark=SUGGESTED)]
    lines += [f"{key}: {_quoted(value)}" for key, value in _whole(name, by)]
    lines += [
        f"security_level: {level}  # the highest of the elements below",
        'update_frequency: ""  # see: shuize standard show update-frequency',
        "fields:",
    ]
    for column in bound:
        lines += _field(column)
    unbound = [column for column in said.columns if not column.best]
    if unbound:
        lines.append(
            "# Nothing is near enough to these columns; without a field they are left out when loading:"
        )
        lines += [f"#   {_comment(c.column)}: {c.values:,} values, {c.distinct:,} different" for c in unbound]
    return "\n".join(lines) + "\n"


def dataset_name(file: str) -> str:
    """Return a dataset's name made of a file's, where that has Latin letters."""
    latin = re.sub(r"[^a-z0-9]+", "-", Path(file).stem.lower()).strip("-")
    return re.sub(r"^[0-9-]+", "", latin)[:32].strip("-") or "my-dataset"


def _whole(name: str, by: str | None) -> tuple[tuple[str, str], ...]:
    who = by or ""
    return (
        ("name", name), ("title", ""), ("title_zh", ""), ("description", ""),
        ("owner", who), ("steward", who), ("organisation", ""),
    )  # fmt: skip


def _field(column: ColumnSuggestion) -> list[str]:
    best, *others = column.suggestions
    lines = [f"- name: {_quoted(column.field)}"]
    if column.column != column.field:
        lines.append(f"  column: {_quoted(column.column)}")
    lines.append(f"  element: {best.element}")
    if column.time_zone:
        lines.append(f"  time_zone: {column.time_zone}  # its times say no offset: where are they from?")
    lines.append(f"  {SUGGESTED}: {_quoted(f'{best.score:.2f}: {best.reason}')}")
    lines += [f"  # or {other.element} ({other.score:.2f}: {_comment(other.reason)})" for other in others]
    return lines


_UNPRINTABLE = re.compile(
    "[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML takes in no text but escaped."""


def _quoted(text: str) -> str:
    """Return text in double quotes, as JSON and YAML both read it."""
    said = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", said)


def _comment(text: str) -> str:
    """Return text that can't end the comment that it stands in."""
    return _UNPRINTABLE.sub(" ", text)
