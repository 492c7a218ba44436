"""Every kind of check on both engines: DuckDB and Spark say the same of rows that engines differ about."""

from __future__ import annotations

import os
import random
import shutil
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.engine import engine
from catalog.quality import spark
from catalog.quality.bound import BoundRule, Column
from catalog.quality.compiling.kinds import COMPILERS
from catalog.quality.compiling.sheet import ROWS, Beside, Sheet
from catalog.quality.dialect import NotTranslatable, for_spark
from catalog.quality.judgement import Judgement
from catalog.quality.rulebook import view_name
from catalog.quality.running import BY_QUERY, judge
from standards.conditions import parse
from tests.catalog.quality.judging import LIBRARY, TODAY, a_rule, an_element

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_NASTY = [
    None, "", " ", "\u3000", "a", "A", "ａ", "𠮷野家", "𠮷野家 ", "水表", "O'Brien", "back\\slash", "$1",
    "x" * 300, "12\n", "1２", "é", "e\u0301", "无名", "100%", "tab\t",
]  # fmt: skip
_IDENTITIES = [None, "11010519491231002X", "110105194912310021", "44052418800101001", "x" * 18, "𠮷" * 18]
_CREDIT = [None, "91350100M000100Y43", "91350100M000100Y44", "91350100m000100y43", "9" * 18]
_CARDS = [None, "4111111111111111", "4111111111111112", "6222021234567890123", "41111111111111110000"]
_NUMBERS = [None, "05000000017", "05000000018", "5000000017", "０5000000017"]
_POLYGONS = [
    None, "POLYGON((0 0, 2 0, 2 2, 0 2, 0 0))", "POLYGON((0 0, 2 2, 2 0, 0 2, 0 0))", "no polygon",
    '{"type":"Polygon","coordinates":[[[0,0],[3,0],[3,3],[0,3],[0,0]]]}',
]  # fmt: skip
_CODES = [each.code for each in LIBRARY.code_list("gbt4754").codes[:6]]
_FIELDS: dict[str, tuple[str, list[Any]]] = {
    "key": ("text", [None, "k1", "k2", "k3", "𠮷" * 40, "K1"]),
    "serial": ("text", [None, *(f"s{n}" for n in range(300))]),
    "text": ("text", _NASTY),
    "other": ("text", _NASTY),
    "identity": ("text", _IDENTITIES),
    "credit": ("text", _CREDIT),
    "card": ("text", _CARDS),
    "number": ("text", _NUMBERS),
    "polygon": ("text", _POLYGONS),
    "month": ("text", [None, "2021-01", "2021-02", "2021-04", "nonsense"]),
    "band": ("integer", [None, 15, 20, 25]),
    "whole": ("integer", [None, 0, 1, 2, 3, -7, 10**17]),
    "total": ("decimal", [None, Decimal("0.0000"), Decimal("3.5000"), Decimal("-7.1250")]),
    "a": ("decimal", [None, Decimal("1.5000"), Decimal("2.0000"), Decimal("99999999.9999")]),
    "b": ("decimal", [None, Decimal("2.0000"), Decimal("2.0001"), Decimal("-1.0000")]),
    "day": ("date", [None, date(2000, 2, 29), date(1969, 12, 31), TODAY, TODAY + timedelta(days=1)]),
    "moment": ("timestamp", [
        None, datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 0, tzinfo=UTC),
    ]),
    "longitude": ("decimal", [None, Decimal("0.0000"), Decimal("1.0000"), Decimal("2.5000")]),
    "latitude": ("decimal", [None, Decimal("0.0000"), Decimal("1.0000"), Decimal("2.0000")]),
    "mark": ("boolean", [None, True, False]),
    "code": ("text", [None, *_CODES, "zz"]),
    "unit": ("text", [None, "10", "2001"]),
}  # fmt: skip
_ARROW = {
    "text": pa.string(), "integer": pa.int64(), "decimal": pa.decimal128(18, 4), "boolean": pa.bool_(),
    "date": pa.date32(), "timestamp": pa.timestamp("us", tz="UTC"),
}  # fmt: skip
COLUMNS = {name: Column(name, an_element(name, kind)) for name, (kind, _) in _FIELDS.items()}
OTHER = "the other"


