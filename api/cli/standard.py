"""shuize standard: the data standards that fields are bound to."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import frame

app = typer.Typer(name="standard", help="Data elements and code lists.", no_args_is_help=True)


@app.command("list")
def list_(json: frame.Json = False) -> None:
    """List every data element and code list.

    Example: shuize standard list
    """
    from standards.library import Library

    library = Library.load()
    elements, lists = library.elements(), library.code_lists()
    if json:
        frame.document({"elements": elements, "code_lists": [library.reference(each.id) for each in lists]})
        return
    frame.rows(
        ("data element", "type", "unit", "name", "名称"),
        ((e.id, e.type, e.unit, e.name_en, e.name_zh) for e in elements),
    )
    frame.line("")
    frame.rows(
        ("code list", "version", "codes", "title", "名称"),
        ((c.id, c.version, f"{len(c.codes):,}", c.title_en, c.title_zh) for c in lists),
    )


@app.command()
def show(
    standard: Annotated[str, typer.Argument(help="The id of a data element or a code list.")],
    json: frame.Json = False,
) -> None:
    """Show a data element, or a code list with its codes.

    Example: shuize standard show customer.industry_class
    """
    from standards.library import Library

    library = Library.load()
    reference = library.reference(standard)
    if "." in standard:
        element = library.element(standard)
        if json:
            frame.document(element)
        else:
            frame.facts([*element.model_dump(mode="json").items(), ("sha-256", reference.digest)])
        return
    codes = library.code_list(standard)
    if json:
        frame.document(codes)
        return
    frame.facts(
        [
            ("code list", codes.id),
            ("version", codes.version),
            ("title", f"{codes.title_en} {codes.title_zh}"),
            ("source", codes.source),
            ("sha-256", reference.digest),
        ],
    )
    frame.line("")
    frame.rows(
        ("code", "title", "名称"),
        (("  " * (c.level - 1) + c.code, c.title_en, c.title_zh) for c in codes.codes),
    )
