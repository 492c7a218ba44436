"""How quick the machine is: what to hold every other figure against. Nothing of the project is run.

The same virtual machine was seen to differ by more than two from one day to the next.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from statistics import median

from benchmarks.claims import claim, parse_quick

_MEGABYTES = 64
_APPENDS = 200


def main() -> None:
    """Print what one core computes, hashes and has on the disk."""
    rounds = 3 if parse_quick(__doc__) else 15
    claim("cores", os.cpu_count() or 1, "cores", None, None)
    claim("a million squares summed in Python", 1e3 * _seconds(_sum, rounds), "ms", None, None)
    block = bytes(_MEGABYTES << 20)
    hashed = _seconds(lambda: hashlib.sha256(block).digest(), rounds)
    claim("SHA-256, one thread", (_MEGABYTES << 20) / 1e6 / hashed, "MB/s", None, None)
    with tempfile.TemporaryFile() as file:
        synced = _seconds(lambda: _append(file.fileno()), rounds)
    claim("appends of 4 kB synced to the disk", _APPENDS / synced, "1/s", None, None)


def _sum() -> None:
    sum(i * i for i in range(1_000_000))


def _append(file: int) -> None:
    for _ in range(_APPENDS):
        os.write(file, bytes(4096))
        os.fsync(file)


def _seconds(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of some rounds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return median(times)


if __name__ == "__main__":
    main()
