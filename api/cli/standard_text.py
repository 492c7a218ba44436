"""Standards in a terminal, to be read by people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from api.cli import frame
from standards.code_lists import CodeList, span
from standards.coding_rules import CodingRule
from standards.crosswalks import Crosswalk
from standards.data_elements import DataElement, representation, value_domain
from standards.documents import Document, Kind
from standards.errors import NotFound
from standards.handbooks import Chapter, Handbook
from standards.indicators import Indicator
from standards.shelves import nearest

if TYPE_CHECKING:
    from standards.library import Library

_WIDTH = 88


class UnknownKind(NotFound):
    """There is no such kind of standard."""

    code = "unknown-kind-of-standard"


def kind_of(word: str | None) -> Kind | None:
    """Return the kind that a word names; the plural will do. Raises UnknownKind."""
    if word is None:
        return None
    for kind in Kind:
        if word in (kind.value, f"{kind.value}s", kind.folder):
            return kind
    raise UnknownKind(f"no kind of standard is called {word!r}", hint=nearest(word, list(Kind)))


def describe(document: Document, library: Library) -> None:
    """Write a standard on stdout."""
    if isinstance(document, Handbook):
        _handbook(document, library)
        return
    head(document)
    if isinstance(document, CodeList):
        frame.facts([("source", document.source)])
        _codes(document)
    elif isinstance(document, Crosswalk):
        frame.facts([("source", document.source)])
        _mappings(document, library)
    elif isinstance(document, CodingRule):
        _coding_rule(document)
    elif isinstance(document, Indicator):
        _indicator(document)
    else:
        _facts(document)


def head(document: Document) -> None:
    """Write what every standard begins with: titles, citation, validity and digest."""
    title_zh, title_en = document.titles
    frame.line(f"{title_zh}  {title_en}")
    frame.line(
        f"{document.kind} {document.citation} · {document.registration} · valid {span(*document.valid)}"
    )
    frame.line(f"sha-256 {document.digest()}")
    frame.line("")


def _facts(document: Document) -> None:
    told = ("id", "version", "name_zh", "name_en", "status", "valid_from", "valid_to")
    pairs = [
        (name.replace("_", " "), _said(value))
        for name, value in document.document().items()
        if name not in told
    ]
    if isinstance(document, DataElement):
        pairs += [("value domain", value_domain(document)), ("representation", representation(document))]
    frame.facts(pairs)


def _codes(codes: CodeList) -> None:
    dated = any(entry.valid_from or entry.valid_to or entry.aliases for entry in codes.codes)
    frame.line("")
    frame.rows(
        ("code", "title", "名称", *(("aliases", "valid") if dated else ())),
        (
            (
                "  " * (entry.level - 1) + entry.code,
                entry.title_en,
                entry.title_zh,
                *((", ".join(entry.aliases), _dates(entry.valid_from, entry.valid_to)) if dated else ()),
            )
            for entry in codes.codes
        ),
    )


def _dates(first: object, last: object) -> str:
    return f"{first or '…'} – {last or '…'}" if first or last else ""


def _mappings(crosswalk: Crosswalk, library: Library) -> None:
    source, target = (
        library.code_list(*cited.split("@")) for cited in (crosswalk.source_list, crosswalk.target_list)
    )
    frame.line("")
    frame.rows(
        (crosswalk.source_list, "", "relation", crosswalk.target_list, "", "note"),
        (
            (
                mapping.source,
                source.get(mapping.source).title_zh,
                mapping.relation,
                mapping.target,
                target.get(mapping.target).title_zh,
                mapping.note,
            )
            for mapping in crosswalk.mappings
        ),
    )


def _coding_rule(rule: CodingRule) -> None:
    paragraph(rule.definition_zh)
    paragraph(rule.definition)
    frame.line("")
    frame.rows(
        ("segment", "名称", "length", "kind", "what"),
        (
            (s.title_en, s.title_zh, s.length, s.kind, s.text or s.alphabet or s.form or s.algorithm)
            for s in rule.segments
        ),
    )
    frame.line("")
    frame.facts(
        [
            ("data element", rule.element),
            ("length", rule.length),
            ("examples", ", ".join(rule.examples) or None),
        ]
    )


def _indicator(indicator: Indicator) -> None:
    paragraph(indicator.definition_zh)
    paragraph(indicator.definition)
    frame.line("")
    frame.facts(
        [
            ("formula", indicator.formula),
            *((f"  {i.symbol}", f"{i.meaning_zh} ({i.element or i.indicator})") for i in indicator.inputs),
            ("unit", indicator.unit),
            ("dimensions", ", ".join(indicator.dimensions) or None),
            ("periods", ", ".join(indicator.periods)),
            ("source", indicator.source),
        ]
    )


def _handbook(handbook: Handbook, library: Library) -> None:
    head(handbook)
    paragraph(handbook.summary_zh)
    paragraph(handbook.summary_en)
    if handbook.source:
        paragraph(f"({handbook.source})")
    for number, chapter in enumerate(handbook.chapters, start=1):
        frame.line("")
        frame.line(f"{number}  {chapter.title_zh}  {chapter.title_en}")
        paragraph(chapter.text_zh, "   ")
        paragraph(chapter.text_en, "   ")
        if chapter.members:
            frame.line("")
            _members(chapter, library)


def _members(chapter: Chapter, library: Library) -> None:
    from rich.cells import cell_len

    found = [library.get(*member.split("@")) for member in chapter.members]
    width = max(len(each.citation) for each in found)
    titles = max(cell_len(each.titles[0]) for each in found)
    for each in found:
        padding = " " * (titles - cell_len(each.titles[0]))
        frame.line(f"   {each.citation:<{width}}  {each.titles[0]}{padding}  {each.titles[1]}")


def paragraph(text: str, indent: str = "") -> None:
    """Write a text, in lines that a terminal shows whole."""
    for line in _wrapped(text, _WIDTH - len(indent)):
        frame.line(indent + line)


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Yield lines of what a terminal shows as `width` columns; Chinese breaks anywhere but before a stop."""
    from rich.cells import cell_len

    if cell_len(text) == len(text):
        yield from textwrap.wrap(text, width)
        return
    line = ""
    for character in text:
        if cell_len(line + character) > width and character not in ",。;:、!?)”》":
            yield line
            line = ""
        line += character
    yield line


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {each}" for name, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
