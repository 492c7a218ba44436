"""Security levels: the order is the meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.security import NoSecurityLevel, ReleaseModel, SecurityLevel, highest

LEVELS = st.sampled_from(SecurityLevel)


def test_the_levels_run_from_general_1_to_core() -> None:
    ordered = sorted([*list(SecurityLevel)[3:], *list(SecurityLevel)[:3]])
    assert [str(level) for level in ordered] == [
        "general-1",
        "general-2",
        "general-3",
        "general-4",
        "important",
        "core",
    ]
    assert SecurityLevel.CORE > SecurityLevel.IMPORTANT > SecurityLevel.GENERAL_4 >= SecurityLevel.GENERAL_4
    assert not SecurityLevel.CORE < SecurityLevel.CORE
    assert SecurityLevel.GENERAL_1 <= SecurityLevel.GENERAL_2


@given(st.lists(LEVELS, min_size=1))
def test_a_whole_takes_the_highest_level_of_its_parts(levels: list[SecurityLevel]) -> None:
    whole = highest(levels)
    assert whole in levels
    assert all(level <= whole for level in levels)


@given(st.lists(LEVELS, min_size=1), st.lists(LEVELS, min_size=1))
def test_parts_may_be_gathered_in_any_grouping(one: list[SecurityLevel], other: list[SecurityLevel]) -> None:
    assert highest([highest(one), highest(other)]) is highest(one + other)


def test_nothing_has_no_level() -> None:
    with pytest.raises(NoSecurityLevel):
        highest([])


def test_every_level_and_model_has_a_title_in_both_languages() -> None:
    named = [*SecurityLevel, *ReleaseModel]
    assert all(each.title_zh and each.title_en for each in named)
    assert len({each.title_zh for each in named}) == len(named)


def test_the_more_open_a_release_the_larger_its_smallest_class() -> None:
    assert [(model.value, model.k) for model in ReleaseModel] == [
        ("public", 20),
        ("controlled", 5),
        ("enclave", 3),
    ]
