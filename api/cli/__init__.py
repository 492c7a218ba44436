"""The `shuize` command: NOUN VERB. stdout is data, stderr is talk; imports are late, so help is quick."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit: the entry point of `shuize`."""
    from api.cli.app import run

    sys.exit(run(sys.argv[1:]))
