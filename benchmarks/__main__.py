"""Run every benchmark of this folder, or those named, and print a table; exit code 1 if a claim fails."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_WORDS = {True: "ok", False: "NO", None: ""}
_NOT_BENCHMARKS = {"__init__", "__main__", "claims", "databases", "order_log"}


def main() -> int:
    """Run and tabulate."""
    folder = Path(__file__).parent
    known = sorted(path.stem for path in folder.glob("*.py") if path.stem not in _NOT_BENCHMARKS)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *known], help=f"of: {', '.join(known)}")
    parser.add_argument("--quick", action="store_true", help="small runs")
    given = parser.parse_args()
    claims: list[dict[str, Any]] = []
    broken = []
    for name in given.names or known:
        print(f"… {name}", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *(["--quick"] if given.quick else [])]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=folder.parent, check=False)
        claims += [json.loads(line) | {"script": name} for line in done.stdout.splitlines() if line.strip()]
        if done.returncode:
            broken.append(name)
    _table(claims)
    for name in broken:
        print(f"error: benchmarks/{name}.py ended with an error", file=sys.stderr)
    return 1 if broken or any(claim["holds"] is False for claim in claims) else 0


def _table(claims: list[dict[str, Any]]) -> None:
    rows = [("", "script", "claim", "value", "unit", "goal")]
    rows += [
        (_WORDS[c["holds"]], c["script"], c["claim"], f"{c['value']:,}", c["unit"], c["goal"] or "none set")
        for c in claims
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
