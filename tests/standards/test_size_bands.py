"""Size bands: every volume has one, and its edges are where the code says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.code_lists import Code, CodeList
from standards.errors import InvalidInput
from standards.library import Library
from standards.size_bands import MalformedSizeBands, band_of, size_bands

BANDS = size_bands(Library.load().code_list("size-band"))


@pytest.mark.parametrize(
    ("volume_m3", "code"),
    [
        ("0", "0-200"),
        ("199.999", "0-200"),
        ("200", "200-1000"),
        ("199999.999", "50000-200000"),
        ("200000", "200000-"),
    ],
)
def test_the_lower_bound_is_inside_and_the_upper_one_outside(volume_m3: str, code: str) -> None:
    assert band_of(Decimal(volume_m3), BANDS) == code


@given(st.decimals(min_value=0, max_value=10**9, places=3))
def test_every_volume_falls_into_exactly_one_band(volume_m3: Decimal) -> None:
    holding = [
        band.code
        for band in BANDS
        if band.at_least_m3 <= volume_m3 and (band.below_m3 is None or volume_m3 < band.below_m3)
    ]
    assert holding == [band_of(volume_m3, BANDS)]


@pytest.mark.parametrize("volume_m3", ["-0.001", "NaN", "Infinity"])
def test_what_is_no_volume_is_refused(volume_m3: str) -> None:
    with pytest.raises(InvalidInput):
        band_of(Decimal(volume_m3), BANDS)


@pytest.mark.parametrize(
    "codes",
    [
        ["0-10", "11-"],
        ["0-10", "5-"],
        ["1-"],
        ["0-10"],
        ["0-10", "10-20"],
        ["0-", "10-"],
        ["few"],
        ["0-x"],
        [],
    ],
)
def test_bands_with_a_gap_or_an_overlap_are_refused(codes: list[str]) -> None:
    top = Code(code="all", parent=None, level=1, title_zh="全部")
    bands = [Code(code=code, parent="all", level=2, title_zh=code) for code in codes]
    code_list = CodeList(
        id="bands",
        version="1",
        title_zh="档",
        title_en="Bands",
        source="a test",
        valid_from=date(2021, 1, 1),
        codes=(top, *bands),
    )
    with pytest.raises(MalformedSizeBands):
        size_bands(code_list)