def elsewhere(*names: str) -> list[Column]:
    return [replace(COLUMNS[name], dataset=OTHER) for name in names]


def rules() -> list[BoundRule]:
    """Return rules of every kind, some of them with conditions and every meaning of null."""
    c = COLUMNS

    def on(check: str, names: str, *more: Column, where: str = "", **given: Any) -> BoundRule:
        rule = a_rule(check, [*(c[name] for name in names.split()), *more], **given)
        asked = parse(where) if where else ()
        return replace(rule, where=tuple((each, c[each.field]) for each in asked))

    made = [
        on("present", "text", placeholders="无名 100%", null="fails"),
        on("present", "whole", null="fails"),
        on("absent", "text"),
        on("absent", "day", where="day present"),
        on("pattern", "text", pattern="[0-9]+|𠮷.*"),
        on("pattern", "text", pattern=r"\S+\\\S+"),
        on("not-pattern", "text", pattern="[a-z]$"),
        on("length", "text", minimum=1, maximum=3, null="passes"),
        on("coding-rule", "number", rule="customer-number-rule"),
        on("credit-code", "credit", null="fails"),
        on("resident-id", "identity"),
        on("bank-card", "card"),
        on("masked", "text", least=1),
        on("code-list", "code", list="gbt4754"),
        on("code-level", "code", list="gbt4754", level=2),
        on("range", "total", minimum="-7.125", maximum="3.4"),
        on("range", "whole", minimum=0),
        on("not-past", "day"),
        on("not-past", "moment", days=1),
        on("not-future", "moment"),
        on("not-before", "day", day="2000-02-29"),
        on("address-parts", "text", parts="road room"),
        on("polygon", "polygon"),
        on("any-present", "text day"),
        on("all-or-none", "a b total"),
        on("equation", "total a b", signs="+ -"),
        on("product-of", "total a b"),
        on("ordered", "a b total"),
        on("not-below", "a b"),
        on("agrees", "text other"),
        on("agrees", "a b", tolerance="0.0001"),
        on("starts-with", "text other"),
        on("fits", "text key", excluded="1: k1; a: k2"),
        on("band-range", "a band", bands="15: 0 3.1; 20: 2 5"),
        on("within-days", "moment day", days=30),
        on("distance", "longitude latitude a b", most_m="100000"),
        on("inside", "longitude latitude polygon"),
        on("sql", "whole a text", expression="whole % 3 = 1 OR upper(text) = 'A' OR a / whole > 1"),
        on("unique", "key"),
        on("unique", "key text", missing_is_a_value=True),
        on("one-value-per-key", "key text"),
        on("shared-value", "text key", most=1),
        on("near-duplicate", "text other"),
        on("near-duplicate", "text"),
        on("continues", "a b moment key"),
        on("does-not-fall", "a day key"),
        on("repeated-value", "a day key", periods=2),
        on("outlier", "total day key", rows=3, deviations="1"),
        on("peer-outlier", "total key", rows=2),
        on("reference", "text", *elsewhere("other")),
        on("referred-to", "key", *elsewhere("key"), null="fails"),
        on("agrees-with", "mark serial", *elsewhere("mark", "serial")),
        on("range", "total", minimum="0", where="text in a A 𠮷野家 and band >= 20 and mark true"),
        on("complete-period", "month key", step="month"),
        on("complete-period", "moment", step="month"),
        on("reconciles", "total key", *elsewhere("total", "key")),
        on("recent", "day", days=3),
    ]
    return [replace(rule, id=f"{place} {rule.check}") for place, rule in enumerate(made)]


