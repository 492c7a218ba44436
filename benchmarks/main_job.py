"""The demo's wall time, and the time until help is on the screen. Both as a person waits for them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.claims import claim, parse_quick

DEMO_GOAL_SECONDS = 180
HELP_GOAL_SECONDS = 0.5
PACKAGES = ("duckdb", "pyarrow", "web3", "py-evm", "typer")


def seconds(*command: str) -> float:
    """Return how long `shuize` took with these arguments."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "api", *command], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure; --quick takes fewer runs of help."""
    runs = 3 if parse_quick(__doc__) else 11
    with tempfile.TemporaryDirectory() as folder:
        demo = seconds("demo", "--folder", str(Path(folder) / "demo"))
    holds = demo <= DEMO_GOAL_SECONDS
    claim("demo, after installation", demo, "s", f"<= {DEMO_GOAL_SECONDS}", holds, packages=PACKAGES)
    for command in (("--help",), ("dataset", "load", "--help")):
        median = statistics.median(seconds(*command) for _ in range(runs))
        name = f"shuize {' '.join(command)}, median of {runs}"
        claim(name, median, "s", f"<= {HELP_GOAL_SECONDS}", median <= HELP_GOAL_SECONDS, packages=PACKAGES)


if __name__ == "__main__":
    main()
