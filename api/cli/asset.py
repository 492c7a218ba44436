"""shuize asset: the register of data assets, for rights and accounting."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame
from standards.errors import Conflict

if TYPE_CHECKING:
    from catalog.assets import AssetAccount, AssetEntry

app = typer.Typer(name="asset", help="Data assets 数据资产: rights, costs, worth.", no_args_is_help=True)

Asset = Annotated[str, typer.Argument(help="The asset's id.")]
AsOf = Annotated[str | None, typer.Option("--on", help="The books at the end of this day. Default: today.")]


class FileInTheWay(Conflict):
    """A register can't be written where something else is."""

    code = "file-in-the-way"


class Kind(StrEnum):
    right = "right"
    restriction = "restriction"
    cost = "cost"
    amortisation = "amortisation"
    impairment = "impairment"
    valuation = "valuation"
    certificate = "certificate"


@app.command()
def example(json: frame.Json = False) -> None:
    """Print a complete asset document to begin with.

    Example: shuize asset example
    """
    from products.samples.documents import text
    from products.samples.governance import ASSET

    if json:
        frame.document(ASSET)
    else:
        frame.line(text(ASSET).rstrip())


@app.command()
def enter(
    document: Annotated[Path, typer.Argument(help="YAML or JSON that describes the asset; see `example`.")],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Enter an asset.

    The document says which dataset or product it is, where it comes from, by what right it is used.
    `example` prints one; `shuize sample governance` writes it as samples/asset.yaml.

    Example: shuize asset enter samples/asset.yaml --as li-na
    """
    from api.documents import read_document
    from catalog.assets import parse_asset

    draft = parse_asset(read_document(document), where=str(document))
    with frame.platform() as platform:
        asset = platform.assets.enter(draft, by=frame.actor(platform, by))
    if json:
        frame.document(asset)
    else:
        frame.facts(
            [("asset", asset.id), ("of", f"{draft.subject_kind} {draft.subject}"), ("sha-256", asset.digest)]
        )


@app.command()
def add(
    asset: Asset,
    kind: Annotated[Kind, typer.Argument(help="What the entry says.")],
    given: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE, a value of the entry; repeatable.")
    ] = None,
    documents: Annotated[
        list[Path] | None,
        typer.Option("--document", help="A file that proves it, kept in the store; repeatable."),
    ] = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Add an entry to an asset. docs/governance.md says which values each kind has.

    Example: shuize asset add inflow-data cost --set item=cleaning --set amount=1200.00 --as li-na
    """
    from catalog.assets import parse_entry

    said: dict[str, object] = {"kind": kind.value}
    for pair in given or ():
        name, sign, value = pair.partition("=")
        if not (name and sign and value):
            raise typer.BadParameter(f"--set wants NAME=VALUE, not {pair!r}")
        said[name] = value
    parse_entry(said, where="the entry")  # before any file is kept
    with frame.platform() as platform:
        actor = frame.actor(platform, by)
        said["documents"] = [platform.assets.keep_document(path).model_dump() for path in documents or ()]
        entry = platform.assets.add(asset, parse_entry(said, where="the entry"), by=actor)
    _result(entry, json)


@app.command()
def reverse(
    asset: Asset,
    entry: Annotated[int, typer.Argument(help="The entry's number; see `show`.")],
    reason: Annotated[str, typer.Option(help="Why it is taken back.")],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Take an entry back by another one; both stay in the register.

    Example: shuize asset reverse inflow-data 1 --reason "booked twice" --as li-na
    """
    with frame.platform() as platform:
        reversal = platform.assets.reverse(asset, entry, reason=reason, by=frame.actor(platform, by))
    _result(reversal, json)


@app.command("list")
def list_(on: AsOf = None, json: frame.Json = False) -> None:
    """List the assets and what the books carry them at, in CNY.

    Example: shuize asset list
    """
    with frame.platform() as platform:
        found = platform.assets.list(_day(on))
    if json:
        frame.document(found)
        return
    frame.rows(
        ("asset", "of", "capitalised", "amortised", "impaired", "carrying"),
        (
            (
                a.asset.id,
                f"{a.asset.document.subject_kind} {a.asset.document.subject}",
                f"{a.book.capitalised:,}",
                f"{a.book.amortised:,}",
                f"{a.book.impaired:,}",
                f"{a.book.carrying:,}",
            )
            for a in found
        ),
    )


@app.command()
def show(asset: Asset, on: AsOf = None, json: frame.Json = False) -> None:
    """Show an asset: entries, books, amortisation by month.

    Example: shuize asset show inflow-data
    """
    with frame.platform() as platform:
        account = platform.assets.get(asset, _day(on))
    if json:
        frame.document(account)
    else:
        _account(account)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="A new file, .xlsx or .json.")],
    on: AsOf = None,
    json: frame.Json = False,
) -> None:
    """Write the whole register to an Excel workbook or a JSON file.

    Example: shuize asset export samples/assets.xlsx
    """
    from catalog.assets import workbook

    if file.suffix.lower() not in (".xlsx", ".json"):
        raise typer.BadParameter("the file's name ends with .xlsx or .json")
    with frame.platform() as platform:
        accounts = platform.assets.list(_day(on))
    if file.suffix.lower() == ".xlsx":
        _write(file, workbook(accounts))
    else:
        _write(file, frame.as_json(accounts).encode())
    if json:
        frame.document({"file": str(file), "assets": len(accounts)})
    else:
        frame.facts([("file", file), ("assets", len(accounts))])


def _write(file: Path, data: bytes) -> None:
    try:
        with file.open("xb") as stream:
            stream.write(data)
    except FileExistsError as error:
        raise FileInTheWay(f"{file} exists already", hint="give a new file's name") from error
    except OSError as error:
        raise FileInTheWay(f"{file} can't be written: {error.strerror}", hint="give another") from error


def _day(text: str | None) -> date | None:
    from api.instants import day

    return day(text) if text else None


def _result(entry: AssetEntry, json: bool) -> None:
    if json:
        frame.document(entry)
        return
    frame.facts(
        [
            ("asset", entry.asset),
            ("entry", entry.number),
            ("kind", entry.content.kind),
            ("booked", entry.booked_on),
            ("sha-256", entry.digest),
        ]
    )


def _account(account: AssetAccount) -> None:
    draft = account.asset.document
    said = draft.model_dump(mode="json", exclude={"documents"})
    frame.facts([(name.replace("_", " "), value) for name, value in said.items()])
    frame.line("")
    frame.facts([(name, value) for name, value in account.book.model_dump(mode="json").items()])
    frame.line("")
    frame.rows(
        ("entry", "kind", "booked", "says", "taken back by"),
        ((e.number, e.content.kind, e.booked_on, _says(e), e.reversed_by) for e in account.entries),
    )
    if account.schedule.months:
        frame.line("")
        frame.rows(
            ("month", "opening", "added", "amortised", "impaired", "closing"),
            (tuple(month.model_dump(mode="json").values()) for month in account.schedule.months),
        )


def _says(entry: AssetEntry) -> str:
    said = entry.content.model_dump(mode="json", exclude={"kind", "booked_on", "documents"})
    return ", ".join(f"{name} {value}" for name, value in said.items() if value is not None)
