"""What everybody may see of a dataset: no value of a row, nothing of its source."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from tests.api.shell import City
from tests.builders import a_dataset, fields


def test_the_demo_s_datasets_show_no_extremes_and_no_source(client: TestClient) -> None:
    for dataset in client.get("/datasets").json():
        answer = client.get(f"/datasets/{dataset['document']['name']}")
        assert answer.status_code == 200
        (version,) = answer.json()["versions"]
        assert not {"source_name", "source_digest"} & set(version)
        assert version["profile"]
        for field in version["profile"]:
            assert (field["minimum"], field["maximum"]) == (None, None)
            assert field["distinct"] > 0


@pytest.mark.parametrize(
    ("level", "shown"),
    [("general-1", "2"), ("general-2", None)],
)
def test_extremes_are_open_only_of_harmless_data_about_nobody(
    own_city: City, tmp_path: Path, level: str, shown: str | None
) -> None:
    source = tmp_path / "list.csv"
    source.write_text("area,hours,volume\n210102,1,1\n210103,2,2\n")
    platform = Platform(Settings(home=own_city.home))
    there = platform.datasets.list()[0].document
    people = {"owner": there.owner, "steward": there.owner, "organisation": there.organisation}
    guarded = {} if shown else {"area": "customer.district_code", "volume": "usage.volume_m3"}
    elements = fields(hours="quality.hours_observed", **guarded)
    draft = a_dataset(name="volumes", security_level=level, fields=elements, rules=[], key=[], **people)
    reviewer = next(p.id for p in platform.parties.list() if p.kind == "person" and p.id != people["owner"])
    platform.changes.register_all([draft], by=people["owner"], approved_by=reviewer)
    platform.loader.load("volumes", source, by=people["owner"])
    with TestClient(create_app(platform)) as client:
        (version,) = client.get("/datasets/volumes").json()["versions"]
    platform.close()
    maxima = {field["name"]: field["maximum"] for field in version["profile"]}
    assert maxima == dict.fromkeys(guarded) | {"hours": shown}
