from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from products.anonymize import (
    CodeListLevels,
    DeclaredHierarchy,
    Intervals,
    LabelTable,
    Prefixes,
    Star,
    TwoParents,
    ValueNotCovered,
)
from products.anonymize.hierarchies import build, text
from standards.library import Library, UnknownCodeList

CODE_LISTS = Library.load().code_list


def labels(declared: DeclaredHierarchy | None, values: Sequence[object]) -> list[tuple[str | None, ...]]:
    """Return each value's labels from level 0 up."""
    levels = build("x", values, declared, CODE_LISTS).levels
    return [tuple(level.labels[level.of_value[at]] for level in levels) for at in range(len(values))]


def leaves(declared: DeclaredHierarchy | None, values: Sequence[object]) -> list[dict[str | None, int]]:
    levels = build("x", values, declared, CODE_LISTS).levels
    return [dict(zip(level.labels, level.leaves.tolist(), strict=True)) for level in levels]


def test_without_a_declaration_there_is_the_value_alone() -> None:
    assert labels(None, ["a", None]) == [("a",), (None,)]


def test_the_star_takes_in_everything_null_included() -> None:
    assert labels(Star(), ["a", None]) == [("a", "*"), (None, "*")]


def test_codes_go_up_their_list_and_coarser_ones_stay() -> None:
    declared = CodeListLevels(code_list="gbt4754", levels=(2, 1), star=True)
    assert labels(declared, ["0111", "01", "A", None]) == [
        ("0111", "01", "A", "*"),
        ("01", "01", "A", "*"),
        ("A", "A", "A", "*"),
        (None, None, None, "*"),
    ]


def test_the_domain_of_a_code_list_is_its_finest_codes() -> None:
    gbt4754 = CODE_LISTS("gbt4754")
    below_a = [each.code for each in gbt4754.at_level(4) if gbt4754.ancestor(each.code, 1).code == "A"]
    assert leaves(CodeListLevels(code_list="gbt4754", levels=(1,)), ["0111"])[1]["A"] == len(below_a)


def test_intervals_of_numbers_are_closed_below_and_open_above() -> None:
    declared = Intervals.model_validate(
        {
            "levels": [
                {"cuts": [0, "9.5", 20], "labels": ["<0", "0-9.5", "9.5-20", "20+"]},
                {"cuts": [0], "labels": ["<0", "0+"]},
            ]
        }
    )
    values = [-1, 0, Decimal("9.49"), 9.5, 20, 10**30]
    assert [each[1:] for each in labels(declared, values)] == [
        ("<0", "<0"),
        ("0-9.5", "0+"),
        ("0-9.5", "0+"),
        ("9.5-20", "0+"),
        ("20+", "0+"),
        ("20+", "0+"),
    ]


def test_intervals_of_dates_take_dates_and_timestamps() -> None:
    declared = Intervals.model_validate({"levels": [{"cuts": ["2020-01-01"], "labels": ["old", "new"]}]})
    values = [date(2019, 12, 31), datetime(2020, 1, 1, tzinfo=UTC), None]
    assert [each[1] for each in labels(declared, values)] == ["old", "new", None]


def test_prefixes_count_characters_beyond_the_basic_plane_as_one() -> None:
    assert labels(Prefixes(keep=(2, 1)), ["𠮷野家", "𠮷", ""]) == [
        ("𠮷野家", "𠮷野*", "𠮷*"),
        ("𠮷", "𠮷*", "𠮷*"),
        ("", "*", "*"),
    ]


def test_prefixes_of_dates_are_months_and_years() -> None:
    assert labels(Prefixes(keep=(7, 4)), [date(2021, 3, 4)]) == [("2021-03-04", "2021-03*", "2021*")]


def test_a_label_table_may_list_the_missing_value() -> None:
    silent = LabelTable(rows=(("a", "x"), ("b", "x")))
    spoken = LabelTable(rows=(("a", "x"), (None, "x")))
    assert labels(silent, ["a", None]) == [("a", "x"), (None, None)]
    assert labels(spoken, ["a", None]) == [("a", "x"), (None, "x")]


def test_the_domain_of_a_label_table_is_what_it_lists() -> None:
    assert leaves(LabelTable(rows=(("a", "x"), ("b", "x"), ("c", "y"))), ["a"])[1] == {"x": 2, "y": 1}


def test_a_value_listed_under_two_parents_is_rejected_naming_them() -> None:
    declared = LabelTable(rows=(("a", "x"), ("b", "y"), ("a", "y")))
    with pytest.raises(TwoParents, match="field 'x': 'a' has two parents, 'x' and 'y'"):
        labels(declared, ["a"])


def test_a_label_under_two_parents_is_rejected_naming_them() -> None:
    declared = LabelTable(rows=(("a", "x", "top"), ("b", "x", "other")))
    with pytest.raises(TwoParents, match="'x' has two parents, 'top' and 'other'"):
        labels(declared, ["a"])


def test_a_row_given_twice_is_no_contradiction() -> None:
    assert labels(LabelTable(rows=(("a", "x"), ("a", "x"))), ["a"]) == [("a", "x")]


@pytest.mark.parametrize(
    ("declared", "values"),
    [
        (LabelTable(rows=(("a", "x"),)), ["a", "b"]),
        (CodeListLevels(code_list="gbt4754", levels=(1,)), ["0111", "b"]),
        (Intervals.model_validate({"levels": [{"cuts": [1], "labels": ["x", "y"]}]}), [1, "b"]),
        (Intervals.model_validate({"levels": [{"cuts": ["2020-01-01"], "labels": ["x", "y"]}]}), ["b"]),
    ],
)
def test_a_value_that_is_not_covered_is_named(declared: DeclaredHierarchy, values: list[object]) -> None:
    with pytest.raises(ValueNotCovered, match="field 'x': the hierarchy does not cover 'b'"):
        labels(declared, values)


def test_few_of_many_uncovered_values_are_named_and_long_ones_cut() -> None:
    with pytest.raises(ValueNotCovered) as caught:
        labels(LabelTable(rows=(("a", "x"),)), ["b", "c", "d" * 10_000, "e", "f"])
    assert "and 2 more" in caught.value.message
    assert len(caught.value.message) < 200


def test_not_a_number_has_no_interval() -> None:
    declared = Intervals.model_validate({"levels": [{"cuts": [1], "labels": ["x", "y"]}]})
    with pytest.raises(ValueNotCovered, match="'nan'"):
        labels(declared, [float("nan")])


def test_an_unknown_code_list_is_reported_by_the_library() -> None:
    with pytest.raises(UnknownCodeList):
        labels(CodeListLevels(code_list="no-such-list", levels=(1,)), ["a"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, "true"), (Decimal("1.50"), "1.50"), (Decimal("1E+2"), "100"), (date(2020, 1, 2), "2020-01-02")],
)
def test_values_have_one_text(value: object, expected: str) -> None:
    assert text(value) == expected
