"""shuize dataset import and export: data contracts by the Open Data Contract Standard."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli import frame

app = typer.Typer()
"""Commands of `shuize dataset`."""


class Form(StrEnum):
    odcs = "odcs"


def _option(help_: str) -> typer.models.OptionInfo:
    info: typer.models.OptionInfo = typer.Option(help=help_)
    return info


@app.command("import")
def import_(
    contract: Annotated[Path, typer.Argument(help="A data contract, ODCS 3.0 to 3.2, in YAML or JSON.")],
    name: Annotated[str | None, _option("The dataset. Default: as its table is called.")] = None,
    table: Annotated[str | None, _option("Which of several tables.")] = None,
    owner: Annotated[str | None, _option("Default: the team's member with this role.")] = None,
    steward: Annotated[str | None, _option("Default: the team's member with this role.")] = None,
    organisation: Annotated[str | None, _option("Default: the contract's tenant.")] = None,
    security_level: Annotated[str | None, _option("Default: the highest of the fields' elements.")] = None,
    update_frequency: Annotated[str | None, _option("Default: the contract's SLA `frequency`.")] = None,
    bind: Annotated[
        list[str] | None, typer.Option(help="PROPERTY=ELEMENT, a data element; repeatable.")
    ] = None,
    leave_out: Annotated[
        list[str] | None, typer.Option(help="A property that becomes no field; repeatable.")
    ] = None,
    reason: Annotated[str | None, _option("Why. Default: the contract's id and version.")] = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Ask that a data contract become a dataset, or change one.

    The contract stays with the dataset, whole: an export gives it back, with what has changed here since.

    Example: shuize dataset import inflow.odcs.yaml --as li-na
    """
    from api.cli.change import asked
    from api.documents import read_text
    from catalog.exchange.odcs import Given
    from standards import odcs, plain_yaml

    document = odcs.read(read_text(contract, most_bytes=plain_yaml.MAX_BYTES), where=str(contract))
    given = Given(
        name=name,
        table=table,
        owner=owner,
        steward=steward,
        organisation=organisation,
        security_level=security_level,
        update_frequency=update_frequency,
        elements=_bindings(bind),
        left_out=frozenset(leave_out or ()),
    )
    with frame.platform() as platform:
        made = platform.data_contracts.ask(
            document, given, by=frame.actor(platform, by), reason=reason, where=str(contract)
        )
    if made.other_checks:
        frame.note(f"these checks stay in the contract and are not run here: {', '.join(made.other_checks)}")
    asked(made.change, json)


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="The dataset's name.")],
    form: Annotated[Form, typer.Option("--format", help="A data contract, ODCS 3.2.")] = Form.odcs,
    out: Annotated[
        Path | None, _option("Write this file instead of printing; JSON if it ends in .json.")
    ] = None,
    json: frame.Json = False,
) -> None:
    """Print or write a dataset's data contract.

    Example: shuize dataset export dma-inflow --format odcs --out inflow.odcs.yaml
    """
    from api.documents import write_text
    from standards import plain_yaml

    with frame.platform() as platform:
        document = platform.data_contracts.of(name)
    done = {"contract": document["id"], "version": document["version"], "file": str(out)}
    if out is not None:
        write_text(out, frame.as_json(document) if out.suffix == ".json" else plain_yaml.write(document))
    if json:
        frame.document(document if out is None else done)
    elif out is None:
        frame.line(plain_yaml.write(document).rstrip("\n"))
    else:
        frame.facts(done.items())


def _bindings(given: Sequence[str] | None) -> dict[str, str]:
    """Return which element each property is bound to; an element has no = in its id."""
    found = [text.rpartition("=") for text in given or ()]
    if wrong := ["".join(parts) for parts in found if not (parts[0] and parts[2])]:
        raise typer.BadParameter(f"--bind wants PROPERTY=ELEMENT, not {wrong[0]!r}")
    return {name: element for name, _, element in found}
