from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.anonymize import PrivacyRefused, UncheckableTable, recheck
from standards.errors import Conflict

SCHEMA = pa.schema({"a": pa.string(), "b": pa.string(), "n": pa.int64()})


def a_table(*rows: tuple[object, ...]) -> pa.Table:
    return pa.table(
        {field.name: pa.array([row[at] for row in rows], field.type) for at, field in enumerate(SCHEMA)}
    )


def test_the_smallest_class_is_counted() -> None:
    table = a_table(("x", "p", 1), ("x", "p", 2), ("y", "p", 3), ("y", "p", 4), ("y", "p", 5))
    assert recheck(table, ["a", "b"], 2) == 2
    assert recheck(table, ["b"], 5) == 5


def test_null_agrees_with_null_and_with_nothing_else() -> None:
    table = a_table(("x", None, 1), ("x", None, 1), ("x", "p", 1), ("x", "p", 1))
    assert recheck(table, ["a", "b"], 2) == 2
    with pytest.raises(PrivacyRefused):
        recheck(table, ["a", "b"], 3)


def test_a_class_below_k_is_refused_with_the_figures() -> None:
    table = a_table(("x", "p", 1), ("y", "p", 2), ("y", "p", 3), ("z", "p", 4), ("z", "p", 5), ("z", "p", 6))
    with pytest.raises(PrivacyRefused, match="smallest class holds 1 records where 3") as caught:
        recheck(table, ["a", "b"], 3)
    error = caught.value
    assert (error.k, error.smallest_class, error.rows_below_k, error.rows) == (3, 1, 3, 6)
    assert isinstance(error, Conflict)


def test_counts_of_an_aggregate_are_added_up() -> None:
    table = a_table(("x", "p", 4), ("x", "q", 3), ("y", "p", 9))
    assert recheck(table, ["a"], 5, count_field="n") == 7
    with pytest.raises(PrivacyRefused, match="3 of 16 records stand in 1 classes"):
        recheck(table, ["a", "b"], 4, count_field="n")


def test_fields_may_have_any_name() -> None:
    table = pa.table({"n": [4, 5], "n_sum": ["x", "y"], "count_all": ["p", "p"]})
    assert recheck(table, ["n_sum", "count_all"], 4, count_field="n") == 4
    assert recheck(table, ["n_sum", "count_all"], 1) == 1


def test_an_empty_cell_shows_nobody() -> None:
    assert recheck(a_table(("x", "p", 0), ("y", "p", 5)), ["a"], 5, count_field="n") == 5
    assert recheck(a_table(("x", "p", 0)), ["a"], 5, count_field="n") is None


def test_nothing_is_claimed_without_quasi_identifiers_or_rows() -> None:
    assert recheck(a_table(("x", "p", 1)), [], 5) is None
    assert recheck(a_table(), ["a"], 5) is None


@pytest.mark.parametrize(
    ("fields", "k", "count_field", "message"),
    [
        (["c"], 2, None, "0 fields named 'c'"),
        (["a"], 2, "c", "0 fields named 'c'"),
        (["a"], 2, "b", "can't be the count"),
        (["n"], 2, "n", "can't be the count"),
        (["a"], 0, None, "k is 0"),
    ],
)
def test_a_table_that_lacks_something_is_refused(
    fields: list[str], k: int, count_field: str | None, message: str
) -> None:
    with pytest.raises(UncheckableTable, match=message):
        recheck(a_table(("x", "p", 1)), fields, k, count_field=count_field)


@pytest.mark.parametrize("count", [None, -1])
def test_a_count_must_be_a_count(count: int | None) -> None:
    with pytest.raises(UncheckableTable, match="null or negative"):
        recheck(a_table(("x", "p", count), ("x", "p", 5)), ["a"], 2, count_field="n")


@given(
    st.lists(
        st.tuples(st.sampled_from(["x", "y", "𠮷", "", None]), st.sampled_from(["p", None]), st.just(1)),
        min_size=1,
    )
)
def test_it_agrees_with_counting_by_hand(rows: list[tuple[object, ...]]) -> None:
    smallest = min(Counter((row[0], row[1]) for row in rows).values())
    assert recheck(a_table(*rows), ["a", "b"], smallest) == smallest
    assert recheck(a_table(*rows), ["a", "b"], smallest, count_field="n") == smallest
    with pytest.raises(PrivacyRefused):
        recheck(a_table(*rows), ["a", "b"], smallest + 1)
