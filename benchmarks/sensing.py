"""Looking for sensitive data in a register of customers and in readings, and comparing two versions.

The register is made up by SQL: 3.8 million customers with six text fields that hold what they say. Readings
are 10 million rows of area, time and flow, where there is nothing to find. Measured is what loading adds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from benchmarks.claims import claim, parse_quick
from catalog.drift.comparing import Side, compare
from catalog.engine import engine
from catalog.sensing import words
from catalog.sensing.detecting import Asked, detect
from catalog.sensing.models import Sensed

CUSTOMERS, READINGS = 3_800_000, 10_000_000
CUSTOMERS_GOAL_SECONDS = 60
READINGS_GOAL_SECONDS = 5
DRIFT_GOAL_SECONDS = 60
PACKAGES = ("duckdb", "pyarrow")
EXPECTED = {
    ("phone", "mobile"), ("customer_name", "person-name"), ("address", "address"),
    ("credit_code", "credit-code"), ("resident_id", "resident-id"),
}  # fmt: skip

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def customers(path: Path, count: int) -> None:
    """Write the register: numbers, names, mobiles, addresses, resident ids and credit codes that check."""
    total = " + ".join(f"(id17 // {10 ** (16 - i)} % 10) * {w}" for i, w in enumerate(_WEIGHTS))
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    places = " + ".join(
        f"(strpos('{alphabet}', substr(body, {i + 1}, 1)) - 1) * {pow(3, i, 31)}" for i in range(17)
    )
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (
            SELECT customer_no, name AS customer_name, phone, address,
                id17::VARCHAR || substr('10X98765432', (({total}) % 11 + 1)::INTEGER, 1) AS resident_id,
                body || substr('{alphabet}', (31 - ({places}) % 31) % 31 + 1, 1) AS credit_code
            FROM (SELECT lpad((i * 7)::VARCHAR, 11, '0') AS customer_no,
                substr('王李张刘陈杨黄赵吴周', (h % 10 + 1)::INTEGER, 1)
                    || substr('伟芳娜敏静丽强磊军洋', (h // 10 % 10 + 1)::INTEGER, 1)
                    || substr('建国文华志明红梅兰英', (h // 100 % 10 + 1)::INTEGER, 1) AS name,
                '1' || substr('3339558878', (h % 10 + 1)::INTEGER, 1) || (h % 10)::VARCHAR
                    || lpad((h // 7 % 100000000)::VARCHAR, 8, '0') AS phone,
                '沈阳市和平区南京街' || (h % 300 + 1) || '号' || (h % 9 + 1) || '单元'
                    || (h % 3000 + 100) || '室' AS address,
                (21010200000000000 + (1950 + h % 60) * 10000000 + (h % 12 + 1) * 100000 + (h % 28 + 1) * 1000
                    + h % 1000)::BIGINT AS id17,
                '91210102' || substr('ABCDEFGHJK', (h % 10 + 1)::INTEGER, 1)
                    || lpad((h % 100000000)::VARCHAR, 8, '0') AS body
                FROM (SELECT i, (hash(i) % 100000000000)::BIGINT AS h FROM range({count}) r(i)))
            ) TO '{path}' (FORMAT parquet)"""
        )


def readings(path: Path, count: int, factor: float = 1) -> None:
    """Write readings of a thousand areas."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (SELECT 'DMA-' || lpad((i % 1000)::VARCHAR, 4, '0') AS area,
            TIMESTAMPTZ '2021-01-01 00:00:00+00' + to_hours((i // 1000)::INTEGER) AS observed_at,
            (hash(i) % 100000 / 1000 * {factor})::DECIMAL(12, 5) AS flow FROM range({count}) r(i)
            ) TO '{path}' (FORMAT parquet)"""
        )


def seconds(work: Callable[[], object]) -> float:
    """Return how long work took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def look(path: Path, scratch: Path) -> tuple[Sensed, ...]:
    """Return what is sensed in a file, as loading does it."""
    asked = [Asked(name, words.hints(name)) for name in pq.read_schema(path).names]
    with engine(scratch) as connection:
        return detect(connection, path, asked)


def main() -> None:
    """Measure; --quick takes a hundredth."""
    part = 100 if parse_quick(__doc__) else 1
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        register, first, second = (place / f"{name}.parquet" for name in ("customers", "old", "new"))
        customers(register, CUSTOMERS // part)
        found: list[Sensed] = []
        took = seconds(lambda: found.extend(look(register, place)))
        if {(each.field, each.kind.value) for each in found} != EXPECTED:
            sys.exit(f"not what is there: {found}")
        name = f"sensing {CUSTOMERS // part:,} customers with 6 text fields"
        claim(
            name, took, "s", f"<= {CUSTOMERS_GOAL_SECONDS}", took <= CUSTOMERS_GOAL_SECONDS, packages=PACKAGES
        )
        readings(first, READINGS // part)
        readings(second, READINGS // part, factor=1.5)
        took = seconds(lambda: look(first, place))
        name = f"sensing {READINGS // part:,} readings"
        holds = took <= READINGS_GOAL_SECONDS
        claim(name, took, "s", f"<= {READINGS_GOAL_SECONDS}", holds, packages=PACKAGES)

        def drift() -> None:
            with engine(place) as connection:
                compare(connection, "readings", Side(1, first, {}), Side(2, second, {}), ())

        took = seconds(drift)
        name = f"comparing two versions of {READINGS // part:,} readings"
        claim(name, took, "s", f"<= {DRIFT_GOAL_SECONDS}", took <= DRIFT_GOAL_SECONDS, packages=PACKAGES)


if __name__ == "__main__":
    main()
