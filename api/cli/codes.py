"""shuize standard code: check and generate codes by the coding rules."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from standards.coding_rules import CodeFault, CodingRule

app = typer.Typer(
    name="code", help="Codes by their rules: customers, meters, books, bills.", no_args_is_help=True
)

Rule = Annotated[
    str,
    typer.Argument(
        help="customer-number-rule, meter-number-rule, meter-book-number-rule, bill-number-rule, "
        "or one of your own; see: shuize standard list --kind coding-rule."
    ),
]
Version = Annotated[str | None, typer.Option("--version", help="A version; the newest by default.")]


@app.command()
def check(
    rule: Rule,
    codes: Annotated[list[str] | None, typer.Argument(help="Codes.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", help="A text file, one code a line; - reads stdin.")
    ] = None,
    version: Version = None,
    json: frame.Json = False,
) -> None:
    """Check codes: which are wrong, at which character, and what is wrong there.

    Exit code 1 when one is wrong.

    Example: shuize standard code check customer-number-rule 05000000017
    """
    if bool(codes) == (file is not None):
        raise typer.BadParameter("give codes, or --file FILE")
    with frame.library() as library:
        found = library.coding_rule(rule, version)
    given = list(_lines(file)) if file is not None else list(enumerate(codes or (), 1))
    wrong = [(number, code, fault) for number, code in given if (fault := found.fault(code))]
    if json:
        frame.document(
            {"rule": found.id, "version": found.version, "checked": len(given), "wrong": _plain(wrong)}
        )
    elif wrong:
        frame.rows(
            ("line" if file else "number", "code", "character", "what is wrong"),
            ((number, repr(code), fault.place, fault.what) for number, code, fault in wrong),
        )
    elif codes:
        frame.rows(("code", *_titles(found)), ((code, *found.split(code).values()) for code in codes))
    frame.note(f"{len(given):,} checked, {len(wrong):,} wrong")
    if wrong:
        raise typer.Exit(1)


@app.command()
def generate(
    rule: Rule,
    given: Annotated[
        list[str] | None, typer.Option("--set", help="SEGMENT=VALUE, such as branch=5; repeatable.")
    ] = None,
    count: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="So many, counting the last running number on.")
    ] = 1,
    version: Version = None,
    json: frame.Json = False,
) -> None:
    """Generate codes: zero-filled, with their check digits. Nothing remembers which were given before.

    Example: shuize standard code generate customer-number-rule --set branch=5 --set sequence=1 --count 3
    """
    with frame.library() as library:
        found = library.coding_rule(rule, version)
    codes = list(found.series(found.parts(_pairs(given or ())), count))
    if json:
        frame.document({"rule": found.id, "version": found.version, "codes": codes})
    else:
        frame.line("\n".join(codes))


def _lines(file: str) -> Iterator[tuple[int, str]]:
    """Yield the codes of a file with their lines; blank lines are none."""
    from api.documents import UnreadableDocument, read_text

    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig") if file == "-" else read_text(Path(file))
    except UnicodeDecodeError as error:
        raise UnreadableDocument("stdin is not UTF-8 text", hint="convert it to UTF-8") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, line.rstrip("\r")


def _plain(wrong: Iterable[tuple[int, str, CodeFault]]) -> list[dict[str, object]]:
    return [
        {"line": number, "code": code, "character": fault.place, "segment": fault.segment, "what": fault.what}
        for number, code, fault in wrong
    ]


def _titles(rule: CodingRule) -> list[str]:
    return [segment.title_en for segment in rule.segments]


def _pairs(given: Iterable[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if bad := [name for name, sign, _ in pairs if not (name and sign)]:
        raise typer.BadParameter(f"{bad[0]!r} is not SEGMENT=VALUE", param_hint="--set")
    return {name: value for name, _, value in pairs}
