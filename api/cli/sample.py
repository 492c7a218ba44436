"""shuize sample: files to begin with, each with the document that registers it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import frame

app = typer.Typer(name="sample", help="Sample files, real and synthetic.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="Folder for the files; created if missing.")]


@app.command()
def inflow(folder: Folder = Path("samples"), json: frame.Json = False) -> None:
    """Write the real sample: hourly inflow.

    Ten district metered areas of one city, 2021-01 to 2023-03. It needs shuize[demo].

    Example: shuize sample inflow samples
    """
    from products.samples import documents
    from products.samples.inflow import FILE_NAME, write_inflow

    _write(folder, FILE_NAME, write_inflow, documents.INFLOW, json)


@app.command()
def customers(
    folder: Folder = Path("samples"),
    count: Annotated[int, typer.Option(help="How many customers.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 20210101,
    json: frame.Json = False,
) -> None:
    """Write a SYNTHETIC register of customers.

    Non-resident customers with valid codes; nobody in it exists.

    Example: shuize sample customers samples
    """
    from products.samples import documents
    from products.samples.customers import FILE_NAME, write_customers

    def write(path: Path) -> object:
        return write_customers(path, count=count, seed=seed)

    _write(folder, FILE_NAME, write, documents.CUSTOMERS, json)


@app.command()
def governance(folder: Folder = Path("samples"), json: frame.Json = False) -> None:
    """Write SYNTHETIC samples of governance.

    An organisation, and documents that register a product and an asset.

    Example: shuize sample governance samples
    """
    from products.samples import governance as samples
    from products.samples.documents import make_folder, write_document
    from products.samples.written import write_csv

    make_folder(folder)
    tree = folder / "organisation.csv"
    write_csv(tree, samples.ORGANISATION_HEADER, samples.ORGANISATION)
    product = write_document(folder / "product.yaml", samples.PRODUCT)
    asset = write_document(folder / "asset.yaml", samples.ASSET)
    written = {"organisation": str(tree), "product": str(product), "asset": str(asset)}
    if json:
        frame.document(written)
    else:
        frame.facts(written.items())


def _write(
    folder: Path, name: str, write: Callable[[Path], object], document: dict[str, Any], json: bool
) -> None:
    from products.samples.documents import make_folder, write_document
    from products.samples.written import SampleWritten

    make_folder(folder)
    written = write(folder / name)
    assert isinstance(written, SampleWritten)
    described = write_document(folder / f"{Path(name).stem}.dataset.yaml", document)
    if json:
        frame.document({"data": written, "document": str(described)})
        return
    frame.facts(
        [
            ("data", written.path),
            ("document", described),
            ("rows", f"{written.rows:,}"),
            ("title", written.title),
            ("source", written.source),
            ("authors", ", ".join(written.authors)),
            ("licence", written.licence),
        ],
    )
