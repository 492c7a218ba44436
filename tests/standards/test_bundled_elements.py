"""The bundled data elements: those that others rely on, each complete, each guarded as it must be."""

from __future__ import annotations

import re

import pytest

from standards.data_elements import DataElement, DataType, IdentifierKind
from standards.library import Library
from standards.security import SecurityLevel

LIBRARY = Library.load()

PROMISED_ELEMENTS = set(
    """
area.code reading.observed_at reading.inflow_l_per_s period.month usage.volume_m3
usage.daily_volume_m3 usage.index usage.month_on_month_pct usage.year_on_year_pct
quality.hours_expected quality.hours_observed quality.hours_filled
customer.number customer.name customer.credit_code customer.phone customer.address customer.industry_class
customer.industry_division customer.industry_section customer.district_code customer.tariff_class
customer.annual_volume_m3 customer.size_band customer.count customer.status customer.opened_on meter.number
meter.calibre_mm meter_book.number bill.number
""".split()  # noqa: SIM905 - a list of ids reads better as text
)


def test_the_elements_that_others_rely_on_are_there() -> None:
    assert {element.id for element in LIBRARY.elements()} >= PROMISED_ELEMENTS
    assert len(LIBRARY.elements()) >= 100


@pytest.mark.parametrize("element", LIBRARY.elements(), ids=lambda element: element.id)
def test_an_element_is_complete_and_its_values_fit_its_length(element: DataElement) -> None:
    assert re.search(r"[\u4e00-\u9fff]", element.name_zh)
    assert element.name_en.isascii()
    assert element.definition.endswith(".")
    assert element.definition_zh is not None
    assert element.definition_zh.endswith("。")
    if element.type is DataType.TEXT:
        assert element.max_length
    if element.code_list is not None:
        permitted = LIBRARY.code_list(element.code_list)
        codes = permitted.at_level(element.code_level) if element.code_level else permitted.codes
        assert codes
        assert element.max_length is None or max(len(code.code) for code in codes) <= element.max_length
    if element.unit is not None and "_" in element.id:
        suffix = {
            "m3": "_m3",
            "m3/d": "_m3",
            "L/s": "_l_per_s",
            "%": "_pct",
            "mm": "_mm",
            "CNY": "_yuan",
            "h": "hours_",
            "m3/h": "_m3_per_h",
            "CNY/m3": "_yuan_per_m3",
            "mo": "_months",
            "V": "_v",
        }
        assert suffix[element.unit] in element.id


def test_the_two_products_find_their_types() -> None:
    inflow = LIBRARY.element("reading.inflow_l_per_s")
    assert (inflow.type, inflow.precision, inflow.scale) == (DataType.DECIMAL, 12, 5)
    assert inflow.minimum == 0
    volume = LIBRARY.element("usage.volume_m3")
    assert (volume.precision, volume.scale, volume.unit) == (18, 3, "m3")
    assert LIBRARY.element("reading.observed_at").type is DataType.TIMESTAMP
    for element_id in ("usage.index", "usage.month_on_month_pct", "usage.year_on_year_pct"):
        assert (LIBRARY.element(element_id).precision, LIBRARY.element(element_id).scale) == (12, 4)


def test_what_names_somebody_is_a_direct_identifier_and_guarded() -> None:
    for name in ("number", "name", "credit_code", "resident_id", "phone", "address", "contact_name"):
        element = LIBRARY.element(f"customer.{name}")
        assert element.identifier_kind is IdentifierKind.DIRECT
        assert element.security_level >= SecurityLevel.GENERAL_2
    assert LIBRARY.element("customer.annual_volume_m3").identifier_kind is IdentifierKind.SENSITIVE


@pytest.mark.parametrize(
    ("element_id", "good", "bad"),
    [
        ("period.month", ["2021-01", "2023-12"], ["2021-13", "2021-1", "202101"]),
        ("customer.number", ["05000000017"], ["5000000017", "0500000001A"]),
        ("customer.credit_code", ["91110000600037341L"], ["91110000600037341I", "9111000060003734"]),
        (
            "customer.phone",
            ["024-23456789", "13900000000", "+86-13900000000", "02423456789-801"],
            ["none", "1"],
        ),
        (
            "area.code",
            ["DMA-01", "DMA A", "01-03", "B12", "A", "城东-03", "北区", "3#", "ZONE_7", "DMA 1.2"],
            ["dma-1", " DMA-01", "DMA-01 ", "DMA--1", "DMA-", "-1", "ALL", "NORTH", "", "#", "A\n"],
        ),
        ("bill.number", ["2021120500000001"], ["2021130500000001"]),
    ],
)
def test_patterns_take_the_good_and_refuse_the_bad(element_id: str, good: list[str], bad: list[str]) -> None:
    pattern = LIBRARY.element(element_id).pattern
    assert pattern is not None
    assert all(re.fullmatch(pattern, text) for text in good)
    assert not any(re.fullmatch(pattern, text) for text in bad)
