"""Every way out of a dataset's description, held against the one rule of who sees what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from tests.api.shell import City, shuize

DOCUMENT = """
name: patients
title: Households
title_zh: 户籍
description: Households of a month.
owner: li-na
steward: wang-wei
organisation: water-group
security_level: general-4
update_frequency: monthly
fields:
- {name: hours, element: quality.hours_observed}
- {name: holder_xyz, element: customer.resident_id}
key: [holder_xyz]
rules: [{rule: missing, field: holder_xyz}]
"""
SECRET = "holder_xyz"
WAYS = (
    "/datasets/patients", "/datasets", "/datasets/patients/revisions",
    "/datasets/patients/contract?format=json", "/dcat/datasets/patients", "/glossary", "/glossary/household",
    "/glossary.ttl", "/search?q=holder_xyz", "/search?q=patients",
)  # fmt: skip
CONCEPT = """
concepts:
- {id: household, pref_zh: 住户, pref_en: household, fields: [patients.holder_xyz, patients.hours]}
"""


@pytest.fixture
def city(own_city: City) -> City:
    """Return a city with a dataset that has a sensitive field, and a concept that links to it."""
    folder, home = own_city.folder, own_city.home
    (folder / "patients.yaml").write_text(DOCUMENT, "utf-8")
    (folder / "concept.yaml").write_text(CONCEPT, "utf-8")
    (folder / "patients.csv").write_text("hours,holder_xyz\n3,11010519491231002X\n", "utf-8")
    asked = shuize(home, "dataset", "register", "patients.yaml", "--as", "li-na", "--json", at=folder).json()
    assert shuize(home, "change", "approve", str(asked["id"]), "--as", "zhao-min").code == 0
    assert shuize(home, "dataset", "load", "patients", "patients.csv", "--as", "li-na", at=folder).code == 0
    assert shuize(home, "glossary", "import", "concept.yaml", "--as", "li-na", at=folder).code == 0
    return own_city


@pytest.fixture
def http(city: City) -> Iterator[TestClient]:
    platform = Platform(Settings(home=city.home))
    with TestClient(create_app(platform)) as opened:
        yield opened
    platform.close()


def test_no_way_out_names_a_sensitive_field_to_a_stranger(city: City, http: TestClient) -> None:
    for way in WAYS:
        answer = http.get(way)
        assert answer.status_code == 200, way
        said = answer.text.replace('"words":["holder_xyz"]', "").replace('"words":["holder","xyz"]', "")
        assert SECRET not in said, way
        assert "customer.resident_id" not in said or way.startswith("/glossary"), way
    assert http.get("/search?q=holder_xyz").json()["total"] == 0
    assert http.get("/datasets/patients").json()["dataset"]["hidden_fields"] == 1


def test_partners_see_names_and_members_see_figures(city: City, http: TestClient) -> None:
    token = shuize(city.home, "party", "token", "li-na", "--as", "li-na", "--json").json()["token"]
    member = {"Authorization": f"Bearer {token}"}
    for reader, figures in ((city.bearer, {"hours"}), (member, {"hours", SECRET})):
        shown = http.get("/datasets/patients", headers=reader).json()
        assert [field["name"] for field in shown["dataset"]["document"]["fields"]] == ["hours", SECRET]
        assert shown["dataset"]["hidden_fields"] == 0
        assert {field["name"] for field in shown["versions"][0]["profile"]} == figures
        assert SECRET in http.get("/datasets/patients/contract", headers=reader).text
        assert SECRET in http.get("/datasets/patients/revisions", headers=reader).text
        assert http.get("/search?q=holder_xyz", headers=reader).json()["total"] == 1
    assert http.get("/datasets/patients", headers={"Authorization": "Bearer nothing"}).status_code == 401
