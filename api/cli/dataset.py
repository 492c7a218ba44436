"""shuize dataset: register, change, retire, load, check, list, show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli import dataset_text, frame, gates, inspection_text, order_text
from api.cli.governed import Request
from catalog.gates.models import GateAction

app = typer.Typer(name="dataset", help="Governed datasets and their versions.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The dataset's name.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Revision = Annotated[int | None, typer.Option("--revision", help="A revision. Default: the present one.")]
Number = Annotated[int | None, typer.Option("--version", help="A version. Default: the newest.")]
Encoding = Annotated[
    str | None, typer.Option(help="Of a CSV file, where it can't be told: utf-8, gb18030, …")
]
Sheet = Annotated[str | None, typer.Option(help="Of an Excel file. Default: the first.")]


@app.command()
def example(json: frame.Json = False) -> None:
    """Print a complete dataset document to begin with.

    Example: shuize dataset example
    """
    from products.samples.documents import INFLOW, text

    if json:
        frame.document(INFLOW)
    else:
        frame.line(text(INFLOW).rstrip())


@app.command()
def suggest(
    file: Annotated[Path, typer.Argument(help="CSV, Parquet or Excel.")],
    name: Annotated[str | None, typer.Option(help="The dataset's name. Default: made of the file's.")] = None,
    by: frame.As = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    json: frame.Json = False,
) -> None:
    """Suggest what the columns of a file mean.

    It prints a dataset's document. Each column gets a data element by its name and content, with the reason,
    and a mark that a person takes away; `register` refuses the document until then.

    Example: shuize dataset suggest samples/customers-synthetic.csv
    """
    from catalog.loading.readers import ReadOptions
    from catalog.suggesting.document import dataset_name, document

    with frame.platform() as platform:
        said = platform.suggester.suggest(file, ReadOptions(encoding, sheet))
        if json:
            frame.document(said)
        else:
            who = by or platform.settings.party
            frame.line(document(said, name or dataset_name(said.file), platform.library, who).rstrip())
    unbound = sum(not column.suggestions for column in said.columns)
    frame.note(f"columns: {len(said.columns)}, without a suggestion: {unbound}; keep it: … > my.dataset.yaml")


@app.command()
def register(
    documents: Annotated[
        list[Path],
        typer.Argument(help="YAML or JSON that describes a dataset (see `example`), JSON lines, or folders."),
    ],
    reason: Annotated[str, typer.Option(help="Why, if there is more to say.")] = "first registration",
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Ask that datasets be registered. They are, once another party approves.

    A document says what a dataset is, who answers for it, and binds its fields to data elements. Of several
    each is a request of its own; all are asked for or none, and every fault is told.

    Example: shuize dataset register samples/inflow.dataset.yaml --as li-na
    """
    if len(documents) == 1 and not documents[0].is_dir() and documents[0].suffix.lower() != ".jsonl":
        Request("dataset", by, reason, json).register(documents[0])
        return
    from api.cli.change import spans
    from api.documents import read_documents

    said = [found for each in documents for found in read_documents(each)]
    with frame.platform() as platform:
        numbers = platform.batches.ask(said, by=frame.actor(platform, by), reason=reason)
    if json:
        frame.document({"requests": numbers})
        return
    frame.facts([("requests", spans(numbers)), ("datasets", f"{len(numbers):,}"), ("state", "open")])
    frame.note(f"next, somebody else: shuize change approve {spans(numbers)} --as PARTY")


