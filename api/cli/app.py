"""The command tree, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from api.cli import (
    asset,
    catalog,
    chain,
    change,
    codes,
    correction,
    data_contracts,
    dataset,
    evidence,
    experience,
    frame,
    gates,
    glossary,
    grant,
    inspection,
    issue,
    lineage,
    order,
    organisation,
    party,
    product,
    records,
    report,
    role,
    rule,
    sample,
    sampling,
    scores,
    series,
    standard,
    trail,
    waiver,
)
from api.cli.demo import demo
from api.cli.operate import init, serve
from api.cli.search import reindex, search
from api.cli.verify import verify
from standards.errors import InvalidInput, ShuizeError

USAGE, FAULT, STOPPED = 2, 70, 130


class NotText(InvalidInput):
    """A part of the command line that is no text in the terminal's encoding."""

    code = "not-text"


app = typer.Typer(
    name="shuize",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(init)
app.command()(demo)
app.command()(serve)
app.command()(verify)
app.command()(search)
app.command()(reindex)
for group in (
    dataset,
    issue,
    order,
    waiver,
    evidence,
    correction,
    inspection,
    experience,
    product,
    party,
    grant,
    chain,
    standard,
    rule,
    glossary,
    sample,
    sampling,
    lineage,
    organisation,
    role,
    change,
    trail,
    asset,
    series,
    catalog,
    report,
):
    app.add_typer(group.app)
standard.app.add_typer(codes.app)
dataset.app.add_typer(data_contracts.app)
dataset.app.command("check-record")(records.check_record)
dataset.app.command()(scores.score)
dataset.app.command()(gates.quarantine)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        frame.line(f"shuize {version('shuize')}")
        raise typer.Exit


@app.callback()
def shuize(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Shuize 水则: governed datasets, data products, and proofs that need no trust.

    Results go to stdout, talk to stderr. SHUIZE_HOME says where everything lies.

    Example: shuize --version
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Errors are said on stderr: what, where, how to mend."""
    try:
        _require_text(arguments)
        code = app(args=list(arguments), prog_name="shuize", standalone_mode=False)
    except ShuizeError as error:
        return _say(error)
    except typer.TyperException as error:
        return _misused(error)
    except KeyboardInterrupt:
        return stopped()
    except Exception as error:
        traceback.print_exc()
        frame.note(f"error: a fault of the program: {type(error).__name__}")
        frame.note("hint: nothing is known of the outcome; please report what stands above")
        return FAULT
    if code == STOPPED:
        return stopped()
    return code if isinstance(code, int) else 0


def _require_text(arguments: Sequence[str]) -> None:
    """Python gives bytes that are no text as halves of surrogate pairs, which nothing can store."""
    for argument in arguments:
        if any("\ud800" <= character <= "\udfff" for character in argument):
            raise NotText(
                f"{argument!r} holds bytes that are no text in {sys.getfilesystemencoding()}",
                hint="type it in that encoding; a file of such a name has to be renamed first",
            )


def stopped() -> int:
    """Say that Ctrl-C was heard, and return its exit code."""
    frame.note("stopped")
    return STOPPED


def _misused(error: typer.TyperException) -> int:
    """Say what is wrong with the command line itself; without arguments that is the help."""
    context = getattr(error, "ctx", None)
    if context is None or type(error).__name__ == "NoArgsIsHelpError":
        frame.note(error.format_message())
        return USAGE
    frame.note(f"{context.get_usage()}\n\nerror: {error.format_message()}")
    frame.note(f"hint: see `{context.command_path} --help`")
    return USAGE


def _say(error: ShuizeError) -> int:
    from api.problems import answer

    lines = [f"error: {error.message}"]
    lines += [f"  {fault.pointer}: {fault.detail}" for fault in error.faults]
    if error.hint:
        lines.append(f"hint: {error.hint}")
    frame.note("\n".join(lines))
    return answer(type(error))[1]
