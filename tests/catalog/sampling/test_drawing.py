"""Drawing: in proportion, without chance, and the same whatever order the rows came in."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.sampling.drawing import ImpossibleSample, Sampling, shares
from tests.builders import Room, fields

FIELDS = fields(number="customer.number", office="customer.office")


def loaded(room: Room, *, backwards: bool = False) -> Sampling:
    room.register(name="people", fields=FIELDS, key=["number"])
    lines = [f"{n:011},{'0101' if n % 4 else '0202'}" for n in range(200)]
    room.load("\n".join(["number,office", *(reversed(lines) if backwards else lines)]), "people")
    return Sampling(room.datasets, room.store)


def test_strata_are_drawn_in_proportion(room: Room) -> None:
    sample = loaded(room).draw("people", 20, "a seed", by="office")
    assert Counter(each.stratum for each in sample.rows) == {"0101": 15, "0202": 5}
    assert (sample.population, sample.version) == (200, 1)


def test_the_least_digests_of_seed_and_name_are_drawn(room: Room) -> None:
    names = [f"{n:011}" for n in range(200)]
    expected = sorted(names, key=lambda name: hashlib.sha256(f"s:{name}".encode()).hexdigest())[:7]
    sample = loaded(room, backwards=True).draw("people", 7, "s")
    assert sorted(each.object for each in sample.rows) == sorted(f'["{name}"]' for name in expected)


@pytest.mark.parametrize(("size", "by"), [(0, None), (201, None), (5, "colour")])
def test_what_cannot_be_drawn_is_refused(room: Room, size: int, by: str | None) -> None:
    with pytest.raises(ImpossibleSample):
        loaded(room).draw("people", size, "s", by=by)


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 50), min_size=1, max_size=8), st.data())
def test_shares_are_whole_and_near_the_proportion(sizes: dict[str | None, int], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, sum(sizes.values())))
    given_ = shares(sizes, size)
    assert sum(given_.values()) == size
    for name, count in sizes.items():
        assert abs(given_[name] - count * size / sum(sizes.values())) < 1
        assert given_[name] <= count