def rows(seed: int, count: int) -> pa.Table:
    """Return random rows of what engines differ about, many of them twice."""
    chance = random.Random(seed)
    made = [{name: chance.choice(pool) for name, (_, pool) in _FIELDS.items()} for _ in range(count)]
    made += chance.sample(made, count // 4)
    schema = pa.schema([(name, _ARROW[kind]) for name, (kind, _) in _FIELDS.items()])
    return pa.Table.from_pylist(made, schema=schema)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the rows that are judged, and those of another dataset."""
    folder = tmp_path_factory.mktemp("spark")
    for name, seed in (("judged", 1), ("other", 2)):
        pq.write_table(rows(seed, 160), folder / f"{name}.parquet")
    return folder / "judged.parquet", folder / "other.parquet"


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    """Yield a session on this machine. Without Java there is none, which a run with CI set must not miss."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        if os.environ.get("CI"):
            pytest.fail("Spark needs Java, and there is none: apt-get install openjdk-17-jre-headless")
        pytest.skip("Spark needs Java 17 or newer, and there is none on this machine")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyspark speaks of pandas 3, which is not used here
        from pyspark.sql import SparkSession
    settings = {
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.default.parallelism": "1",
        "spark.sql.session.timeZone": "UTC", "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1", "spark.sql.codegen.wholeStage": "false",
        "spark.sql.adaptive.enabled": "false",
    }  # fmt: skip
    building = SparkSession.builder.master("local[1]").appName("shuize")
    for name, value in settings.items():
        building = building.config(name, value)
    started = building.getOrCreate()
    yield started
    started.stop()


def sheet() -> Sheet:
    return Sheet(LIBRARY, TODAY, {OTHER: Beside(view_name(OTHER), ())})


def on_duckdb(asked: Sequence[BoundRule], files: tuple[Path, Path]) -> tuple[Judgement, ...]:
    with engine() as connection:
        connection.execute(f"""CREATE VIEW {ROWS} AS SELECT *, file_row_number AS "#row" FROM '{files[0]}'""")
        connection.execute(f"CREATE VIEW {view_name(OTHER)} AS FROM '{files[1]}'")
        return judge(connection, asked, sheet(), "unit")


def said(judgement: Judgement) -> dict[str, Any]:
    """Return all that a judgement says, in plain values."""
    return {
        "total": judgement.total,
        "by_organisation": dict(judgement.by_organisation),
        "rows": judgement.rows.tolist(),
        "absences": sorted(judgement.absences, key=str),
    }


def test_every_kind_has_a_rule_here() -> None:
    assert {rule.check for rule in rules()} == {*COMPILERS, *BY_QUERY}


@pytest.mark.timeout(900)  # a minute where nothing else runs; Spark plans long for so wide a statement
def test_both_engines_say_the_same(session: SparkSession, files: tuple[Path, Path]) -> None:
    asked = rules()
    here = on_duckdb(asked, files)
    spark.open_rows(session, files[0], {OTHER: files[1]})
    there = spark.judge(session, asked, sheet(), "unit")
    differing = {
        rule.id: (said(one), said(two))
        for rule, one, two in zip(asked, here, there, strict=True)
        if said(one) != said(two)
    }
    assert differing == {}
    undecided = {rule.id for rule, one in zip(asked, here, strict=True) if not one.total.judged}
    assert undecided == set()


def test_a_session_that_is_not_in_utc_is_refused(session: SparkSession) -> None:
    session.conf.set("spark.sql.session.timeZone", "Asia/Shanghai")
    try:
        with pytest.raises(spark.SparkNotInUtc):
            spark.judge(session, [], sheet())
    finally:
        session.conf.set("spark.sql.session.timeZone", "UTC")


def test_a_function_that_nobody_compared_is_refused() -> None:
    for statement in ("SELECT soundex(a) FROM t", "SELECT try_strptime(a, '%Y') FROM t"):
        with pytest.raises(NotTranslatable):
            for_spark(statement)
