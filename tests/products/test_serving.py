"""Serving: the door opens for a grant that holds on the chain, and every answer has its receipt."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from api.wiring import Platform
from catalog.receipts import ReceiptNotFound
from catalog.releases.models import ReleaseNotFound
from catalog.store import ObjectNotFound
from catalog.tables import ReleaseRow
from contracts.node import ChainUnavailable
from products.recipe import RecipeNotFound
from products.row_filters import BadQuery
from products.row_queries import Format, RowQuery
from products.serving import (
    GrantExpired,
    GrantNotYetValid,
    GrantRevoked,
    NoGrant,
    ReleaseDamaged,
    ReleaseNotAnchored,
    ReleaseWithdrawn,
)
from tests.builders import FixedClock
from tests.products.builders import INDEX
from tests.products.homes import Home, a_copy


@pytest.fixture(scope="module")
def opened(template: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Yield a platform with the index published and granted to `partner`; nothing here changes it."""
    home = a_copy(template, tmp_path_factory.mktemp("serving") / "home")
    home.publish()
    home.grant()
    with home.open() as platform:
        yield platform


@pytest.fixture
def shared(home: Home) -> Home:
    """Return a home of one's own with the index published."""
    home.publish()
    return home


def ask(platform: Platform, party: str = "partner", **query: object) -> bytes:
    return platform.server.rows(platform.parties.get(party), INDEX, RowQuery(**query)).body  # type: ignore[arg-type]


def rows_of(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode())))


# --------------------------------------------------------------------------------------------------- doors


def test_without_a_grant_the_door_is_shut(opened: Platform) -> None:
    with pytest.raises(NoGrant) as caught:
        ask(opened, "rival")
    assert caught.value.hint
    assert opened.receipts.list(party="rival") == ()


def test_the_window_holds_both_its_ends(shared: Home) -> None:
    grant = shared.grant(days=3, after=1)
    with shared.open() as platform:
        party = platform.parties.get("partner")
        cases = (
            (grant.terms.not_before - timedelta(seconds=1), GrantNotYetValid),
            (grant.terms.not_before, None),
            (grant.terms.not_after, None),
            (grant.terms.not_after + timedelta(seconds=1), GrantExpired),
        )
        for time, refusal in cases:
            server = replace(platform.server, clock=FixedClock(time))
            if refusal is None:
                assert server.rows(party, INDEX, RowQuery()).receipt.grant == grant.id
                continue
            with pytest.raises(refusal, match=grant.id):
                server.rows(party, INDEX, RowQuery())


def test_a_revocation_shuts_the_door_whoever_made_it(shared: Home) -> None:
    first, second = shared.grant(), shared.grant()
    shared.revoke(second.id)
    with shared.open() as platform:
        assert platform.server.rows(platform.parties.get("partner"), INDEX, RowQuery()).receipt.grant == (
            first.id
        )
        sender, registry = platform.sender, platform.registry
        sender.complete(sender.sign(registry.calls.revoke(INDEX, 0)))  # the catalog hears nothing of it
        with pytest.raises(GrantRevoked):
            ask(platform)
        with pytest.raises(GrantRevoked):
            platform.server.file(platform.parties.get("partner"), INDEX, None, f"{INDEX}.csv")


def test_a_newer_grant_opens_the_door_again(shared: Home) -> None:
    shared.revoke(shared.grant().id)
    with shared.open() as platform, pytest.raises(GrantRevoked):
        ask(platform)
    grant = shared.grant()
    with shared.open() as platform:
        answer = platform.server.rows(platform.parties.get("partner"), INDEX, RowQuery())
        assert answer.receipt.grant == grant.id


def test_a_grant_that_is_another_s_on_the_chain_opens_nothing(shared: Home) -> None:
    """A catalog that was tampered with says what it likes; the chain names the party."""
    shared.grant("rival")
    with shared.open() as platform:
        party = platform.parties.get("rival")
        other = party.model_copy(update={"chain_id": platform.parties.get("partner").chain_id})
        with pytest.raises(NoGrant, match="another's"):
            platform.server.rows(other, INDEX, RowQuery())


def test_a_withdrawn_release_is_not_handed_out(shared: Home) -> None:
    shared.grant()
    shared.build(base_months=2)
    shared.publish()
    with shared.open() as platform:
        sender, registry = platform.sender, platform.registry
        sender.complete(sender.sign(registry.calls.withdraw(INDEX, 2, "仪表误差 meters were wrong")))
        for version in (None, 2):
            with pytest.raises(ReleaseWithdrawn, match="仪表误差 meters were wrong"):
                ask(platform, version=version)
        assert rows_of(ask(platform, version=1))


