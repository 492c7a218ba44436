"""The `shuize` command: NOUN VERB. stdout is data, stderr is talk; imports are late, so help is quick."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit: the entry point of `shuize`."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # what a terminal can't show must not stop the work
    try:
        from api.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # before the command had begun
        code = 130
    sys.exit(code)
