"""The same rules on Apache Spark, where one machine no longer holds the rows; answers are those of DuckDB.

    compiling · scans ─▶ DuckDB's SQL ─ dialect ─▶ Spark's SQL ─ a session ─▶ Arrow ─ running ─▶ judgements

The session is the caller's (the extra `spark` installs pyspark, which needs Java 17 or newer): it knows the
cluster. Its time zone must be UTC, as `require_utc` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.quality.bound import BoundRule
from catalog.quality.compiling.kinds import COMPILERS
from catalog.quality.compiling.sheet import ROWS, Sheet
from catalog.quality.dialect import for_spark
from catalog.quality.judgement import Judgement
from catalog.quality.rulebook import view_name
from catalog.quality.running import BY_QUERY, read
from catalog.quality.scans import scans
from standards.errors import InvalidInput

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class SparkNotInUtc(InvalidInput):
    """The session would cut days where another time zone does."""

    code = "spark-not-in-utc"


def open_rows(session: SparkSession, version: Path, beside: Mapping[str, Path]) -> None:
    """Let rules see a version's rows, numbered as in the file, and those of other datasets by their names."""
    rows = session.read.parquet(str(version)).selectExpr("*", "_metadata.row_index AS `#row`")
    rows.createOrReplaceTempView(ROWS)
    for name, path in beside.items():
        view = view_name(name).strip('"')
        session.read.parquet(str(path)).createOrReplaceTempView(f"`{view}`")


def judge(
    session: SparkSession, rules: Sequence[BoundRule], sheet: Sheet, organisation: str = "NULL"
) -> tuple[Judgement, ...]:
    """Return every rule's judgement, in the order of the rules, as `running.judge` does.

    Raises NotTranslatable for SQL that Spark is not known to answer alike, SparkNotInUtc.
    """
    require_utc(session)
    planned = scans([rule for rule in rules if rule.check in COMPILERS], sheet, organisation)

    def ask(query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in session.sql(for_spark(query)).collect()]

    for name, build in sheet.tables.items():
        session.createDataFrame(build(ask)).createOrReplaceTempView(name)
    found = {
        rule.id: BY_QUERY[rule.check](rule, sheet, ask, organisation)
        for rule in rules
        if rule.check in BY_QUERY
    }
    for scan in planned:
        answered = session.sql(for_spark(scan.sql)).toArrow()
        for judgement in read(scan, answered.to_batches()):
            found[judgement.rule.id] = judgement
    return tuple(found[rule.id] for rule in rules)


def require_utc(session: SparkSession) -> None:
    """Raise SparkNotInUtc unless the session tells days in UTC."""
    zone = session.conf.get("spark.sql.session.timeZone")
    if zone not in ("UTC", "Etc/UTC", "Z", "+00:00"):
        raise SparkNotInUtc(
            f"the Spark session is in {zone}, and days would begin at another hour than in the reports",
            hint="set spark.sql.session.timeZone to UTC",
        )
