"""shuize standard: the data standards that fields are bound to, bundled ones and the utility's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from standards.library import Library

app = typer.Typer(
    name="standard", help="Data elements, code lists, rules and handbooks.", no_args_is_help=True
)

Version = Annotated[str | None, typer.Option(help="A version; the newest by default.")]
Request = Annotated[
    int | None, typer.Option("--request", help="With the candidates of this change request, as if published.")
]


@app.command("list")
def list_(
    kind: Annotated[
        str | None, typer.Option(help="Only this kind: code-list, data-element, rule, handbook, …")
    ] = None,
    json: frame.Json = False,
) -> None:
    """List every version of every standard.

    Example: shuize standard list --kind handbook
    """
    from api.cli.standard_text import kind_of

    wanted = kind_of(kind)
    with frame.library() as library:
        found = library.every_version(wanted)
    if json:
        frame.document(
            [
                {
                    "kind": each.kind.value,
                    "id": each.id,
                    "version": each.version,
                    "status": each.registration.value,
                    "title_zh": each.titles[0],
                    "title_en": each.titles[1],
                    "digest": each.digest(),
                }
                for each in found
            ]
        )
        return
    frame.rows(
        ("kind", "id", "version", "status", "title", "名称"),
        ((e.kind, e.id, e.version, e.registration, e.titles[1], e.titles[0]) for e in found),
    )


@app.command()
def show(
    standard: Annotated[str, typer.Argument(help="The id of a standard.")],
    version: Version = None,
    code: Annotated[
        str | None, typer.Option(help="Of a code list, show this code only; an alias will do.")
    ] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which the code must be valid.")
    ] = None,
    request: Request = None,
    json: frame.Json = False,
) -> None:
    """Show a standard, or one code of a code list.

    Example: shuize standard show water-user-industry
    """
    from api.cli.standard_text import describe

    with _library(request) as library:
        if code is not None:
            entry = library.code(standard, code, version=version, on=on.date() if on else None)
            if json:
                frame.document(entry)
            else:
                frame.facts(entry.model_dump(mode="json", exclude_none=True, exclude_defaults=True).items())
            return
        document = library.get(standard, version)
        if json:
            frame.document({"kind": document.kind, "digest": document.digest(), **document.document()})
        else:
            describe(document, library)


@app.command()
def diff(
    standard: Annotated[str, typer.Argument(help="The id of a standard.")],
    old: Annotated[str, typer.Argument(help="The version to begin with.")],
    new: Annotated[str, typer.Argument(help="The version to compare it with.")],
    request: Request = None,
    json: frame.Json = False,
) -> None:
    """Show what changed between two versions.

    Example: shuize standard diff gbt2260-21 2014 2016
    """
    from standards.differences import compare

    with _library(request) as library:
        difference = compare(library.get(standard, old), library.get(standard, new))
    if json:
        frame.document(difference)
        return
    for change in difference.changes:
        frame.line(str(change))
    frame.note(f"{len(difference.changes)} changes from {difference.old} to {difference.new}")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A folder of YAML and CSV files, or an Excel workbook.")],
    reason: Annotated[str, typer.Option(help="Why, if there is more to say.")] = "standards of our own",
    lowers: Annotated[
        bool,
        typer.Option(
            "--lowers-protection", help="Say that a data element is meant to protect less than before."
        ),
    ] = False,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Ask that a utility's own standards be published, all or none.

    They are, once another party approves: until then they are candidates that nothing cites. What is there
    already word for word is left out; a published version with another text is refused.

    Example: shuize standard import our-standards.xlsx --as water-group
    """
    from api.cli.change import asked
    from standards import exchange

    documents = exchange.read(path)
    with frame.platform() as platform:
        by = frame.actor(platform, by)
        change = platform.changes.publish(documents, by=by, reason=reason, lowers=lowers)
    asked(change, json)
    if left_out := len(documents) - len(change.document["standards"]):
        frame.note(f"{left_out} were there already, word for word, and are left out")


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="Where to write; nothing may be there.")],
    xlsx: Annotated[
        bool, typer.Option("--xlsx", help="Write an Excel workbook instead of a folder.")
    ] = False,
    kind: Annotated[str | None, typer.Option(help="Only this kind of standard.")] = None,
    own: Annotated[bool, typer.Option("--own", help="Only what was imported here.")] = False,
    json: frame.Json = False,
) -> None:
    """Write standards to a new folder or workbook.

    Read them, make new versions of them, import them elsewhere.

    Example: shuize standard export our-standards.xlsx --xlsx
    """
    from api.cli.standard_text import kind_of
    from standards import exchange

    wanted = kind_of(kind)
    if own:
        with frame.platform() as platform:
            found = platform.standards.documents()
            found = tuple(each for each in found if wanted in (None, each.kind))
    else:
        with frame.library() as library:
            found = library.every_version(wanted)
    exchange.write(found, path, workbook=xlsx or path.suffix.lower() == ".xlsx")
    if json:
        frame.document({"path": str(path), "standards": [each.reference() for each in found]})
    else:
        frame.line(str(path))
        frame.note(f"{len(found)} standards written")


@contextmanager
def _library(request: int | None) -> Iterator[Library]:
    """Yield the standards, with those that a request would publish where one is named."""
    if request is None:
        with frame.library() as library:
            yield library
        return
    from catalog.changes.publishing import proposed

    with frame.platform() as platform:
        yield platform.library.with_candidates(proposed(platform.changes.get(request)))
