"""A release's files: the same bytes every time, and each in the form its standard asks for."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pyarrow.parquet as pq
import pytest
import rfc8785
import yaml
from google.protobuf import json_format
from in_toto_attestation.v1.statement import Statement
from open_data_contract_standard.model import OpenDataContractStandard

from catalog.releases.models import Release
from products.samples import documents
from products.samples.customers import write_customers
from standards import canonical_json, manifest
from standards.digests import Digest
from standards.manifest import Manifest
from tests.builders import Room, a_dataset
from tests.products.builders import (
    INDEX,
    INDUSTRY,
    LIBRARY,
    a_room_at,
    build,
    document_of,
    load_readings,
    readings,
)
from tests.products.test_water_use_index import wave

PRODUCTS = (INDEX, INDUSTRY)
NAMES = ["datacontract.odcs.yaml", "privacy-report.json", "quality-report.json"]


def filled(folder: Path, now: datetime | None = None) -> Room:
    """Return a new room with both products' inputs loaded and both built."""
    room = a_room_at(folder, now)
    load_readings(room, readings("2022-01", 12, wave))
    path = room.folder / "customers.csv"
    write_customers(path)
    room.enter(a_dataset(**document_of(documents.CUSTOMERS)))
    room.load(path, "customer-register")
    for product in PRODUCTS:
        build(room, product)
    return room


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Yield a room with both products built."""
    room = filled(tmp_path_factory.mktemp("packaging") / "room")
    yield room
    room.database.close()


def data(room: Room, release: Release, name: str) -> bytes:
    return room.store.path(release.file(name).digest).read_bytes()


@pytest.fixture(params=PRODUCTS)
def release(both: Room, request: pytest.FixtureRequest) -> Release:
    return both.releases.get(request.param)


def said(release: Release) -> dict[str, Any]:
    predicate: dict[str, Any] = release.manifest["predicate"]
    return predicate


# --------------------------------------------------------------------------------------------- same bytes


def test_building_again_changes_nothing(both: Room, release: Release) -> None:
    before = both.objects()
    again = build(both, release.product, by="bob")
    assert (again.release, again.is_new) == (release, False)
    assert both.objects() == before


def test_another_home_at_another_time_gives_the_same_bytes(both: Room, tmp_path: Path) -> None:
    other = filled(tmp_path / "other", datetime(2031, 7, 1, 3, 4, 5, tzinfo=UTC))
    for product in PRODUCTS:
        one, two = both.releases.get(product), other.releases.get(product)
        assert one.built_at != two.built_at
        assert one.files == two.files
        assert one.manifest == two.manifest
        assert (one.manifest_digest, one.content_root) == (two.manifest_digest, two.content_root)
    other.database.close()


def test_one_thread_gives_the_same_bytes_as_several(both: Room, tmp_path: Path) -> None:
    script = """if True:
        import sys, duckdb
        from pathlib import Path
        connect = duckdb.connect  # as on a machine with one core
        one = {"threads": 1}
        duckdb.connect = lambda *name, config={}: connect(*name, config=config | one)
        from tests.products.building.test_packaging import PRODUCTS, filled
        room = filled(Path(sys.argv[1]))
        for name in PRODUCTS:
            print(room.releases.get(name).manifest_digest)
        """
    command = [sys.executable, "-c", script, str(tmp_path / "one")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout.split() == [both.releases.get(name).manifest_digest for name in PRODUCTS]


# ------------------------------------------------------------------------------------------------ the files


def test_the_files_are_those_the_manifest_names_with_their_digests(both: Room, release: Release) -> None:
    subjects = {subject["name"]: subject["digest"]["sha256"] for subject in release.manifest["subject"]}
    assert sorted(subjects) == sorted([f"{release.product}.csv", f"{release.product}.parquet", *NAMES])
    for file in release.files:
        content = data(both, release, file.name)
        assert hashlib.sha256(content).hexdigest() == file.digest == subjects[file.name]
        assert len(content) == file.size_bytes
    assert said(release)["dataContract"] == subjects["datacontract.odcs.yaml"]
    assert said(release)["quality"]["report"] == subjects["quality-report.json"]
    assert said(release)["privacy"]["report"] == subjects["privacy-report.json"]


def test_csv_and_parquet_hold_the_same_rows(both: Room, release: Release) -> None:
    path = both.store.path(release.file(f"{release.product}.parquet").digest)
    names = [column[0] for column in duckdb.sql(f"DESCRIBE FROM read_parquet('{path}')").fetchall()]
    columns = ", ".join(f'CAST("{name}" AS VARCHAR)' for name in names)
    rows = duckdb.sql(f"SELECT {columns} FROM read_parquet('{path}')").fetchall()
    header, *lines = csv.reader(data(both, release, f"{release.product}.csv").decode().splitlines())
    assert header == names
    assert [tuple(cell or None for cell in line) for line in lines] == rows
    assert len(rows) == said(release)["rows"] > 0


def tree(leaves: list[bytes]) -> bytes:
    """Return the Merkle tree hash as RFC 6962 §2.1 defines it, by recursion."""
    if len(leaves) < 2:
        return hashlib.sha256(b"\x00" + leaves[0] if leaves else b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + tree(leaves[:half]) + tree(leaves[half:])).digest()


def test_the_content_root_follows_from_the_csv_alone_and_from_the_parquet(
    both: Room, release: Release
) -> None:
    lines = list(csv.reader(data(both, release, f"{release.product}.csv").decode().splitlines()))[1:]
    leaves = [rfc8785.dumps([cell or None for cell in line]) for line in lines]
    assert tree(leaves).hex() == release.content_root == said(release)["contentRoot"]
    parquet = pq.read_table(both.store.path(release.file(f"{release.product}.parquet").digest))
    rows = [[None if cell is None else str(cell) for cell in row.values()] for row in parquet.to_pylist()]
    assert tree([rfc8785.dumps(row) for row in rows]).hex() == release.content_root


def test_the_parquet_carries_no_metadata_beside_its_schema(both: Room, release: Release) -> None:
    path = both.store.path(release.file(f"{release.product}.parquet").digest)
    assert pq.read_schema(path).metadata is None


# ---------------------------------------------------------------------------------------------- the manifest


def test_the_manifest_is_a_valid_in_toto_statement(release: Release) -> None:
    text = Manifest.model_validate(release.manifest).to_bytes()
    statement = Statement.copy_from_pb(json_format.Parse(text, Statement([], "", {}).pb.__class__()))
    statement.validate()
    assert statement.pb.predicate_type == "urn:shuize:release:1"
    assert json.loads(text)["_type"] == "https://in-toto.io/Statement/v1"


def test_the_manifest_s_bytes_are_canonical(release: Release) -> None:
    text = Manifest.model_validate(release.manifest).to_bytes()
    assert rfc8785.dumps(json.loads(text)) == text == canonical_json.encode(release.manifest)
    assert hashlib.sha256(text).hexdigest() == release.manifest_digest
    assert manifest.parse(text).to_bytes() == text


def test_the_manifest_names_every_standard_as_the_library_has_it(release: Release) -> None:
    used = {each["id"]: (each["version"], each["digest"]) for each in said(release)["standards"]}
    for standard_id, found in used.items():
        reference = LIBRARY.reference(standard_id)
        assert found == (reference.version, reference.digest)
    expected = {"area.code", "period.month"} if release.product == INDEX else {"gbt4754", "size-band"}
    assert expected <= used.keys()


def test_the_manifest_names_its_inputs_and_its_recipe(both: Room, release: Release) -> None:
    (used,) = said(release)["inputs"]
    version = both.datasets.version(used["dataset"], used["version"])
    assert used == {
        "dataset": version.dataset,
        "version": 1,
        "digest": version.digest,
        "rows": version.row_count,
    }
    recipe = said(release)["recipe"]
    assert recipe["name"] == release.product
    folder = package_files("products.recipes") / release.product.replace("-", "_")
    texts = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    digests = {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}
    assert hashlib.sha256(rfc8785.dumps(digests)).hexdigest() == recipe["digest"]


def test_parameters_are_in_the_manifest_as_they_were_used(both: Room) -> None:
    parameters = said(both.releases.get(INDEX))["recipe"]["parameters"]
    assert parameters == {
        "base_months": 10,
        "base_year": 2022,
        "coverage_pct": 75,
        "missing_hours": "same-hour-mean",
        "time_zone": "Europe/Rome",
    }


# ----------------------------------------------------------------------------------------------- the reports


def test_the_reports_are_canonical_and_show_no_rows(both: Room, release: Release) -> None:
    for name in ("quality-report.json", "privacy-report.json"):
        text = data(both, release, name)
        assert rfc8785.dumps(json.loads(text)) == text
        assert b"examples" not in text
    report = json.loads(data(both, release, "quality-report.json"))
    assert report["totals"]["rows"] == str(said(release)["rows"])
    rules = report["output"] + [rule for each in report["inputs"] for rule in each["rules"]]
    assert len(rules) == said(release)["quality"]["rules"]
    assert sum(not rule["passed"] for rule in rules) == said(release)["quality"]["rulesFailed"]


def test_what_was_filled_is_totalled(both: Room) -> None:
    release = both.releases.get(INDEX)
    totals = json.loads(data(both, release, "quality-report.json"))["totals"]
    lines = list(csv.DictReader(data(both, release, f"{INDEX}.csv").decode().splitlines()))
    assert totals["hours_filled"] == str(sum(int(line["hours_filled"]) for line in lines))
    assert int(totals["hours_filled"]) > 0


def test_the_data_contract_is_valid_by_the_official_schema_and_model(both: Room, release: Release) -> None:
    text = data(both, release, "datacontract.odcs.yaml").decode()
    document = yaml.safe_load(text)
    schema = json.loads((package_files("open_data_contract_standard") / "schema.json").read_text("utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(document)
    contract = OpenDataContractStandard.from_string(text)
    assert (contract.apiVersion, contract.version) == ("v3.2.0", "1.0.0")
    assert contract.schema_ is not None
    (described,) = contract.schema_
    parquet = pq.read_schema(both.store.path(release.file(f"{release.product}.parquet").digest))
    properties = described.properties or []
    assert [(each.name, each.physicalType) for each in properties] == [
        (field.name, str(field.type)) for field in parquet
    ]
    key = [each.name for each in properties if each.primaryKey]
    assert key == (["area", "month"] if release.product == INDEX else ["industry", "size_band", "district"])
    assert [server.path for server in contract.servers or []] == [
        f"{release.product}.parquet",
        f"{release.product}.csv",
    ]
    names = {field.name: digest for field, digest in _element_digests(contract)}
    assert names == {name: LIBRARY.reference(element).digest for name, element in _elements(contract).items()}


def _element_digests(contract: OpenDataContractStandard) -> list[tuple[Any, Digest]]:
    return [
        (each, _custom(each, "dataElementDigest")) for each in (contract.schema_ or [])[0].properties or []
    ]


def _elements(contract: OpenDataContractStandard) -> dict[str, Any]:
    return {
        str(each.name): _custom(each, "dataElement") for each in (contract.schema_ or [])[0].properties or []
    }


def _custom(each: Any, name: str) -> Any:
    (found,) = [custom.value for custom in each.customProperties if custom.property == name]
    return found
