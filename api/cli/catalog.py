"""shuize catalog: the whole catalog, for other catalogs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from api.settings import Settings

app = typer.Typer(name="catalog", help="The whole catalog, for other catalogs.", no_args_is_help=True)


class Form(StrEnum):
    turtle = "turtle"
    json_ld = "json-ld"


@app.callback()
def _catalog() -> None:
    """Tell other catalogs what this one holds."""


@app.command()
def export(
    form: Annotated[Form, typer.Option("--format", help="The form to write.")] = Form.turtle,
    to: Annotated[Path | None, typer.Option(help="Write this file instead of printing.")] = None,
    json: frame.Json = False,
) -> None:
    """Write the whole catalog in DCAT 3.

    Products, series and datasets, with every release and version. Names begin with SHUIZE_PUBLIC_URL. With
    --json and no file, JSON-LD is printed.

    Example: shuize catalog export --format turtle --to catalog.ttl
    """
    from catalog.exchange import dcat_text
    from catalog.exchange.dcat_iris import Iris

    if json and to is None:
        form = Form.json_ld
    with frame.platform() as platform:
        iris = Iris.below(address(platform.settings))
        parts = dcat_text.stream(platform.dcat.whole(iris), dcat_text.Form(form.value))
        if to is None:
            for part in parts:
                frame.line(part.removesuffix("\n"))
            return
        size = _write(to, parts)
    done = {"file": str(to), "format": form.value, "bytes": size}
    if json:
        frame.document(done)
    else:
        frame.facts(done.items())


def address(settings: Settings) -> str:
    """Return what names begin with."""
    if settings.public_url is not None:
        return settings.public_url
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    here = f"http://{host}:{settings.port}"
    frame.note(f"note: names begin with {here}; SHUIZE_PUBLIC_URL says what others can reach")
    return here


def _write(file: Path, parts: Iterable[str]) -> int:
    """Write the file, whole or not at all, and return its size in bytes."""
    from api.documents import DocumentNotWritten

    beginning = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")  # two may write at once
    try:
        try:
            with beginning.open("x", encoding="utf-8") as out:
                out.writelines(parts)
            size = beginning.stat().st_size
            beginning.replace(file)
        finally:
            beginning.unlink(missing_ok=True)
    except OSError as error:
        raise DocumentNotWritten(
            f"{file} can't be written: {error.strerror}", hint="give another file"
        ) from error
    return size
