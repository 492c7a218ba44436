"""Column lineage read from SQL: what a value is computed from, and what decides which rows there are."""

from __future__ import annotations

import pytest

from products.building.sql_lineage import Column, ColumnLineage, UntraceableQuery, trace

TABLES = {
    "x": {"a": "VARCHAR", "b": "BIGINT", "c": "BIGINT"},
    "y": {"k": "VARCHAR", "d": "BIGINT"},
}


def said(columns: tuple[Column, ...]) -> str:
    return " ".join(f"{column.table}.{column.name}" for column in columns)


@pytest.mark.parametrize(
    ("sql", "direct"),
    [
        ("SELECT a, b + c AS s FROM x", {"a": "x.a", "s": "x.b x.c"}),
        ("SELECT A AS a FROM X", {"a": "x.a"}),
        ("SELECT * FROM x", {"a": "x.a", "b": "x.b", "c": "x.c"}),
        ("WITH t AS (SELECT * FROM x) SELECT a, sum(b) AS s FROM t GROUP BY a", {"a": "x.a", "s": "x.b"}),
        (
            "WITH t AS (SELECT a, b AS v FROM x), u AS (SELECT a, v * 2 AS w FROM t) SELECT w FROM u",
            {"w": "x.b"},
        ),
        ("SELECT x.a, y.d FROM x JOIN y ON x.a = y.k", {"a": "x.a", "d": "y.d"}),
        ("SELECT coalesce(x.b, y.d) AS v FROM x LEFT JOIN y ON x.a = y.k", {"v": "x.b y.d"}),
        ("SELECT a, b AS v FROM x UNION ALL SELECT k, d FROM y", {"a": "x.a y.k", "v": "x.b y.d"}),
        ("SELECT 'ALL' AS a, sum(b) AS v FROM x", {"a": "", "v": "x.b"}),
        ("SELECT count(*) AS n FROM x", {"n": ""}),
        ("SELECT CASE WHEN b > 0 THEN c END AS v FROM x", {"v": "x.b x.c"}),
        ("SELECT a, (SELECT max(d) FROM y WHERE y.k = x.a) AS m FROM x", {"a": "x.a", "m": "y.d"}),
        ("SELECT row_number() OVER (PARTITION BY b ORDER BY c) AS n FROM x", {"n": "x.b x.c"}),
        ("WITH t(p, q) AS (SELECT a, b FROM x) SELECT p, q FROM t", {"p": "x.a", "q": "x.b"}),
        ("SELECT one.b AS v, two.c AS w FROM x AS one JOIN x AS two USING (a)", {"v": "x.b", "w": "x.c"}),
    ],
)
def test_an_output_names_the_columns_its_values_are_made_of(sql: str, direct: dict[str, str]) -> None:
    traced = trace(sql, tuple(direct), TABLES)
    assert {name: said(columns) for name, columns in traced.direct.items()} == direct


@pytest.mark.parametrize(
    ("sql", "shaping"),
    [
        ("SELECT a FROM x", ""),
        ("SELECT a FROM x WHERE b > 0", "x.b"),
        ("SELECT a FROM X WHERE B > 0", "x.b"),
        ("WITH t AS (SELECT a, b + c AS s FROM x) SELECT a FROM t WHERE s > 0", "x.b x.c"),
        (
            "WITH t AS (SELECT a, b AS v FROM x), u AS (SELECT a, -v AS w FROM t) SELECT a FROM u WHERE w",
            "x.b",
        ),
        ("WITH t(p, q) AS (SELECT a, b FROM x) SELECT p FROM t WHERE q > 0", "x.a x.b"),
        ("SELECT p FROM (SELECT a, b FROM x) AS t(p, q) WHERE q > 0", "x.a x.b"),
        ("SELECT x.a FROM x LEFT JOIN y ON x.a = y.k AND y.d > x.b", "x.a x.b y.d y.k"),
        ("SELECT one.a FROM x AS one JOIN x AS two USING (b)", "x.b"),
        ("SELECT a FROM x NATURAL JOIN y", "x.a x.b x.c y.d y.k"),
        ("SELECT a, sum(b) AS s FROM x GROUP BY a HAVING sum(c) > 1", "x.a x.c"),
        ("SELECT a, sum(b) AS s FROM x GROUP BY ALL", "x.a x.b"),
        ("SELECT a, sum(b) AS s FROM x GROUP BY 1", "x.a x.b"),
        ("SELECT DISTINCT a FROM x", "x.a"),
        ("SELECT DISTINCT ON (b) a FROM x", "x.a x.b"),
        ("SELECT a FROM x UNION SELECT k FROM y", "x.a y.k"),
        ("SELECT a FROM x UNION ALL SELECT k FROM y", ""),
        ("SELECT a FROM x EXCEPT SELECT k FROM y", "x.a y.k"),
        ("SELECT a FROM x ORDER BY c", ""),
        ("SELECT a FROM x ORDER BY c LIMIT 3", "x.c"),
        ("SELECT a FROM x QUALIFY row_number() OVER (PARTITION BY b ORDER BY c) = 1", "x.b x.c"),
        ("SELECT a FROM x WHERE b IN (SELECT d FROM y)", "x.b y.d"),
        ("WITH t AS (SELECT DISTINCT * FROM x) SELECT a FROM t", "x.a x.b x.c y.d y.k"),
        ("SELECT count(*) AS a FROM x", ""),
    ],
)
def test_what_decides_the_rows_is_named_whatever_it_is_called_on_the_way(sql: str, shaping: str) -> None:
    assert said(trace(sql, (), TABLES).shaping) == shaping


def test_a_name_that_two_inputs_share_counts_for_both() -> None:
    tables = {"x": {"a": "BIGINT", "b": "BIGINT"}, "y": {"b": "BIGINT"}}
    assert said(trace("SELECT x.a FROM x, y WHERE x.b > 0", ("a",), tables).shaping) == "x.b y.b"


@pytest.mark.parametrize("sql", ["SELEC a FRM x", "SELECT b FROM x", "", "SELECT ("])
def test_what_can_t_be_read_is_refused(sql: str) -> None:
    with pytest.raises(UntraceableQuery):
        trace(sql, ("a",), TABLES)


def test_two_queries_in_a_row_lead_back_to_the_first_one_s_inputs() -> None:
    records = trace("SELECT a AS p, b + c AS q, c AS r FROM x WHERE b > 0", ("p", "q", "r"), TABLES)
    sql = "SELECT p, sum(q) AS total, count(*) AS n FROM records GROUP BY p HAVING max(r) > 0"
    product = trace(sql, ("p", "total", "n"), {"records": {"p": "VARCHAR", "q": "BIGINT", "r": "BIGINT"}})
    assert product.after(records) == ColumnLineage(
        {"p": (Column("x", "a"),), "total": (Column("x", "b"), Column("x", "c")), "n": ()},
        (Column("x", "a"), Column("x", "b"), Column("x", "c")),
    )
