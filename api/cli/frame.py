"""What every command needs: the platform, who acts, progress on stderr, results on stdout."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from standards.texts import escaped

if TYPE_CHECKING:
    from api.wiring import Platform
    from standards.library import Library

_Thing = TypeVar("_Thing")

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
BROKEN_PIPE = 128 + 13
"""The exit code when the reader of the output has gone: what a shell gives for SIGPIPE."""

FIRST = 1_000
Limit = Annotated[int, typer.Option(min=0, help="At most so many; 0 for all.")]
"""How much of a long list, by default `FIRST`."""

As = Annotated[str | None, typer.Option("--as", help="The party who acts. Default: SHUIZE_PARTY.")]


@contextmanager
def platform() -> Iterator[Platform]:
    """Yield the platform that the environment describes, and close it afterwards."""
    from api import settings
    from api.wiring import Platform

    opened = Platform(settings.load())
    if names := settings.strangers():
        note(f"no setting, so without effect: {', '.join(names)}; docs/settings.md lists what there is")
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def library() -> Iterator[Library]:
    """Yield the standards: the bundled ones, and what this home has imported if there is a home."""
    with platform() as opened:
        yield opened.library


def actor(opened: Platform, given: str | None) -> str:
    """Return who acts. Raises NobodyActs."""
    from catalog.parties import NobodyActs

    party = given or opened.settings.party
    if party is None:
        raise NobodyActs("this needs to know who acts", hint="give --as PARTY, or set SHUIZE_PARTY")
    return party


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Yield a function that tells the present step on stderr: in place on a terminal, else line by line."""
    if not sys.stderr.isatty():
        yield lambda step: note(f"… {step}")
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting")
        yield lambda step: bar.update(task, description=step)


def looked_up(limit: int) -> int | None:
    """Return how many to look up to know whether there are more than the limit; 0 is no limit."""
    return limit + 1 if limit else None


def cut(found: tuple[_Thing, ...], limit: int, key: Callable[[_Thing], object]) -> tuple[_Thing, ...]:
    """Return what is shown of what was looked up, and say on stderr if that is not all."""
    if not limit or len(found) <= limit:
        return found
    shown = found[:limit]
    note(f"there are more than these {limit:,}: go on with --after {key(shown[-1])}, or see all: --limit 0")
    return shown


def note(text: str) -> None:
    """Say something to the person, on stderr; that nobody listens stops no work."""
    with suppress(BrokenPipeError):
        print(escaped(text), file=sys.stderr, flush=True)  # noqa: T201


def line(text: str) -> None:
    """Write a line of the result, on stdout, in which nothing steers the terminal.

    If its reader has gone, end as other programs do.
    """
    try:
        print(escaped(text), flush=True)  # noqa: T201
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end
        raise typer.Exit(BROKEN_PIPE) from None


def document(value: Any) -> None:
    """Write a result as JSON, on stdout; escaped where the terminal's encoding lacks letters."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    line(json.dumps(_plain(value), ensure_ascii=not unicode, indent=2))


def as_json(value: Any) -> str:
    """Return a result as JSON, for a file."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=2) + "\n"


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Write name and value pairs, one a line, on stdout; values are never cut."""
    listed = [(name, str(value)) for name, value in pairs if value is not None]
    width = max((len(name) for name, _ in listed), default=0)
    for name, value in listed:
        line(f"{name:<{width}}  {value}")


def rows(header: Sequence[str], body: Iterable[Sequence[object]]) -> None:
    """Write a table on stdout, columns aligned by what a terminal shows; values are never cut."""
    from rich.cells import cell_len

    cells = [["" if value is None else _cell(value) for value in row] for row in body]
    widths = [max(map(cell_len, column)) for column in zip(header, *cells, strict=True)]
    for row in (list(header), *cells):
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        line("  ".join(padded).rstrip())


def _cell(value: object) -> str:
    return escaped(str(value)).replace("\n", "\\n")


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value
