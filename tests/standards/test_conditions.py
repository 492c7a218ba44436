"""Conditions: one line of text that says which rows a rule speaks of."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.conditions import Condition, MalformedCondition, Relation, parse, written

_FIELDS = st.from_regex(r"[a-z][a-z0-9_]{0,8}(\.[a-z][a-z0-9_]{0,8})?", fullmatch=True)
_VALUES = st.text(
    st.characters(exclude_characters='"', exclude_categories=("C", "Z")), min_size=1, max_size=6
)
_BARE = st.sampled_from([Relation.PRESENT, Relation.MISSING, Relation.TRUE, Relation.FALSE])
_BOUNDS = st.sampled_from([Relation.BELOW, Relation.AT_MOST, Relation.ABOVE, Relation.AT_LEAST])
_NUMBERS = st.decimals(-(10**6), 10**6, places=3)
CONDITIONS = st.one_of(
    st.builds(Condition, _FIELDS, _BARE),
    st.builds(
        lambda field, relation, values: Condition(field, relation, tuple(values)),
        _FIELDS,
        st.sampled_from([Relation.IN, Relation.NOT_IN]),
        st.lists(_VALUES | st.just("and") | st.just("a b"), min_size=1, max_size=3),
    ),
    st.builds(lambda field, relation, n: Condition(field, relation, bound=n), _FIELDS, _BOUNDS, _NUMBERS),
)


@given(st.lists(CONDITIONS, min_size=1, max_size=4).map(tuple))
def test_what_is_written_is_read_as_the_same(conditions: tuple[Condition, ...]) -> None:
    assert parse(written(conditions)) == conditions


def test_a_line_is_several_conditions() -> None:
    found = parse('customer.tariff_class in 21 "a b" "and" and customer.closed_on missing and volume >= 1.50')
    assert found == (
        Condition("customer.tariff_class", Relation.IN, ("21", "a b", "and")),
        Condition("customer.closed_on", Relation.MISSING),
        Condition("volume", Relation.AT_LEAST, bound=Decimal("1.50")),
    )
    assert parse("status not in 31 32")[0].relation is Relation.NOT_IN


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("and", "is no condition"),
        ("status", "is no condition"),
        ("Status present", "is no condition"),
        ("status in", "names no values"),
        ("status not 3", "is none of"),
        ("status = 3", "is none of"),
        ("status present 1", "takes no value"),
        ("volume < a", "is not one number"),
        ("volume < 1 2", "is not one number"),
        ("volume < NaN", "is not one number"),
        ('status in "a', "without its second"),
        ("status present and", "is no condition"),
    ],
)
def test_what_is_no_condition_says_why_and_what_one_looks_like(text: str, why: str) -> None:
    with pytest.raises(MalformedCondition, match=why) as caught:
        parse(text)
    assert "customer.tariff_class in 21 22" in (caught.value.hint or "")
