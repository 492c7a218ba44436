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
def city(
    folder: Folder = Path("city"),
    customers: Annotated[int, typer.Option(help="How many customers, 1,000 to 4,000,000.")] = 3_800,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 20210101,
    rate: Annotated[
        float, typer.Option(help="Share of customers with a defect of each rule; 0: none.")
    ] = 0.001,
    on: Annotated[
        str | None, typer.Option(help="The day on which the city is seen; 2026-11-06 if left out.")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, max=64, help="How many blocks are made at a time.")] = 2,
    json: frame.Json = False,
) -> None:
    """Write a SYNTHETIC city: a utility with planted defects.

    Registers, a year of readings and bills as Parquet, a document for each, and the list of what is wrong.

    Example: shuize sample city city --customers 3800 --seed 7
    """
    from api.instants import day
    from products.samples.city.parts import AS_OF
    from products.samples.city.writing import write_city

    as_of = AS_OF if on is None else day(on)
    written = write_city(folder, customers, seed, rate=rate, as_of=as_of, threads=threads)
    if json:
        frame.document(written)
        return
    rows = ((f"{name}, rows", f"{count:,}") for name, count in written.rows.items())
    said = f"{written.planted:,} failures of {written.planted_rules} rules"
    planted = (("planted", said), ("list of planted", written.list_of_planted))
    frame.facts([("folder", written.folder), ("title", written.title), *rows, *planted])


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
