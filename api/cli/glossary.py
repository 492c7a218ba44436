"""shuize glossary: what words mean here, in Chinese and English."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from standards.skos import Concept

app = typer.Typer(name="glossary", help="Concepts: their names, meaning and links.", no_args_is_help=True)


class Form(StrEnum):
    yaml = "yaml"
    turtle = "turtle"
    json_ld = "json-ld"


@app.command("list")
def list_(json: frame.Json = False) -> None:
    """List all concepts.

    Example: shuize glossary list
    """
    with frame.platform() as platform:
        concepts = platform.glossary.list()
    if json:
        frame.document(concepts)
        return
    frame.rows(
        ("concept", "名称", "name", "broader"),
        ((c.id, c.pref_zh, c.pref_en, ", ".join(c.broader)) for c in concepts),
    )


@app.command()
def show(
    concept: Annotated[str, typer.Argument(help="A concept's id, or one of its labels.")],
    json: frame.Json = False,
) -> None:
    """Show one concept: its labels, meaning, neighbours and links.

    Example: shuize glossary show 漏损率
    """
    with frame.platform() as platform:
        view = platform.glossary.get(concept)
    if json:
        frame.document(view)
        return
    said = [*view.concept.document().items(), ("narrower", view.narrower)]
    frame.facts(
        (name, ", ".join(value) if isinstance(value, list | tuple) else value)
        for name, value in said
        if value
    )


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="YAML, SKOS in Turtle (.ttl) or SKOS in JSON-LD (.jsonld).")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
    ] = False,
    base: Annotated[
        int | None,
        typer.Option(help="The revision of the glossary it was written on. Default: what the file says."),
    ] = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Add or replace concepts from a file.

    All of them or none; those with an id that is there are replaced, and the answer shows what they said.
    If one has changed since the revision that the file was written on, all is refused, with the conflict.
    One member does so, without a request: look with `--dry-run` first.

    Example: shuize glossary import glossary.ttl --as li-na
    """
    concepts, said = _read(file)
    base = said if base is None else base
    with frame.platform() as platform:
        if dry_run:
            done = platform.glossary.compare(concepts, base=base)
        else:
            done = platform.glossary.put(concepts, by=frame.actor(platform, by), base=base)
    if json:
        frame.document(done)
        return
    frame.facts(done.model_dump(include={"added", "changed", "unchanged", "revision"}).items())
    for concept, found in done.differences.items():
        for difference in found:
            frame.line(f"{concept} {difference}")
    if dry_run:
        frame.note("nothing was changed")


@app.command()
def history(
    concept: Annotated[str, typer.Argument(help="A concept's id, also of one taken out.")],
    json: frame.Json = False,
) -> None:
    """Show what a concept said in each revision.

    Example: shuize glossary history leakage-rate
    """
    from catalog.changes.differences import differences

    with frame.platform() as platform:
        found = platform.glossary.history(concept)
    if json:
        frame.document(found)
        return
    before: dict[str, object] = {}
    for each in found:
        frame.line(
            f"revision {each.number}, {each.changed_at:%Y-%m-%d %H:%M} UTC by {each.changed_by or 'system'}"
        )
        after = dict(each.concept.document()) if each.concept else {}
        for difference in differences(before, after):
            frame.line(f"  {difference}")
        before = after


@app.command()
def remove(
    concept: Annotated[str, typer.Argument(help="A concept's id.")],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Take a concept out that no other refers to.

    Example: shuize glossary remove calendarisation --as li-na
    """
    with frame.platform() as platform:
        platform.glossary.remove(concept, by=frame.actor(platform, by))
    if json:
        frame.document({"removed": concept})
    else:
        frame.line(f"{concept} is out of the glossary")


@app.command()
def export(
    form: Annotated[Form, typer.Option("--format", help="The form to write.")] = Form.yaml,
    to: Annotated[Path | None, typer.Option(help="Write this file instead of printing.")] = None,
    json: frame.Json = False,
) -> None:
    """Print the glossary as a document that import takes.

    As YAML it says on which revision it was written.

    Example: shuize glossary export --format turtle --to glossary.ttl
    """
    from standards import skos, skos_rdf

    with frame.platform() as platform:
        revision, concepts = platform.glossary.revision(), platform.glossary.list()
    if json and to is None:
        frame.document({"revision": revision, "concepts": [concept.document() for concept in concepts]})
        return
    if form is Form.yaml:
        text = f"revision: {revision}\n{skos.to_yaml(concepts)}"
    else:
        text = (skos_rdf.to_turtle if form is Form.turtle else skos_rdf.to_json_ld)(concepts)
    if to is None:
        frame.line(text.rstrip())
        frame.note(f"revision {revision} of the glossary")
        return
    _write(to, text)
    done = {"concepts": len(concepts), "revision": revision, "file": str(to)}
    if json:
        frame.document(done)
    else:
        frame.facts(done.items())


def _write(file: Path, text: str) -> None:
    from api.documents import DocumentNotWritten

    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise DocumentNotWritten(
            f"{file} can't be written: {error.strerror}", hint="give another file"
        ) from error


def _read(file: Path) -> tuple[tuple[Concept, ...], int | None]:
    """Return the concepts of a file, and the revision of the glossary that it says it was written on."""
    from api.documents import read_document, read_text
    from standards import skos, skos_rdf

    suffix = file.suffix.lower()
    if suffix == ".ttl":
        text = read_text(file, most_bytes=skos.LARGEST_BYTES)
        return skos_rdf.from_turtle(text, where=str(file)), None
    if suffix == ".jsonld":
        text = read_text(file, most_bytes=skos.LARGEST_BYTES)
        return skos_rdf.from_json_ld(text, where=str(file)), None
    document = read_document(file)
    return skos.parse(document, where=str(file)), skos.written_on(document, where=str(file))
