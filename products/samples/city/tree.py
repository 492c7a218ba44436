"""The small registers: organisation, readers, meter books, metered areas and districts.

A pump station supplies one district metered area. Nobody in the organisation exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa

from products.samples.city import tariff
from products.samples.city.chance import Whole
from products.samples.city.columns import constant, decimals, digits, fixed_text, joined
from products.samples.city.layout import (
    BOOKS_A_COMMUNITY,
    BRANCHES,
    COMMUNITIES_A_STATION,
    polygon,
    rectangle,
)
from products.samples.city.naming import communities
from products.samples.city.parts import City
from products.samples.customers import DISTRICTS

BOOKS_A_READER: Final = 20

BOOK_FIELDS: Final = (
    ("book_no", "meter_book.number"), ("book_name", "meter_book.name"), ("branch", "meter_book.branch"),
    ("office", "meter_book.office"), ("reader", "meter_book.reader"),
    ("cycle_months", "meter_book.cycle_months"),
    ("reading_day", "meter_book.reading_day"), ("area_code", "meter_book.area_code"),
    ("meter_count", "meter_book.meter_count"), ("longitude", "meter_book.longitude"),
    ("latitude", "meter_book.latitude"), ("polygon", "meter_book.polygon"),
    ("synthetic", "dataset.is_synthetic"),
)  # fmt: skip
UNIT_FIELDS: Final = (
    ("unit_code", "organisation.code"), ("unit_name", "organisation.name"), ("level", "organisation.level"),
    ("parent_code", "organisation.parent_code"), ("synthetic", "dataset.is_synthetic"),
)  # fmt: skip
AREA_FIELDS: Final = (("area", "area.code"), ("synthetic", "dataset.is_synthetic"))
DISTRICT_FIELDS: Final = (
    ("district_code", "district.code"), ("district_name", "district.name"), ("polygon", "district.polygon"),
    ("synthetic", "dataset.is_synthetic"),
)  # fmt: skip
TREE_HEADER: Final = ("code", "kind", "title", "parent")
PEOPLE_HEADER: Final = ("party", "kind", "name", "unit", "duty")


@lru_cache(maxsize=2)
def _readers(city: City) -> pa.Array:
    layout = city.layout
    serial = (layout.book_sequence - 1) // BOOKS_A_READER + 1
    letter = np.full((layout.books, 1), ord("R"), np.uint8)
    return fixed_text(np.hstack([letter, layout.book_numbers[:, :4], digits(serial, 3)]))


def readers(city: City) -> pa.Array:
    """Return the staff number of each book's reader."""
    return _readers(city)


def stations(city: City) -> Whole:
    """Return the pump station of each book, numbered through the city from 1."""
    local = (city.layout.book_sequence - 1) // (BOOKS_A_COMMUNITY * COMMUNITIES_A_STATION)
    key = (city.layout.book_branch * 100 + city.layout.book_office) * 10_000 + local
    rank: Whole = np.unique(key, return_inverse=True)[1]
    return rank + 1


