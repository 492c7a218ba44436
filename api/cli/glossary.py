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
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Add or replace concepts from a file.

    All of them or none; those with an id that is there are replaced, and the answer shows what they said.
    One member does so, without a request: look with `--dry-run` first.

    Example: shuize glossary import glossary.ttl --as li-na
    """
    concepts = _read(file)
    with frame.platform() as platform:
        if dry_run:
            done = platform.glossary.compare(concepts)
        else:
            done = platform.glossary.put(concepts, by=frame.actor(platform, by))
    if json:
        frame.document(done)
        return
    frame.facts(done.model_dump(include={"added", "changed", "unchanged"}).items())
    for concept, found in done.differences.items():
        for difference in found:
            frame.line(f"{concept} {difference}")
    if dry_run:
        frame.note("nothing was changed")


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

    Example: shuize glossary export --format turtle --to glossary.ttl
    """
    from standards import skos, skos_rdf

    with frame.platform() as platform:
        concepts = platform.glossary.list()
    if json and to is None:
        frame.document({"concepts": [concept.document() for concept in concepts]})
        return
    write = {Form.yaml: skos.to_yaml, Form.turtle: skos_rdf.to_turtle, Form.json_ld: skos_rdf.to_json_ld}[
        form
    ]
    if to is None:
        frame.line(write(concepts).rstrip())
        return
    _write(to, write(concepts))
    done = {"concepts": len(concepts), "file": str(to)}
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


def _read(file: Path) -> tuple[Concept, ...]:
    from api.documents import read_document, read_text
    from standards import skos, skos_rdf

    suffix = file.suffix.lower()
    if suffix == ".ttl":
        return skos_rdf.from_turtle(read_text(file, most_bytes=skos.LARGEST_BYTES), where=str(file))
    if suffix == ".jsonld":
        return skos_rdf.from_json_ld(read_text(file, most_bytes=skos.LARGEST_BYTES), where=str(file))
    return skos.parse(read_document(file), where=str(file))
