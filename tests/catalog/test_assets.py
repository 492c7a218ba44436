from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from catalog.assets import Assets, MalformedAsset, parse_asset, parse_entry, workbook
from catalog.assets.ledger import Booked, Ledger, Plan
from catalog.assets.register import (
    AlreadyReversed,
    AssetExists,
    AssetNotFound,
    BooksDontAddUp,
    EntryNotFound,
    NotAmortised,
)
from catalog.database import DatabaseConflict
from catalog.parties import PartnersDontGovern
from catalog.roles import NoSuchSubject
from catalog.store import ObjectNotFound
from catalog.trail import Trail
from standards.names import MalformedName
from tests.builders import Room, a_digest, a_release

BACKWARDS = {
    "kind": "right",
    "right": "holding",
    "basis": "x",
    "valid_from": "2026-02-01",
    "valid_until": "2026-01-01",
}
NO_DIGEST = {
    "kind": "cost",
    "item": "cleaning",
    "amount": "1",
    "documents": [{"name": "x", "digest": "y"}],
}


@pytest.fixture
def assets(room: Room) -> Assets:
    room.register()
    return Assets(room.database, room.store, room.clock)


@pytest.fixture
def inflow(assets: Assets) -> Assets:
    assets.enter(parse_asset(an_asset(), where="a test"), by="alice")
    return assets


def an_asset(**said: Any) -> dict[str, Any]:
    return {
        "id": "inflow-data",
        "subject_kind": "dataset",
        "subject": "inflow",
        "title": "Inflow data",
        "title_zh": "进水流量数据资源",
        "recognised_as": "intangible-asset",
        "acquired_by": "developed",
        "source": "own meters",
        "authorisation": "own data, no personal data in it",
    } | said


def add(assets: Assets, kind: str, asset: str = "inflow-data", **said: Any) -> Any:
    return assets.add(asset, parse_entry({"kind": kind} | said, where="a test"), by="alice")


def cost(assets: Assets, amount: str, on: str = "2026-01-15", **said: Any) -> Any:
    return add(assets, "cost", **({"item": "cleaning", "amount": amount, "booked_on": on} | said))


def plan(assets: Assets, months: int, starts_on: str = "2026-01-01", **said: Any) -> Any:
    return add(assets, "amortisation", months=months, starts_on=starts_on, basis="three years of use", **said)


def test_an_asset_comes_back_with_its_entries_and_books(room: Room, inflow: Assets) -> None:
    right = add(
        inflow, "right", right="holding", basis="built and kept by the utility", valid_from="2020-01-01"
    )
    add(inflow, "restriction", text="not outside the province")
    cost(inflow, "1000.01")
    cost(inflow, "200", item="analysis", treatment="expensed")
    add(
        inflow,
        "valuation",
        method="cost",
        value="1500",
        valued_on="2026-02-01",
        valuer="an office",
        purpose="share",
    )
    add(inflow, "certificate", authority="Data Bureau", number="2026-1", issued_on="2026-02-02")
    account = inflow.get("inflow-data")
    assert account.asset.document.title_zh == "进水流量数据资源"
    assert [entry.number for entry in account.entries] == [1, 2, 3, 4, 5, 6]
    assert account.entries[0] == right
    assert (account.book.capitalised, account.book.expensed) == (Decimal("1000.01"), Decimal("200.00"))
    assert account.book.carrying == Decimal("1000.01")
    assert account.schedule.months == ()
    assert inflow.list() == (account,)
    acts = [entry.act for entry in Trail(room.database, room.clock).list()]
    assert acts[-3:] == ["asset-cost-entered", "asset-valuation-entered", "asset-certificate-entered"]
    assert "asset-entered" in acts


def test_three_years_straight_line_to_the_fen(inflow: Assets) -> None:
    cost(inflow, "1000.00")
    plan(inflow, 36)
    schedule = inflow.get("inflow-data").schedule
    amounts = [month.amortised for month in schedule.months]
    assert len(amounts) == 36
    assert sum(amounts) == schedule.total == Decimal("1000.00")
    assert {str(amount) for amount in amounts} == {"27.77", "27.78"}
    assert (schedule.months[0].month, schedule.months[-1].month) == ("2026-01", "2028-12")
    assert schedule.months[-1].closing == 0
    for day, taken in (
        ("2026-01-30", "0.00"),
        ("2026-01-31", "27.78"),
        ("2026-03-01", "55.56"),
        ("2030-01-01", "1000"),
    ):
        book = inflow.get("inflow-data", date.fromisoformat(day)).book
        assert book.amortised == Decimal(taken)
        assert book.carrying == (book.capitalised - book.amortised)


