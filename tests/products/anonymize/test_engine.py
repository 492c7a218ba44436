import io
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from products.anonymize import (
    Anonymized,
    LatticeTooLarge,
    PolicyDoesNotFit,
    PrivacyPolicy,
    PrivacyRefused,
    UnfitField,
    UnusableKey,
    ValueNotCovered,
    anonymize,
    recheck,
)
from products.anonymize.combinations import collapse, encode
from standards import canonical_json
from standards.data_elements import IdentifierKind
from standards.library import Library

DIRECT, QUASI = IdentifierKind.DIRECT, IdentifierKind.QUASI
SENSITIVE, NONE = IdentifierKind.SENSITIVE, IdentifierKind.NONE
KINDS = {"account": DIRECT, "name": DIRECT, "district": QUASI, "size": QUASI, "debt": SENSITIVE, "seq": NONE}
STAR = {"action": "generalize", "hierarchy": {"kind": "star"}}
FIELDS = {
    "account": {"action": "pseudonymize"},
    "name": {"action": "drop"},
    "district": {"action": "generalize", "hierarchy": {"kind": "prefix", "keep": [4], "star": True}},
    "size": {"action": "keep"},
    "debt": {"action": "keep"},
}
KEY = bytes(range(32))
ROWS = [("350102", 1), ("350103", 1), ("350104", 1), ("350201", 2), ("350202", 2), ("350203", 2)]


def a_table(rows: list[tuple[str | None, int]] = ROWS) -> pa.Table:
    count = len(rows)
    return pa.table(
        {
            "account": pa.array([f"A{at}" for at in range(count)], pa.string()),
            "name": pa.array(["𠮷野"] * count, pa.string()),
            "district": pa.array([row[0] for row in rows], pa.string()),
            "size": pa.array([row[1] for row in rows], pa.int32()),
            "debt": pa.array([Decimal("1.50")] * count, pa.decimal128(9, 2)),
            "seq": pa.array(range(count), pa.int64()),
        }
    )


def run(
    table: pa.Table | None = None,
    *,
    fields: Mapping[str, object] = FIELDS,
    kinds: Mapping[str, IdentifierKind] = KINDS,
    key: bytes | None = KEY,
    **changes: object,
) -> Anonymized:
    policy = PrivacyPolicy.parse({"release_model": "enclave", "fields": fields, **changes})
    code_list = Library.load().code_list
    return anonymize(a_table() if table is None else table, kinds, policy, code_lists=code_list, key=key)


def run_on(values: pa.Array, entry: Mapping[str, object], **changes: object) -> Anonymized:
    """Anonymize a table of one quasi-identifier."""
    return run(pa.table({"q": values}), fields={"q": entry}, kinds={"q": QUASI}, **changes)


