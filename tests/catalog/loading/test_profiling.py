from __future__ import annotations

from catalog.datasets.models import FieldProfile
from catalog.loading.loader import Loader
from standards.data_elements import DataElement, IdentifierKind
from tests.builders import Room, csv_text, fields


def profile(room: Room, elements: dict[str, str], rows: list[list[str | None]]) -> dict[str, FieldProfile]:
    room.register(fields=fields(**elements))
    version = room.load(csv_text(list(elements), rows)).version
    assert [field.name for field in version.profile] == list(elements)
    assert room.datasets.version("inflow").profile == version.profile
    return {field.name: field for field in version.profile}


def test_every_field_is_counted_exactly_with_its_extremes_in_text_form(room: Room) -> None:
    found = profile(
        room,
        {
            "area": "area.code",
            "flow": "reading.inflow_l_per_s",
            "day": "reading.read_on",
            "at": "reading.observed_at",
            "guess": "reading.is_estimated",
            "count": "customer.count",
        },
        [
            ["b", "10", "2021-10-01", "2021-03-28T01:00:00Z", "true", "9"],
            ["a", "9", "2021-09-30", "2021-03-28T09:30:00.5+08:00", None, "10"],
            ["中", None, None, None, None, None],
            ["b", "-1.5", "2021-09-30", "2021-03-28T01:00:00Z", "true", "-3"],
        ],
    )
    figures = {f.name: (f.type, f.nulls, f.distinct, f.minimum, f.maximum) for f in found.values()}
    assert figures == {
        "area": ("string", 0, 3, "a", "中"),
        "flow": ("decimal128(12, 5)", 1, 3, "-1.50000", "10.00000"),
        "day": ("date32[day]", 1, 2, "2021-09-30", "2021-10-01"),
        "at": ("timestamp[us, tz=UTC]", 1, 2, "2021-03-28T01:00:00Z", "2021-03-28T01:30:00.500000Z"),
        "guess": ("bool", 2, 1, "true", "true"),
        "count": ("int64", 1, 3, "-3", "10"),
    }


def test_distinct_values_are_counted_exactly_not_estimated(room: Room) -> None:
    rows = [[f"DMA-{n % 12_345}", str(n)] for n in range(50_000)]
    found = profile(room, {"area": "area.code", "count": "customer.count"}, rows)
    assert (found["area"].distinct, found["count"].distinct) == (12_345, 50_000)


def test_a_field_without_any_value_has_no_extremes(room: Room) -> None:
    found = profile(room, {"area": "area.code", "flow": "reading.inflow_l_per_s"}, [[None, "1"], [" ", "1"]])
    assert (found["area"].nulls, found["area"].distinct) == (2, 0)
    assert (found["area"].minimum, found["area"].maximum) == (None, None)


def test_extremes_of_direct_identifiers_are_hidden_and_their_counts_stay(room: Room) -> None:
    found = profile(
        room,
        {"name": "customer.name", "phone": "customer.phone", "band": "customer.size_band"},
        [["张三", "02412345678", "1"], ["李四", None, "2"]],
    )
    assert (found["name"].minimum, found["name"].maximum, found["name"].distinct) == (None, None, 2)
    assert (found["phone"].minimum, found["phone"].nulls) == (None, 1)
    assert (found["band"].minimum, found["band"].maximum) == ("1", "2")


def test_extremes_of_sensitive_fields_are_hidden_too(room: Room) -> None:
    found = profile(
        room, {"name": "customer.name", "v": "customer.annual_volume_m3"}, [["张三", "7"], ["李四", "9"]]
    )
    assert (found["v"].minimum, found["v"].maximum, found["v"].distinct) == (None, None, 2)


def test_extremes_stay_hidden_when_a_later_version_of_the_element_says_it_names_nobody(room: Room) -> None:
    old = room.library.element("customer.resident_id")
    as_none = {"version": "9.0", "identifier_kind": "none", "security_level": "general-1"}
    imported = (DataElement.model_validate(old.model_dump() | as_none),)
    library = room.library.beside(lambda: imported)
    assert library.element(old.id).identifier_kind is IdentifierKind.NONE
    room.loader = Loader(room.datasets, room.store, library, room.clock, room.drifts)
    found = profile(room, {"id": old.id, "area": "area.code"}, [["x", "A"], ["y", "B"]])
    assert (found["id"].minimum, found["id"].maximum, found["id"].distinct) == (None, None, 2)
    assert (found["area"].minimum, found["area"].maximum) == ("A", "B")


def test_extremes_of_free_text_are_not_kept_for_anything_may_stand_there(room: Room) -> None:
    found = profile(
        room, {"remark": "reading.remark", "area": "area.code"}, [["call 小王", "A"], ["dry", "B"]]
    )
    assert (found["remark"].minimum, found["remark"].maximum, found["remark"].distinct) == (None, None, 2)
    assert (found["area"].minimum, found["area"].maximum) == ("A", "B")


def test_fields_called_like_the_profiles_own_figures_are_no_trouble(room: Room) -> None:
    names = ["low", "high", "nulls", "kinds", "source", "n", "count"]
    found = profile(room, dict.fromkeys(names, "customer.count"), [[str(n) for n in range(7)], [None] * 7])
    assert {f.name: (f.nulls, f.distinct, f.minimum) for f in found.values()} == {
        name: (1, 1, str(n)) for n, name in enumerate(names)
    }