@app.command()
def change(
    document: Annotated[Path, typer.Argument(help="The whole document, changed; see `dataset document`.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    base: Annotated[
        int | None, typer.Option(help="The revision it was written on. Default: the present one.")
    ] = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Ask that a dataset's document be changed.

    It is, once another party approves. If another revision has come into force meanwhile, the request is
    refused with what changed.

    Example: shuize dataset change samples/inflow.dataset.yaml --reason "a better title" --as li-na
    """
    Request("dataset", by, reason, json).change(document, base=base)


@app.command()
def retire(name: Name, reason: Reason, by: frame.As = None, json: frame.Json = False) -> None:
    """Ask that a dataset no longer be used. Its versions stay; nothing is loaded or built from it.

    Example: shuize dataset retire customer-register --reason "another one takes its place" --as li-na
    """
    Request("dataset", by, reason, json).retire(name)


@app.command()
def reinstate(name: Name, reason: Reason, by: frame.As = None, json: frame.Json = False) -> None:
    """Ask that a retired dataset be used again.

    Example: shuize dataset reinstate customer-register --reason "it is needed again" --as li-na
    """
    Request("dataset", by, reason, json).reinstate(name)


@app.command()
def document(name: Name, revision: Revision = None, json: frame.Json = False) -> None:
    """Print a dataset's document as YAML, to change it.

    Example: shuize dataset document dma-inflow
    """
    from catalog.changes import GovernedKind
    from products.samples.documents import text

    with frame.platform() as platform:
        found = platform.changes.revisions(GovernedKind.DATASET, name)[-1]
        if revision is not None:
            found = platform.changes.revision(GovernedKind.DATASET, name, revision)
    if json:
        frame.document(found)
        return
    frame.note(f"revision {found.number}, sha-256 {found.digest}")
    frame.line(text({k: v for k, v in found.document.items() if v is not None}).rstrip())


@app.command()
def load(
    name: Name,
    file: Annotated[Path, typer.Argument(help="CSV, Parquet or Excel.")],
    by: frame.As = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    gate: Annotated[
        GateAction | None, typer.Option(help="What becomes of rows that fail, if stricter than the document.")
    ] = None,
    json: frame.Json = False,
) -> None:
    """Load a file as an immutable version. The same rows are the same version, whatever the file.

    Example: shuize dataset load dma-inflow samples/inflow.csv --as li-na
    """
    from catalog.loading.readers import ReadOptions

    with frame.platform() as platform, frame.progress() as progress:
        options, who = ReadOptions(encoding, sheet, gate), frame.actor(platform, by)
        loaded = platform.loader.load(name, file, by=who, options=options, progress=progress)
    if loaded.ignored_columns:
        frame.note(
            f"columns that the dataset does not have were left out: {', '.join(loaded.ignored_columns)}"
        )
    if json:
        said: dict[str, object] = {"sensed": loaded.sensed, "drift": loaded.drift}
        if loaded.gate is not None:
            said |= {"gate": loaded.gate, "held": loaded.held}
        frame.document({"version": loaded.version, "is_new": loaded.is_new, **said})
        return
    version = loaded.version
    frame.facts(
        [
            ("dataset", name),
            ("version", version.number if loaded.is_new else f"{version.number} (there already)"),
            ("rows", f"{version.row_count:,}"),
            ("sha-256", version.digest),
        ],
    )
    dataset_text.profile(version)
    drift = loaded.drift
    inspection_text.seen(loaded.sensed, drift.warnings if drift else (), drift.base if drift else None)
    gates.at_the_gate(loaded)


@app.command()
def compare(
    name: Name,
    base: Annotated[
        int | None, typer.Option("--from", help="The older version. Default: the one before.")
    ] = None,
    number: Annotated[
        int | None, typer.Option("--to", help="The newer version. Default: the newest.")
    ] = None,
    json: frame.Json = False,
) -> None:
    """Compare two versions of a dataset.

    Shows fields, rows, missing values and how values are spread. The index is the population stability
    index: below 0.1 nothing to speak of, above 0.25 a shift.

    Example: shuize dataset compare dma-inflow --from 1 --to 2
    """
    with frame.platform() as platform:
        found = platform.drifts.compare(name, base=base, number=number)
    if json:
        frame.document(found)
    else:
        inspection_text.compared(found)


@app.command()
def check(name: Name, version: Number = None, by: frame.As = None, json: frame.Json = False) -> None:
    """Run the dataset's quality rules on a version. Exit code 1 when a rule fails.

    What fails becomes issues, and work orders for whoever answers for them: see `shuize order list`.

    Example: shuize dataset check dma-inflow --as wang-wei
    """
    with frame.platform() as platform, frame.progress() as progress:
        actor = frame.actor(platform, by)
        run = platform.quality.check(name, version, by=actor, progress=progress)
        progress("making issues and work orders")
        taken = platform.taking.take(run.id, by=actor)
    if json:
        frame.document({**run.model_dump(mode="json"), "taken": taken})
    else:
        dataset_text.report(run)
        order_text.taken(taken)
    if run.report.failed:
        raise typer.Exit(1)


@app.command("list")
def list_(
    after: Annotated[str | None, typer.Option(help="Only those whose names come after this one.")] = None,
    limit: frame.Limit = frame.FIRST,
    json: frame.Json = False,
) -> None:
    """List the datasets, by name.

    Example: shuize dataset list
    """
    with frame.platform() as platform:
        found = platform.datasets.list(after=after, limit=frame.looked_up(limit))
    found = frame.cut(found, limit, lambda dataset: dataset.name)
    if json:
        frame.document(found)
        return
    frame.rows(
        ("name", "title", "steward", "level", "versions"),
        (
            (d.name, d.document.title, d.document.steward, d.document.security_level, d.versions)
            for d in found
        ),
    )


@app.command()
def show(name: Name, version: Number = None, json: frame.Json = False) -> None:
    """Show a dataset and its versions.

    One version is shown with its profile, what sensitive data it holds, and quality. Of each field it
    says which version of its data element was approved, and whether there is a newer one.

    Example: shuize dataset show dma-inflow
    """
    from catalog.changes import GovernedKind

    with frame.platform() as platform:
        dataset, versions = platform.datasets.get(name), platform.datasets.versions(name)
        chosen = platform.datasets.version(name, version) if versions or version else None
        run = platform.quality.latest(name, chosen.number) if chosen else None
        sensing = platform.sensings.of(name, chosen.number) if chosen else None
        drift = platform.drifts.kept(name, chosen.number) if chosen else None
        meant = platform.changes.revision(GovernedKind.DATASET, name, dataset.revision).standards or ()
        newest = {each.id: platform.library.reference(each.id).version for each in meant}
    if json:
        said = {"standards": meant, "sensing": sensing, "drift": drift, "quality": run}
        frame.document({"dataset": dataset, "versions": versions, **said})
        return
    dataset_text.shown(dataset, versions, dataset_text.versions_of(meant, newest))
    if chosen:
        frame.line(f"\nprofile of version {chosen.number}")
        dataset_text.profile(chosen)
    if sensing:
        inspection_text.sensitive(sensing)
    if drift:
        inspection_text.kept(drift)
    if run:
        frame.line("")
        dataset_text.report(run)
