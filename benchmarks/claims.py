"""One line of JSON per claim, so that every figure we publish can be printed again on another machine."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version


def claim(
    name: str, value: float, unit: str, goal: str | None, holds: bool | None, *, packages: Sequence[str] = (),
    beside: Mapping[str, float] | None = None,
) -> None:  # fmt: skip
    """Print a claim: what was measured, the goal in words, whether it is met, and with which versions.

    A figure for which no goal was set has None for both. `beside` are figures that help to read it, such as
    what the machine could do at best.
    """
    versions = {"python": platform.python_version(), **{package: version(package) for package in packages}}
    figure = value if isinstance(value, int) else float(f"{value:.4g}")
    figures = {name: float(f"{each:.4g}") for name, each in (beside or {}).items()}
    line = {"claim": name, "value": figure, "unit": unit, "goal": goal, "holds": holds, "versions": versions}
    print(json.dumps(line | ({"beside": figures} if figures else {}), ensure_ascii=False), flush=True)


def parse_quick(description: str | None) -> bool:
    """Return whether the command line asks for a small run, which shows that the benchmark works."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a small run, in seconds")
    return bool(parser.parse_args().quick)
