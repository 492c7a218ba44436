"""The search against a plain oracle that tries every node with dictionaries and fractions."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.anonymize import LabelTable, PrivacyPolicy, PrivacyRefused, Star, anonymize, recheck
from products.anonymize.combinations import collapse, encode
from products.anonymize.hierarchies import build
from products.anonymize.lattice import search
from standards.data_elements import IdentifierKind
from standards.library import Library

Ladder = dict[str | None, tuple[str | None, ...]]  # value -> its labels from level 0 up
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Case:
    rows: list[Row]
    ladders: list[Ladder]
    k: int
    limit: str

    @property
    def fields(self) -> list[str]:
        return [f"f{at}" for at in range(len(self.ladders))]

    @property
    def table(self) -> pa.Table:
        columns = {
            field: pa.array([row[at] for row in self.rows], pa.string())
            for at, field in enumerate(self.fields)
        }
        return pa.table({**columns, "seq": pa.array(range(len(self.rows)), pa.int64())})

    @property
    def policy(self) -> PrivacyPolicy:
        entries = {
            field: {
                "action": "generalize",
                "hierarchy": {"kind": "table", "rows": list(ladder.values())},
            }
            for field, ladder in zip(self.fields, self.ladders, strict=True)
        }
        return PrivacyPolicy.parse(
            {"release_model": "enclave", "k": self.k, "suppression_limit": self.limit, "fields": entries}
        )


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """A domain of up to 5 values, null perhaps among them, under up to 2 nested groupings and a top."""
    values: list[str | None] = ["a", "b", "c", "𠮷", None][: draw(st.integers(1, 5))]
    groups = draw(st.lists(st.integers(0, 2), min_size=len(values), max_size=len(values)))
    upper = draw(st.lists(st.integers(0, 1), min_size=3, max_size=3))
    levels = draw(st.integers(1, 3))
    return {
        value: (value, f"g{group}", f"u{upper[group]}", "*")[: levels + 1]
        for value, group in zip(values, groups, strict=True)
    }


@st.composite
def cases(draw: st.DrawFn) -> Case:
    drawn = draw(st.lists(ladders(), min_size=1, max_size=3))
    row = st.tuples(*(st.sampled_from(list(ladder)) for ladder in drawn))
    rows = draw(st.lists(row, min_size=1, max_size=14))
    return Case(rows, drawn, draw(st.integers(3, 5)), draw(st.sampled_from(["0", "0.1", "0.3", "0.5", "1"])))


def generalized(case: Case, node: tuple[int, ...]) -> list[Row]:
    return [
        tuple(ladder[value][level] for ladder, value, level in zip(case.ladders, row, node, strict=True))
        for row in case.rows
    ]


def below_k(case: Case, node: tuple[int, ...]) -> int:
    return sum(size for size in Counter(generalized(case, node)).values() if size < case.k)


def loss(case: Case, node: tuple[int, ...]) -> Fraction:
    """The mean over rows and attributes, by definition: the oracle of the docstring of `search`."""
    labels = generalized(case, node)
    sizes = Counter(labels)
    total = Fraction(0)
    for row in labels:
        for at, ladder in enumerate(case.ladders):
            leaves = sum(each[node[at]] == row[at] for each in ladder.values())
            spread = Fraction(leaves - 1, len(ladder) - 1) if len(ladder) > 1 else Fraction(0)
            total += spread if sizes[row] >= case.k else 1
    return total / len(labels) / len(case.ladders)


def nodes(case: Case) -> Iterator[tuple[int, ...]]:
    return product(*(range(len(next(iter(ladder.values())))) for ladder in case.ladders))


def best(case: Case) -> tuple[Fraction, int, tuple[int, ...]] | None:
    allowed = min(int(Fraction(case.limit) * len(case.rows)), len(case.rows) - 1)
    ranks = [(loss(case, node), below_k(case, node), node) for node in nodes(case)]
    return min((rank for rank in ranks if rank[1] <= allowed), default=None)


@given(cases())
def test_the_result_is_the_oracles_and_really_k_anonymous(case: Case) -> None:
    kinds = {**dict.fromkeys(case.fields, IdentifierKind.QUASI), "seq": IdentifierKind.NONE}
    expected = best(case)
    if expected is None:
        with pytest.raises(PrivacyRefused) as caught:
            anonymize(case.table, kinds, case.policy, code_lists=Library.load().code_list)
        assert caught.value.rows_below_k == min(below_k(case, node) for node in nodes(case))
        return
    done = anonymize(case.table, kinds, case.policy, code_lists=Library.load().code_list)
    least, suppressed, node = expected
    assert tuple(each.level for each in done.report.quasi_identifiers) == node
    assert done.report.loss == f"{float(round(least, 6)):.6f}"
    assert done.report.rows_suppressed == suppressed == len(case.rows) - done.table.num_rows
    assert recheck(done.table, case.fields, case.k) == done.report.smallest_class_after
    classes = Counter(generalized(case, node))
    assert done.report.classes == sum(size >= case.k for size in classes.values())
    labels = generalized(case, node)
    for record in done.table.to_pylist():
        assert tuple(record[field] for field in case.fields) == labels[record["seq"]]
    kept = [at for at, row in enumerate(labels) if classes[row] >= case.k]
    assert done.table.column("seq").to_pylist() == kept


def test_class_keys_beyond_64_bits_stay_apart() -> None:
    """Nine fields of 256 values: in plain 64-bit arithmetic the first field would vanish from the key."""
    rows = [(value,) * 9 for value in range(256)] * 3 + [(5, *(0,) * 8)] * 2
    table = pa.table({f"f{at}": [row[at] for row in rows] for at in range(9)})
    columns = [encode(field, table.column(field)) for field in table.column_names]
    hierarchies = [build(each.field, each.values, None, Library.load().code_list) for each in columns]
    found = search(collapse(columns), hierarchies, k=3, most_suppressed=2)
    assert (found.suppressed, found.classes, found.smallest_class) == (2, 256, 3)


def test_equal_losses_go_to_the_fewest_suppressed_rows() -> None:
    """Level 0 loses one row of four, level 1 loses (2 - 1) / (5 - 1) in every row."""
    columns = [encode("f", pa.chunked_array([["a", "a", "a", "b"]]))]
    ladder = LabelTable(rows=(("a", "g"), ("b", "g"), ("c", "c"), ("d", "d"), ("e", "e")))
    hierarchy = build("f", columns[0].values, ladder, Library.load().code_list)
    found = search(collapse(columns), [hierarchy], k=3, most_suppressed=1)
    assert (found.levels, found.suppressed, found.loss) == ((1,), 0, Fraction(1, 4))


def test_equal_losses_then_go_to_the_lowest_levels_of_the_first_fields() -> None:
    """Of two fields either one must go up for classes of three, at the same loss."""
    columns = [
        encode(field, pa.chunked_array([values]))
        for field, values in (("a", ["x", "x", "x", "y", "y", "y"]), ("b", ["p", "q"] * 3))
    ]
    hierarchies = [build(each.field, each.values, Star(), Library.load().code_list) for each in columns]
    found = search(collapse(columns), hierarchies, k=3, most_suppressed=0)
    assert found.levels == (0, 1)