def parquet(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def test_the_lowest_level_that_suffices_is_chosen() -> None:
    done = run()
    assert done.table.column("district").to_pylist() == ["3501*"] * 3 + ["3502*"] * 3
    assert recheck(done.table, ["district", "size"], 3) == 3


def test_fields_are_treated_as_the_policy_says_and_keep_their_order_and_type() -> None:
    done = run().table
    assert done.column_names == ["account", "district", "size", "debt", "seq"]
    assert done.schema.field("size").type == pa.int32()
    assert done.schema.field("debt").type == pa.decimal128(9, 2)
    assert all(len(value) == 32 for value in done.column("account").to_pylist())
    assert done.column("seq").to_pylist() == list(range(6))


def test_the_report_holds_the_figures() -> None:
    report = run().report
    assert (report.k, report.rows_in, report.rows_suppressed, report.classes) == (3, 6, 0, 2)
    assert (report.smallest_class_before, report.smallest_class_after) == (1, 3)
    assert report.prosecutor_risk_max == "0.333333"
    assert (report.dropped, report.pseudonymized, report.kept) == (("name",), ("account",), ("debt", "seq"))
    district, size = report.quasi_identifiers
    assert (district.level, district.highest_level, district.meaning) == (1, 2, "first 4 characters")
    assert (size.level, size.highest_level, size.meaning) == (0, 0, "as recorded")
    assert (district.loss, size.loss, report.loss) == (
        "0.400000",
        "0.000000",
        "0.200000",
    )  # (3 - 1) / (6 - 1)
    assert "at least 2 others in all of its 2 quasi-identifiers" in report.proves
    assert "not persons" in report.does_not_prove
    assert json.loads(canonical_json.encode(report.model_dump(mode="json")))["k"] == 3


def test_rows_of_small_classes_are_suppressed_within_the_limit() -> None:
    rows = [*ROWS[:3], ("990101", 9), *ROWS[3:]]
    done = run(a_table(rows), suppression_limit="0.15")
    assert done.table.column("seq").to_pylist() == [0, 1, 2, 4, 5, 6]
    assert (done.report.rows_suppressed, done.report.share_suppressed) == (1, "0.142857")
    with pytest.raises(PrivacyRefused):
        run(a_table(rows), suppression_limit="0.14")  # 0.14 of 7 rows is less than one row


def test_a_refusal_gives_the_figures() -> None:
    with pytest.raises(PrivacyRefused, match="smallest class has 1, and 1 of 7 rows") as caught:
        run(a_table([*ROWS, ("350101", 9)]))
    error = caught.value
    assert (error.k, error.smallest_class, error.rows_below_k, error.rows) == (3, 1, 1, 7)
    assert error.code == "privacy-refused"
    assert error.hint


@pytest.mark.parametrize("limit", ["0", "1"])
def test_a_table_smaller_than_k_is_refused_whatever_the_limit(limit: str) -> None:
    with pytest.raises(PrivacyRefused, match="2 of 2 rows"):
        run_on(pa.array(["a", "b"]), STAR, suppression_limit=limit)
    with pytest.raises(PrivacyRefused, match="1 of 1 rows"):
        run_on(pa.array(["a"]), STAR, suppression_limit=limit)


def test_an_empty_table_stays_empty_and_claims_nothing() -> None:
    done = run(a_table([]))
    assert done.table.num_rows == 0
    assert done.table.schema.field("district").type == pa.string()
    assert done.report.smallest_class_before is done.report.smallest_class_after is None
    assert done.report.prosecutor_risk_max is None
    assert "no row" in done.report.proves


def test_a_table_without_quasi_identifiers_claims_nothing() -> None:
    done = run(pa.table({"volume_m3": [1, 2]}), fields={}, kinds={"volume_m3": NONE})
    assert done.table.column("volume_m3").to_pylist() == [1, 2]
    assert done.report.smallest_class_after is done.report.classes is done.report.loss is None
    assert "no quasi-identifier" in done.report.proves


def test_dropped_quasi_identifiers_are_reported_and_leave_no_class() -> None:
    done = run(fields={**FIELDS, "district": {"action": "drop"}, "size": {"action": "drop"}})
    assert done.table.column_names == ["account", "debt", "seq"]
    assert (done.report.smallest_class_before, done.report.smallest_class_after) == (1, None)
    assert [each.meaning for each in done.report.quasi_identifiers] == ["dropped", "dropped"]
    assert done.report.dropped == ("name", "district", "size")


def test_one_dropped_quasi_identifier_takes_no_part_in_the_classes() -> None:
    done = run(fields={**FIELDS, "district": {"action": "drop"}})
    assert (done.report.smallest_class_before, done.report.smallest_class_after) == (1, 3)
    assert [each.level for each in done.report.quasi_identifiers] == [None, 0]


def test_null_is_a_value_of_its_own() -> None:
    done = run_on(pa.array(["a"] * 3 + [None] * 3), STAR)
    assert done.table.column("q").to_pylist() == ["a"] * 3 + [None] * 3
    with pytest.raises(PrivacyRefused, match="2 of 5 rows"):  # two nulls hide in no other class
        run_on(pa.array(["a"] * 3 + [None] * 2), {"action": "keep"})
    suppressed = run_on(pa.array(["a"] * 3 + [None] * 2), STAR)
    assert suppressed.table.column("q").to_pylist() == ["*"] * 5


def test_nulls_stay_null_under_a_pseudonym() -> None:
    done = run(pa.table({"id": ["a", None]}), fields={"id": {"action": "pseudonymize"}}, kinds={"id": DIRECT})
    assert done.table.column("id").to_pylist()[1] is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([Decimal("1.50")] * 3, pa.decimal128(9, 2)), "1.50"),
        (pa.array([Decimal("1.50")] * 3, pa.decimal64(9, 2)), "1.50"),
        (pa.array([date(2020, 1, 2)] * 3), "2020-01-02"),
        (pa.array([datetime(2020, 1, 2, tzinfo=UTC)] * 3), "2020-01-02 00:00:00+00:00"),
        (pa.array([True] * 3), "true"),
        (pa.array([0.5] * 3), "0.5"),
        (pa.array(["𠮷\x00*"] * 3), "𠮷\x00*"),
        (pa.array(["x" * 10_000] * 3), "x" * 10_000),
        (pa.array(["x"] * 3, pa.large_string()), "x"),
        (pa.array(["x"] * 3, pa.string_view()), "x"),
        (pa.array(["x"] * 3).dictionary_encode(), "x"),
        (pa.nulls(3), None),
    ],
    ids=str,
)
def test_a_generalized_field_is_text_even_at_level_0(values: pa.Array, expected: str | None) -> None:
    done = run_on(values, STAR)
    assert done.table.column("q").to_pylist() == [expected] * 3
    assert done.table.schema.field("q").type == pa.string()