def test_later_costs_residual_impairment_and_a_change_of_estimate_are_spread_ahead(inflow: Assets) -> None:
    cost(inflow, "1200")
    plan(inflow, 12, residual="120")
    cost(inflow, "110", "2026-02-10")
    add(inflow, "impairment", amount="100", basis="the market fell", booked_on="2026-03-01")
    months = inflow.get("inflow-data").schedule.months
    assert [str(m.amortised) for m in months[:4]] == ["90.00", "100.00", "100.00", "88.89"]
    assert sum(m.amortised for m in months) == Decimal("1200") + 110 - 100 - 120
    assert months[-1].closing == 120
    plan(inflow, 12, "2026-07-01")
    months = inflow.get("inflow-data").schedule.months
    assert (len(months), months[-1].month, months[-1].closing) == (18, "2027-06", 0)
    assert [str(m.amortised) for m in months[:4]] == ["90.00", "100.00", "100.00", "88.89"]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10**9)), min_size=1, max_size=5),
    st.integers(1, 60),
    st.integers(0, 12),
)
def test_the_months_always_sum_to_what_was_capitalised_by_then(
    costs: list[tuple[int, int]], months: int, start: int
) -> None:
    def day(month: int) -> date:
        return date(2026 + month // 12, month % 12 + 1, 9)

    within = [(m, amount) for m, amount in costs if m < start + months]
    books = Ledger(costs=tuple(Booked(day(m), a) for m, a in costs), plans=(Plan(day(start), months, 0),))
    schedule = books.schedule()
    assert len(schedule.months) == months
    assert schedule.total == Decimal(sum(amount for _, amount in within)).scaleb(-2)
    assert all(month.amortised >= 0 for month in schedule.months)
    assert schedule.months[-1].closing == 0
    assert all(
        month.closing == month.opening + month.added - month.amortised - month.impaired
        for month in schedule.months
    )
    assert books.adds_up()


@given(st.integers(1, 10**12), st.integers(1, 600))
def test_one_cost_is_taken_in_parts_that_differ_by_a_fen_at_most(amount: int, months: int) -> None:
    books = Ledger(costs=(Booked(date(2026, 1, 1), amount),), plans=(Plan(date(2026, 1, 1), months, 0),))
    parts = [month.amortised for month in books.schedule().months]
    assert max(parts) - min(parts) <= Decimal("0.01")


def test_an_entry_is_taken_back_by_another_and_stays(room: Room, inflow: Assets) -> None:
    cost(inflow, "100")
    cost(inflow, "900")
    reversal = inflow.reverse("inflow-data", 2, reason="booked twice", by="bob")
    account = inflow.get("inflow-data")
    assert account.book.capitalised == 100
    assert [entry.reversed_by for entry in account.entries] == [None, reversal.number, None]
    with pytest.raises(AlreadyReversed, match="taken back by entry 3"):
        inflow.reverse("inflow-data", 2, reason="again", by="bob")
    with pytest.raises(AlreadyReversed, match="is a reversal"):
        inflow.reverse("inflow-data", 3, reason="no", by="bob")
    with pytest.raises(EntryNotFound):
        inflow.reverse("inflow-data", 9, reason="no", by="bob")
    with pytest.raises(MalformedAsset):
        inflow.reverse("inflow-data", 1, reason=" ", by="bob")


def test_nothing_is_carried_below_zero(inflow: Assets) -> None:
    cost(inflow, "100")
    with pytest.raises(BooksDontAddUp):
        add(inflow, "impairment", amount="100.01", basis="lost")
    add(inflow, "impairment", amount="60", basis="lost", booked_on="2026-02-01")
    with pytest.raises(BooksDontAddUp):
        inflow.reverse("inflow-data", 1, reason="never paid", by="bob")
    assert len(inflow.get("inflow-data").entries) == 2


def test_inventory_is_not_amortised(room: Room, assets: Assets) -> None:
    assets.enter(parse_asset(an_asset(recognised_as="inventory"), where="x"), by="alice")
    cost(assets, "100")
    with pytest.raises(NotAmortised):
        plan(assets, 12)
    add(assets, "impairment", amount="10", basis="lost")
    assert assets.get("inflow-data").book.carrying == 90


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"kind": "cost", "item": "lunch", "amount": "1"}, "/item"),
        ({"kind": "cost", "item": "cleaning", "amount": "1.001"}, "/amount"),
        ({"kind": "cost", "item": "cleaning", "amount": "0"}, "/amount"),
        ({"kind": "cost", "item": "cleaning", "amount": "-1"}, "/amount"),
        ({"kind": "cost", "item": "cleaning", "amount": "NaN"}, "/amount"),
        ({"kind": "cost", "item": "cleaning", "amount": "1", "currency": "USD"}, "/currency"),
        ({"kind": "amortisation", "months": 0, "starts_on": "2026-01-01", "basis": "x"}, "/months"),
        ({"kind": "right", "right": "ownership", "basis": "x"}, "/right"),
        (BACKWARDS, "/"),
        ({"kind": "gift"}, "/"),
        (NO_DIGEST, "/documents/0/digest"),
    ],
)
def test_an_entry_that_can_not_be_is_refused_with_its_place(said: dict[str, Any], pointer: str) -> None:
    with pytest.raises(MalformedAsset) as caught:
        parse_entry(said, where="entry.yaml")
    assert [fault.pointer for fault in caught.value.faults] == [pointer]


