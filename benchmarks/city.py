"""How long a synthetic city takes to write, and how much memory: a year of readings and bills, and registers.

It is written in a process of its own, since the peak of memory is a process's. The goal is for 3.8 million
customers on two cores. `--quick` writes a hundredth; starting up is a large part of its time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile

from benchmarks.claims import claim, parse_quick

CUSTOMERS, QUICK_CUSTOMERS = 3_800_000, 38_000
GOAL_SECONDS, GOAL_MIB = 300, 4_096
PACKAGES = ("numpy", "pyarrow")

_RUN = """
import json, resource, sys, time
from pathlib import Path
from products.samples.city.writing import write_city
start, cpu = time.perf_counter(), time.process_time()
written = write_city(Path(sys.argv[1]), int(sys.argv[2]), 7)
print(json.dumps({
    "seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu,
    "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "readings": written.rows["readings"],
}))
"""


def main() -> None:
    """Write and measure."""
    customers = QUICK_CUSTOMERS if parse_quick(__doc__) else CUSTOMERS
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", _RUN, folder, str(customers)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout)
    seconds = found["seconds"]
    claim(
        f"a synthetic city of {customers:,} customers",
        seconds,
        "s",
        f"<= {GOAL_SECONDS} s for {CUSTOMERS:,}",
        seconds <= GOAL_SECONDS,
        packages=PACKAGES,
        beside={
            "cpu seconds": found["cpu"],
            "readings": found["readings"],
            "readings a second": found["readings"] / seconds,
        },
    )
    claim(
        f"memory for a synthetic city of {customers:,} customers",
        found["mib"],
        "MiB",
        f"<= {GOAL_MIB:,} MiB for {CUSTOMERS:,}",
        found["mib"] <= GOAL_MIB,
        packages=PACKAGES,
    )


if __name__ == "__main__":
    main()