def test_codes_are_generalized_along_their_list() -> None:
    hierarchy = {"kind": "code-list", "code_list": "gbt4754", "levels": [3, 2, 1]}
    done = run_on(pa.array(["0111", "0112", "0113"]), {"action": "generalize", "hierarchy": hierarchy})
    assert set(done.table.column("q").to_pylist()) == {"011"}
    assert done.report.quasi_identifiers[0].meaning.startswith("code of gbt4754 ")
    with pytest.raises(ValueNotCovered, match="'0000'"):
        run_on(pa.array(["0111", "0000"]), {"action": "generalize", "hierarchy": hierarchy})


def test_a_nested_quasi_identifier_and_a_doubled_field_are_refused() -> None:
    for values in (pa.array([["a"]]), pa.array([b"a"]), pa.array([1], pa.float16())):
        with pytest.raises(UnfitField, match=f"field 'q' of type {values.type}"):
            run_on(values, STAR)
    doubled = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["q", "q"])
    with pytest.raises(UnfitField, match="two fields named 'q'"):
        run(doubled, fields={}, kinds={"q": NONE})


def test_a_policy_that_keeps_a_direct_identifier_is_refused() -> None:
    with pytest.raises(PolicyDoesNotFit, match="field 'name'"):
        run(fields={**FIELDS, "name": {"action": "keep"}})


@pytest.mark.parametrize("key", [None, b"short"])
def test_a_key_that_can_not_serve_is_refused_before_any_work(key: bytes | None) -> None:
    with pytest.raises(UnusableKey):
        run(a_table([("1", 1)]), key=key)  # the table alone would be refused as too small


def test_too_many_levels_are_refused_naming_them() -> None:
    deep = {"action": "generalize", "hierarchy": {"kind": "prefix", "keep": list(range(200, 0, -1))}}
    table = pa.table({"a": ["x"], "b": ["x"]})
    with pytest.raises(LatticeTooLarge, match=r"40,401 combinations of levels, .* a 201, b 201"):
        run(table, fields={"a": deep, "b": deep}, kinds={"a": QUASI, "b": QUASI})


def test_one_very_deep_hierarchy_is_searched() -> None:
    deep = {"kind": "prefix", "keep": list(range(19_000, 0, -1))}
    done = run_on(pa.array(["ab", "ac", "ad"]), {"action": "generalize", "hierarchy": deep})
    assert set(done.table.column("q").to_pylist()) == {"a*"}


def test_nothing_left_out_lingers_in_the_output() -> None:
    table = pa.table(
        {
            "q": pa.array(["a"] * 3 + ["lonely"]).dictionary_encode(),
            "note": pa.array(["fine"] * 3 + ["secret"]).dictionary_encode(),
        }
    ).replace_schema_metadata({"pandas": "name: 张三"})
    kinds = {"q": QUASI, "note": NONE}
    done = run(table, fields={"q": {"action": "keep"}}, kinds=kinds, suppression_limit="0.25")
    assert done.table.schema.metadata is None
    written = parquet(done.table)
    assert b"lonely" not in written
    assert b"secret" not in written


def a_large_table(rows: int = 50_000) -> pa.Table:
    rng = np.random.default_rng(7)
    codes = [f"35{code:04}" if code else None for code in rng.geometric(0.02, rows) - 1]
    return a_table([(code, int(size)) for code, size in zip(codes, rng.integers(1, 4, rows), strict=True)])


def test_the_same_bytes_come_of_any_chunks_and_threads() -> None:
    table = a_large_table()
    chunks = pa.concat_tables(table.slice(start, 7_001) for start in range(0, table.num_rows, 7_001))
    threads = pa.cpu_count()
    try:
        pa.set_cpu_count(1)
        one = run(table, suppression_limit="0.01")
        pa.set_cpu_count(4)
        other = run(chunks, suppression_limit="0.01")
    finally:
        pa.set_cpu_count(threads)
    assert one.report.rows_suppressed > 0
    assert one.report == other.report
    assert parquet(one.table) == parquet(other.table)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_combinations_do_not_hang_on_the_threads(threads: int) -> None:
    table = a_large_table()
    columns = [encode(field, table.column(field)) for field in ("district", "size")]
    expected, found = collapse(columns), collapse(columns, threads=threads)
    assert (found.codes == expected.codes).all()
    assert (found.counts == expected.counts).all()
    assert found.rows == table.num_rows


def test_the_order_of_the_rows_changes_nothing_but_their_order() -> None:
    table = a_large_table(5_000)
    order = np.random.default_rng(3).permutation(table.num_rows)
    straight = run(table, suppression_limit="0.02")
    shuffled = run(table.take(pa.array(order)), suppression_limit="0.02")
    assert straight.report == shuffled.report
    assert shuffled.table.sort_by("seq").equals(straight.table)