def test_an_asset_is_of_something_and_has_an_id_of_its_own(room: Room, assets: Assets) -> None:
    for said, refusal in (
        ({"subject": "nothing"}, NoSuchSubject), ({"subject_kind": "product"}, NoSuchSubject),
        ({"id": "In Flow"}, MalformedName),
        ({"documents": [{"name": "a", "digest": a_digest()}]}, ObjectNotFound),
    ):  # fmt: skip
        with pytest.raises(refusal):
            assets.enter(parse_asset(an_asset(**said), where="x"), by="alice")  # type: ignore[arg-type]
    with pytest.raises(MalformedAsset):
        parse_asset({"id": "x", "colour": "red"}, where="x")
    with pytest.raises(PartnersDontGovern):
        assets.enter(parse_asset(an_asset(), where="x"), by="partner")
    room.releases.keep_draft(a_release())
    product = an_asset(id="index", subject_kind="product", subject="water-use-index")
    assets.enter(parse_asset(product, where="x"), by="alice")
    with pytest.raises(AssetExists):
        assets.enter(parse_asset(product, where="x"), by="bob")
    with pytest.raises(AssetNotFound):
        assets.get("nothing")


def test_documents_are_kept_by_their_digest(room: Room, inflow: Assets) -> None:
    kept = inflow.keep_document(room.file("an invoice", "invoice.txt"))
    assert room.store.path(kept.digest).read_text() == "an invoice"
    entry = cost(inflow, "10", documents=[kept.model_dump()])
    assert entry.content.documents == (kept,)
    with pytest.raises(MalformedAsset):
        inflow.keep_document(room.folder / "nowhere")
    with pytest.raises(ObjectNotFound):
        cost(inflow, "10", documents=[{"name": "x", "digest": a_digest("x")}])


def test_nothing_is_booked_ahead(inflow: Assets) -> None:
    with pytest.raises(MalformedAsset, match="future"):
        cost(inflow, "10", "2026-03-02")


@pytest.mark.parametrize("table", ["assets", "asset_entries"])
def test_the_database_itself_refuses_to_rewrite_the_register(room: Room, inflow: Assets, table: str) -> None:
    cost(inflow, "10")
    for statement in (f"UPDATE {table} SET digest = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseConflict), room.database.write() as session:
            session.execute(sa.text(statement))
    assert len(inflow.get("inflow-data").entries) == 1


def test_the_workbook_has_exact_amounts_and_no_formulas(room: Room, inflow: Assets) -> None:
    old = parse_entry(
        {"kind": "restriction", "text": "x"}, where="a test"
    )  # from before texts were looked at
    old = old.model_copy(update={"text": '=HYPERLINK("http://example.org")\x07'})
    inflow.add("inflow-data", old, by="alice")
    with pytest.raises(MalformedAsset, match="control characters"):
        add(inflow, "restriction", text="\x07")
    cost(inflow, "1234567890123.45", note="+1")
    plan(inflow, 3)
    add(inflow, "right", right="operation", basis="x")
    inflow.reverse("inflow-data", 4, reason="-1", by="bob")
    book = openpyxl.load_workbook(io.BytesIO(workbook(inflow.list())))
    assert len(book.sheetnames) == 10
    cell = book["限制 Restrictions"]["D2"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://example.org")�', "s")
    costs = list(book["成本 Costs"].iter_rows(values_only=True))
    assert costs[0][3:8] == ("item", "amount", "currency", "treatment", "item_zh")
    assert costs[1][3:8] == ("cleaning", 1234567890123.45, "CNY", "capitalised", "清洗")
    months = list(book["摊销表 Amortisation"].iter_rows(values_only=True))[1:]
    assert [row[1] for row in months] == ["2026-01", "2026-02", "2026-03"]
    assert sum(Decimal(str(row[4])) for row in months) == Decimal("1234567890123.45")
    assert openpyxl.load_workbook(io.BytesIO(workbook([])))["资产 Assets"].max_row == 1
