"""shuize search and reindex: find anything by words, codes or parts of them."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.search.query import Found, Hit


class Kind(StrEnum):
    dataset = "dataset"
    product = "product"
    concept = "concept"
    data_element = "data-element"
    code_list = "code-list"
    code = "code"
    unit = "unit"
    party = "party"
    experience = "experience"


class State(StrEnum):
    registered = "registered"
    retired = "retired"
    open = "open"
    closed = "closed"


def search(
    words: Annotated[list[str], typer.Argument(help="Words, codes or parts of them: 用电, meter, 4610.")],
    kind: Annotated[list[Kind] | None, typer.Option(help="Only things of this kind; repeatable.")] = None,
    state: Annotated[State | None, typer.Option(help="Only things in this state.")] = None,
    security_level: Annotated[str | None, typer.Option(help="Only of this level: general-2.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only this party's.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Only this organisation's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Hits to show.")] = 20,
    offset: Annotated[int, typer.Option(min=0, max=499, help="Hits to pass over.")] = 0,
    json: frame.Json = False,
) -> None:
    """Find anything: data, products, words, codes.

    Looks through datasets, products, concepts, data elements, code lists, codes, units of the organisation
    and parties. Every word must be found, in whatever place. What is retired or closed comes last. Exit code
    1 when nothing is found.

    Example: shuize search 用水
    """
    from catalog.search import entries
    from catalog.search.query import SearchQuery

    query = SearchQuery(
        text=" ".join(words),
        kinds=tuple(entries.Kind(each.value) for each in kind or ()),
        state=state.value if state else None,
        security_level=security_level,
        owner=owner,
        organisation=organisation,
        limit=limit,
        offset=offset,
    )
    with frame.platform() as platform:
        found = platform.search.find(query)
    if json:
        frame.document(found)
    else:
        _show(found)
    if not found.total:
        raise typer.Exit(1)


def reindex(json: frame.Json = False) -> None:
    """Write the search index again.

    Things are indexed when they are stored, so this is for repair.

    Example: shuize reindex
    """
    with frame.platform() as platform, frame.progress() as progress:
        progress("reading everything")
        done = platform.search.reindex()
    if json:
        frame.document(done)
    else:
        frame.facts([(kind, f"{count:,}") for kind, count in done.entries.items()])


def _show(found: Found) -> None:
    frame.rows(
        ("kind", "key", "名称", "title", "match"),
        ((h.kind, h.key, _marked(h, "title_zh"), _marked(h, "title_en"), _how(h)) for h in found.hits),
    )
    counts = ", ".join(f"{value.value} {value.count:,}" for value in found.facets["kind"])
    about = "" if found.is_exact else "about "
    frame.note(f"{about}{found.total:,} found" + (f": {counts}" if counts else ""))
    if found.next_offset is not None:
        frame.note(f"more: --offset {found.next_offset}")


def _how(hit: Hit) -> str:
    how = f"{hit.match} ({hit.via})" if hit.via else hit.match
    return f"{how}, {hit.state}" if hit.state in ("retired", "closed") else how


def _marked(hit: Hit, place: str) -> str | None:
    """Return a title, its hits in bold on a terminal."""
    for highlight in hit.highlights:
        if highlight.place == place and sys.stdout.isatty():
            return "".join(
                f"\033[1m{part}\033[0m" if number % 2 else part for number, part in enumerate(highlight.parts)
            )
    title: str | None = getattr(hit, place)
    return title