def books(city: City) -> pa.Table:
    """Return the meter books: `BOOK_FIELDS`."""
    layout = city.layout
    centres = layout.book_corners.sum(axis=1) // 4
    size = np.minimum(
        layout.book_size,
        layout.branch_start[layout.book_branch + 1]
        - layout.branch_start[layout.book_branch]
        - (np.arange(layout.books) - layout.book_start[layout.book_branch]) * layout.book_size,
    )
    places = np.arange(layout.books)
    return pa.table(
        {
            "book_no": fixed_text(layout.book_numbers),
            "book_name": joined(communities(places // BOOKS_A_COMMUNITY), "(合成)"),
            "branch": fixed_text(layout.book_numbers[:, :2]),
            "office": fixed_text(layout.book_numbers[:, :4]),
            "reader": readers(city),
            "cycle_months": pa.array(np.ones(layout.books, np.int64)),
            "reading_day": pa.array(city.chance.between(16, 28, "reading-day", places)),
            "area_code": joined("DMA-", fixed_text(digits(stations(city), 5))),
            "meter_count": pa.array(size),
            "longitude": decimals(centres[:, 0], 10, 6),
            "latitude": decimals(centres[:, 1], 9, 6),
            "polygon": [polygon(corners) for corners in layout.book_corners],
            "synthetic": constant(True, pa.bool_(), layout.books),
        }
    )


def areas(city: City) -> pa.Table:
    """Return the district metered areas: `AREA_FIELDS`."""
    count = int(stations(city).max())
    codes = joined("DMA-", fixed_text(digits(np.arange(1, count + 1), 5)))
    return pa.table({"area": codes, "synthetic": constant(True, pa.bool_(), count)})


def districts(city: City) -> pa.Table:
    """Return the districts: `DISTRICT_FIELDS`. Their codes and names are real, their areas are made up."""
    layout = city.layout
    return pa.table(
        {
            "district_code": [d.code for d in DISTRICTS],
            "district_name": [d.name for d in DISTRICTS],
            "polygon": [rectangle(layout.box(place)) for place in range(len(DISTRICTS))],
            "synthetic": constant(True, pa.bool_(), len(DISTRICTS)),
        }
    )


def units(city: City) -> pa.Table:
    """Return group, branches and offices as rows: `UNIT_FIELDS`."""
    rows: list[tuple[str, str, str, str | None]] = [("0", "合成水务集团", "1", None)]
    rows += [(f"{b + 1:02}", f"{name}分公司(合成)", "2", "0") for b, name in enumerate(BRANCHES)]
    rows += [
        (f"{b + 1:02}{o + 1:02}", f"{BRANCHES[b]}第{o + 1}营业所(合成)", "3", f"{b + 1:02}")
        for b, o in city.layout.offices
    ]
    columns = list(zip(*rows, strict=True))
    names = ("unit_code", "unit_name", "level", "parent_code")
    table = dict(zip(names, (pa.array(column, pa.string()) for column in columns), strict=True))
    return pa.table({**table, "synthetic": constant(True, pa.bool_(), len(rows))})


def tree_rows(city: City) -> Iterator[tuple[str, str, str, str]]:
    """Yield the organisation tree as `shuize organisation import` takes it, the group first."""
    yield "group", "group", "SYNTHETIC water group 合成水务集团", ""
    for number, name in enumerate(BRANCHES):
        yield f"{number + 1:02}", "branch", f"SYNTHETIC branch {name}分公司", "group"
    for branch, office in city.layout.offices:
        code = f"{branch + 1:02}{office + 1:02}"
        yield code, "office", f"SYNTHETIC office {BRANCHES[branch]}第{office + 1}营业所", code[:2]
    layout, seen = city.layout, set()
    numbers = fixed_text(layout.book_numbers).to_pylist()
    station = stations(city).tolist()
    for place, (number, sequence) in enumerate(zip(numbers, layout.book_sequence.tolist(), strict=True)):
        pump = f"P{station[place]:05}"
        community = f"{number[:4]}-C{(sequence - 1) // BOOKS_A_COMMUNITY + 1:04}"
        if pump not in seen:
            seen.add(pump)
            yield pump, "pump-station", f"SYNTHETIC pump station {station[place]}号泵站", number[:4]
        if community not in seen:
            seen.add(community)
            yield community, "community", f"SYNTHETIC community {community[6:]}号小区", pump
        yield number, "meter-book", f"SYNTHETIC book 表册{number}", community


def people_rows(city: City) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield the people, each with a unit and a duty: readers, and a steward of each office."""
    for branch, office in city.layout.offices:
        code = f"{branch + 1:02}{office + 1:02}"
        yield f"steward-{code}", "person", f"SYNTHETIC steward 合成管理员{code}", code, "steward"
    for number in sorted(set(readers(city).to_pylist())):
        yield number.lower(), "person", f"SYNTHETIC reader 合成抄表员{number[1:]}", number[1:5], "reader"


SMALL: Final = {
    "meter-books": books, "areas": areas, "districts": districts, "units": units, "tariff": tariff.table,
}  # fmt: skip
"""The registers that do not grow with the customers, or little."""
