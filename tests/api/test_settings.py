"""Settings: from the environment alone, each documented, wrong ones named, secrets never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from api import settings
from api.reference import DOCS
from api.settings import BadSetting, Settings
from standards.errors import Fault
from tests.api.shell import shuize


def test_without_any_variable_everything_lies_in_one_folder() -> None:
    found = settings.load({})
    assert found.home == Path("shuize-data")
    assert found.catalog_url == "sqlite:///shuize-data/catalog.db"
    for path in (
        found.store_path,
        found.chain_file,
        found.keystore_path,
        found.password_path,
        found.pseudonym_key_path,
    ):
        assert path.parent == found.home


def test_a_home_moves_every_default_and_a_path_of_its_own_moves_one() -> None:
    found = settings.load({"SHUIZE_HOME": "/data", "SHUIZE_STORE": "/big"})
    assert found.store_path == Path("/big")
    assert found.chain_file == Path("/data/chain.db")


def test_an_empty_variable_counts_as_not_set_and_foreign_ones_are_left_alone() -> None:
    found = settings.load({"SHUIZE_PORT": "", "PORT": "1", "SHUIZE_REFERENCE_DATA": "/x"})
    assert found == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SHUIZE_PORT", "70000"),
        ("SHUIZE_PORT", "-1"),
        ("SHUIZE_PORT", "http"),
        ("SHUIZE_CHAIN_ID", "mainnet"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name) as refused:
        settings.load({name: value})
    assert [fault.pointer for fault in refused.value.faults] == [name]
    assert refused.value.hint


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("SHUIZE_CHAIN_IDX", "SHUIZE_CHAIN_ID"),
        ("SHUIZE_CHIAN", "SHUIZE_CHAIN"),
        ("SHUIZE_CHAIN_URL", "SHUIZE_CHAIN"),
        ("SHUIZE_DB_URL", "SHUIZE_DATABASE_URL"),
        ("SHUIZE_PASWORD", "SHUIZE_PASSWORD"),
    ],
)
def test_a_name_that_is_nearly_a_setting_is_refused_with_the_right_one(wrong: str, right: str) -> None:
    with pytest.raises(BadSetting) as refused:
        settings.load({wrong: "s3cret", "SHUIZE_PORT": "1"})
    assert refused.value.faults == (Fault(wrong, f"is no setting; {right} is"),)
    assert "s3cret" not in refused.value.message
    assert settings.load({wrong: ""}) == Settings()


def test_a_name_that_is_near_to_none_does_nothing_and_is_told(tmp_path: Path) -> None:
    variables = {"SHUIZE_RPC": "x", "SHUIZE_SERVICE_HOST": "y", "SHUIZE_HOME": "/z", "SHUIZES": "1"}
    assert settings.strangers(variables) == ("SHUIZE_RPC", "SHUIZE_SERVICE_HOST")
    assert settings.load(variables) == Settings(home=Path("/z"))
    said = shuize(tmp_path, "chain", "status", rpc="http://127.0.0.1:9")
    assert "no setting, so without effect: SHUIZE_RPC" in said.err
    said = shuize(tmp_path, "standard", "list", "--kind", "rule", chian="http://127.0.0.1:9")
    assert (said.code, said.out) == (3, "")
    assert "SHUIZE_CHIAN: is no setting; SHUIZE_CHAIN is\n" in said.err


def test_all_wrong_values_are_named_at_once() -> None:
    with pytest.raises(BadSetting) as refused:
        settings.load({"SHUIZE_PORT": "x", "SHUIZE_CHAIN_ID": "y"})
    assert {fault.pointer for fault in refused.value.faults} == {"SHUIZE_PORT", "SHUIZE_CHAIN_ID"}


def test_no_secret_is_in_the_text_of_settings_or_of_their_errors() -> None:
    secrets = {
        "SHUIZE_PASSWORD": "s3cret",
        "SHUIZE_DATABASE_URL": "postgresql+psycopg://u:s3cret@db/x",
        "SHUIZE_CHAIN": "https://node.example/v3/s3cret",
    }
    found = settings.load(secrets)
    assert "s3cret" not in f"{found!r} {found} {found.password}"
    with pytest.raises(BadSetting) as refused:
        settings.load(secrets | {"SHUIZE_PORT": "s3cret"})
    assert "s3cret" not in f"{refused.value!r} {refused.value.faults} {refused.value.__cause__!r}"


def test_settings_can_not_be_changed_after_they_are_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings.load({}).port = 1  # type: ignore[misc]


def test_every_setting_is_documented() -> None:
    page = (DOCS / "settings.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        assert f"| `SHUIZE_{name.upper()}` | {field.description}" in page