def test_a_chain_that_does_not_answer_is_unavailable_not_a_refusal(shared: Home) -> None:
    shared.grant()
    away = Home(shared.settings.model_copy(update={"chain": "http://127.0.0.1:9"}))
    with away.open() as platform:
        with pytest.raises(ChainUnavailable):
            ask(platform)
        assert platform.receipts.list() == ()


def test_products_and_releases_that_are_not_there_are_not_found(opened: Platform) -> None:
    party = opened.parties.get("partner")
    with pytest.raises(RecipeNotFound):
        opened.server.rows(party, "nothing", RowQuery())
    with pytest.raises(ReleaseNotFound):
        ask(opened, version=2)
    with pytest.raises(ReleaseNotFound) as caught:
        opened.server.file(party, INDEX, 1, "../catalog.db")
    assert f"{INDEX}.csv" in (caught.value.hint or "")


# -------------------------------------------------------------------------------------------------- queries


def test_everything_is_the_release_s_own_csv(opened: Platform) -> None:
    release = opened.releases.get(INDEX)
    path = opened.store.path(release.file(f"{INDEX}.csv").digest)
    assert ask(opened) == path.read_bytes()
    file, body, receipt = opened.server.file(opened.parties.get("partner"), INDEX, None, f"{INDEX}.csv")
    assert (file.digest, body) == (receipt.answer_digest, path.read_bytes())


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"where": {"area": "ALL"}},
        {"where": {"area": "DMA-01", "month": "2022-02"}},
        {"where": {"area": "no such area"}},
        {"columns": ("month", "volume_m3", "hours_expected", "index")},
        {"limit": 2, "offset": 1},
        {"offset": 100},
    ],
)
def test_the_formats_agree(opened: Platform, query: dict[str, object]) -> None:
    lines = rows_of(ask(opened, **query))
    document = json.loads(ask(opened, format=Format.JSON, **query), parse_float=Decimal)
    parquet = pq.read_table(io.BytesIO(ask(opened, format=Format.PARQUET, **query))).to_pylist()
    texts = [{k: "" if v is None else str(v) for k, v in row.items()} for row in parquet]
    assert lines == texts
    assert [{k: "" if v is None else str(v) for k, v in row.items()} for row in document["rows"]] == lines
    release = opened.releases.get(INDEX)
    head = {"product": INDEX, "version": 1, "manifest": release.manifest_digest}
    assert document["release"] == head


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ({"area": "DMA-02"}, 2),
        ({"hours_expected": "744"}, 2),
        ({"hours_expected": "0744"}, 2),
        ({"hours_expected": "745"}, 0),
        ({"volume_m3": "26784.000"}, 2),
        ({"volume_m3": "26784"}, 2),
        ({"area": "dma-02"}, 0),
        ({"area": "' OR 1=1 --"}, 0),
        ({"area": ""}, 0),
    ],
)
def test_a_filter_is_equality_with_a_value(opened: Platform, where: dict[str, str], count: int) -> None:
    assert len(rows_of(ask(opened, where=where))) == count


@pytest.mark.parametrize(
    "query",
    [
        {"columns": ("area", "nothing")},
        {"where": {"nothing": "1"}},
        {"where": {'area" OR 1=1 --': "1"}},
        {"columns": ("area", "area")},
        {"where": {"volume_m3": "abc"}},
        {"where": {"volume_m3": "26784.0001"}},
        {"where": {"index": ""}},
        {"where": {"hours_expected": "744.0"}},
        {"limit": 0},
        {"limit": 1_000_001},
        {"limit": -1},
        {"offset": -1},
    ],
)
def test_a_query_that_makes_no_sense_is_refused_in_words(opened: Platform, query: dict[str, object]) -> None:
    before = opened.receipts.list()
    with pytest.raises(BadQuery):
        ask(opened, **query)
    assert opened.receipts.list() == before


def test_a_filter_with_an_impossible_character_finds_nothing(opened: Platform) -> None:
    assert rows_of(ask(opened, where={"area": "DMA\x00-01"})) == []
    assert rows_of(ask(opened, where={"area": "分区"})) == []


# ------------------------------------------------------------------------------------------------- receipts


