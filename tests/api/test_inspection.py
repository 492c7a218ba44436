"""What loading saw: told to the people of the utility at both doors, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from tests.api.shell import City, Said, shuize
from tests.builders import csv_text
from tests.catalog.sensing.people import mobiles

DOCUMENT = """
name: hotline
title: Calls
title_zh: 热线
description: Calls of a month.
owner: li-na
steward: wang-wei
organisation: water-group
security_level: general-1
update_frequency: monthly
fields:
- {name: hours, element: quality.hours_observed}
- {name: remark, element: meter.maker, column: 备注}
"""


def file(folder: Path, name: str, seed: int) -> str:
    rows = [(str(n * seed), phone) for n, phone in enumerate(mobiles(100, seed))]
    (folder / name).write_text(csv_text(("hours", "备注"), rows), "utf-8")
    return name


@pytest.fixture
def hotline(own_city: City) -> tuple[City, list[Said]]:
    """Return a city with a dataset of calls in two versions, and what loading them said."""
    folder, home = own_city.folder, own_city.home
    (folder / "hotline.yaml").write_text(DOCUMENT, "utf-8")
    change = shuize(home, "dataset", "register", "hotline.yaml", "--as", "li-na", "--json", at=folder).json()
    assert shuize(home, "change", "approve", str(change["id"]), "--as", "zhao-min").code == 0
    said = []
    for seed in (1, 3):
        words = ("dataset", "load", "hotline", file(folder, f"{seed}.csv", seed), "--as", "li-na")
        said.append(shuize(home, *words, at=folder))
    return own_city, said


@pytest.fixture
def strangers(hotline: tuple[City, list[Said]]) -> Iterator[TestClient]:
    platform = Platform(Settings(home=hotline[0].home))
    with TestClient(create_app(platform)) as opened:
        yield opened
    platform.close()


def test_the_commands_say_what_is_there_and_how_to_mend_it(hotline: tuple[City, list[Said]]) -> None:
    city, (first, second) = hotline
    assert (first.code, second.code) == (0, 0)
    told = "sensitive: field remark holds mobile numbers in 100 % of rows, but its element meter.maker says"
    assert told in first.out
    assert "drift from" not in first.out
    assert "drift from version 1: field hours: its values are spread otherwise than before" in second.out
    shown = shuize(city.home, "dataset", "show", "hotline").out
    assert "finding: remark holds mobile numbers, 100 rows" in shown
    assert "for wang-wei, open" in shown
    assert "drift of version 2 from version 1" in shown
    compared = shuize(city.home, "dataset", "compare", "hotline").out
    assert "versions  1 → 2" in compared
    for said in (first.out, second.out, shown, compared):
        assert not [number for number in (*mobiles(100, 1), *mobiles(100, 3)) if number in said]


def test_members_are_told_and_strangers_and_partners_are_not(
    hotline: tuple[City, list[Said]], strangers: TestClient
) -> None:
    city, _ = hotline
    token = shuize(city.home, "party", "token", "li-na", "--as", "li-na", "--json").json()["token"]
    member = {"Authorization": f"Bearer {token}"}
    for path in ("/datasets/hotline/sensitivity", "/datasets/hotline/drift"):
        assert strangers.get(path).status_code == 401
        assert strangers.get(path, headers=city.bearer).status_code == 403
        assert strangers.get(path, headers=member).status_code == 200
    (field,) = strangers.get("/datasets/hotline/sensitivity", headers=member).json()["fields"]
    assert (field["sensed"]["kind"], field["sensed"]["count"]) == ("mobile", 100)
    drift = strangers.get("/datasets/hotline/drift", params={"from": 2, "to": 1}, headers=member).json()
    assert (drift["base"], drift["number"]) == (2, 1)
    same = strangers.get("/datasets/hotline/drift", params={"from": 1, "to": 1}, headers=member)
    assert (same.status_code, same.json()["type"]) == (422, "urn:shuize:problem:same-version")
    assert strangers.get("/datasets/nothing/sensitivity", headers=member).status_code == 404


def test_strangers_see_nothing_of_a_field_in_which_people_were_sensed(strangers: TestClient) -> None:
    """The element says that anybody may see it; the rows say otherwise."""
    for version in strangers.get("/datasets/hotline").json()["versions"]:
        profile = {field["name"]: field for field in version["profile"]}
        assert profile["hours"]["minimum"] == "0"
        assert "remark" not in profile
