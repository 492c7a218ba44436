"""The command tree, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
import typer

from api.cli import chain, dataset, grant, party, product, sample, standard
from api.cli.demo import demo
from api.cli.operate import init, serve
from api.cli.verify import verify
from standards.errors import ShuizeError

app = typer.Typer(
    name="shuize",
    help="Shuize 水则: governed datasets, data products, and proofs that need no trust.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(init)
app.command()(demo)
app.command()(serve)
app.command()(verify)
for group in (dataset, product, party, grant, chain, standard, sample):
    app.add_typer(group.app)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Errors are said on stderr: what, where, how to mend."""
    try:
        code = app(args=list(arguments), prog_name="shuize", standalone_mode=False)
    except ShuizeError as error:
        return _say(error)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        print("stopped", file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; there is nobody to tell
        return 0
    return code if isinstance(code, int) else 0


def _say(error: ShuizeError) -> int:
    from api.problems import answer

    lines = [f"error: {error.message}"]
    lines += [f"  {fault.pointer}: {fault.detail}" for fault in error.faults]
    if error.hint:
        lines.append(f"hint: {error.hint}")
    print("\n".join(lines), file=sys.stderr)  # noqa: T201
    return answer(error)[1]