@pytest.mark.parametrize("form", list(Format))
def test_a_receipt_speaks_of_exactly_the_bytes_sent(opened: Platform, form: Format) -> None:
    party = opened.parties.get("partner")
    query = RowQuery(where={"month": "2022-01"}, columns=("area", "volume_m3"), format=form)
    answer = opened.server.rows(party, INDEX, query)
    receipt = answer.receipt
    assert receipt.answer_digest == hashlib.sha256(answer.body).hexdigest()
    assert (receipt.party, receipt.product, receipt.version, receipt.rows) == ("partner", INDEX, 1, 3)
    assert receipt.manifest_digest == opened.releases.get(INDEX).manifest_digest
    assert json.loads(receipt.query) == {
        "columns": ["area", "volume_m3"],
        "format": form.value,
        "limit": None,
        "offset": 0,
        "where": {"month": "2022-01"},
    }
    assert opened.server.receipt(party, receipt.id) == receipt


def test_receipts_of_others_are_not_shown(opened: Platform) -> None:
    receipt = opened.server.rows(opened.parties.get("partner"), INDEX, RowQuery()).receipt
    with pytest.raises(ReceiptNotFound) as theirs:
        opened.server.receipt(opened.parties.get("rival"), receipt.id)
    with pytest.raises(ReceiptNotFound) as none:
        opened.server.receipt(opened.parties.get("rival"), "nothing")
    assert theirs.value.message.replace(receipt.id, "nothing") == none.value.message


def test_the_same_question_twice_gives_the_same_bytes_and_two_receipts(opened: Platform) -> None:
    party = opened.parties.get("partner")
    for form in Format:
        one, two = (opened.server.rows(party, INDEX, RowQuery(format=form)) for _ in range(2))
        assert one.body == two.body
        assert one.receipt.id != two.receipt.id
        assert one.receipt.answer_digest == two.receipt.answer_digest


def test_a_lost_object_is_said_to_be_lost(shared: Home, tmp_path: Path) -> None:
    shared.grant()
    empty = Home(shared.settings.model_copy(update={"store": tmp_path / "empty"}))
    with empty.open() as platform, pytest.raises(ObjectNotFound, match="holds nothing under"):
        ask(platform)


def spoil(path: Path, place: int = -1) -> None:
    """Flip one bit of a stored object."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


@pytest.mark.parametrize("warm", [True, False], ids=["asked before", "never asked"])
@pytest.mark.parametrize("place", [0, 100, -1])
def test_damaged_bytes_are_not_served_and_no_receipt_speaks_of_them(
    shared: Home, warm: bool, place: int
) -> None:
    shared.grant()
    with shared.open() as platform:
        party, release = platform.parties.get("partner"), platform.releases.get(INDEX)
        if warm:
            ask(platform)
            platform.server.file(party, INDEX, None, f"{INDEX}.csv")
        before = platform.receipts.list()
        for suffix in ("csv", "parquet"):
            spoil(platform.store.path(release.file(f"{INDEX}.{suffix}").digest), place)
            with pytest.raises(ReleaseDamaged, match="damaged"):
                platform.server.file(party, INDEX, None, f"{INDEX}.{suffix}")
        with pytest.raises(ReleaseDamaged):
            ask(platform)
        assert platform.receipts.list() == before


def test_a_catalog_whose_release_is_not_the_anchored_one_serves_nothing(shared: Home) -> None:
    shared.grant()
    shared.build(base_months=2)
    shared.publish()
    with shared.open() as platform:
        with platform.database.write() as session:
            first, second = session.scalars(sa.select(ReleaseRow).order_by(ReleaseRow.version))
            second.manifest_digest, first.manifest_digest = "1" * 64, "0" * 64
        for version in (1, 2):
            with pytest.raises(ReleaseNotAnchored, match="on the chain"):
                ask(platform, version=version)


def test_a_file_that_the_anchored_manifest_does_not_name_is_not_served(shared: Home) -> None:
    shared.grant()
    with shared.open() as platform:
        forged = platform.store.put_bytes(b"area,month\nALL,2022-01\n")
        with platform.database.write() as session:
            row = session.scalars(sa.select(ReleaseRow)).one()
            row.files = [
                f | {"digest": forged.digest} if f["name"].endswith(".csv") else f for f in row.files
            ]
        party = platform.parties.get("partner")
        with pytest.raises(ReleaseNotAnchored, match="does not"):
            platform.server.file(party, INDEX, 1, f"{INDEX}.csv")
