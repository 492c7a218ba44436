"""Secrets: made once, whole or not at all, for their owner alone, never in a message."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from api import secrets
from api.secrets import (
    NoPassword,
    NoPseudonymKey,
    PseudonymKeyChanged,
    SecretExists,
    SecretNotWritable,
    keep_pseudonym_key,
)
from api.settings import Settings
from tests.api.shell import City, Said, shuize


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    assert secrets.make_secret(path)
    first = path.read_text()
    assert len(bytes.fromhex(first)) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert not secrets.make_secret(path)
    assert path.read_text() == first
    assert [each.name for each in path.parent.iterdir()] == ["key"]


def test_a_secret_takes_no_file_s_place(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text("mine")
    for attempt in (lambda: secrets.write_secret(path, "s3cret"), lambda: secrets.require_place(path)):
        with pytest.raises(SecretExists):
            attempt()
    assert path.read_text() == "mine"


def test_a_place_that_can_not_be_written_is_told_before_there_is_a_secret(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "key"
    for attempt in (lambda: secrets.write_secret(place, "s3cret"), lambda: secrets.require_place(place)):
        with pytest.raises(SecretNotWritable) as refused:
            attempt()
        assert "s3cret" not in str(refused.value)


def test_a_place_that_will_do_is_left_empty(tmp_path: Path) -> None:
    secrets.require_place(tmp_path / "key")
    assert list(tmp_path.iterdir()) == []


def test_the_password_of_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "operator.password").write_text("of the file\n")
    assert secrets.keystore_password(Settings(home=tmp_path)) == "of the file"
    given = Settings(home=tmp_path, password=SecretStr("given"))
    assert secrets.keystore_password(given) == "given"


def test_without_a_password_both_ways_to_give_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(NoPassword) as refused:
        secrets.keystore_password(Settings(home=tmp_path))
    assert "SHUIZE_PASSWORD" in (refused.value.hint or "")


def test_no_secret_lies_anywhere_but_in_its_own_file(city: City, demo: tuple[Path, Said]) -> None:
    names = ("operator.password", "pseudonym.key")
    secrets_of_home = {name: (city.home / name).read_bytes().strip() for name in names}
    secrets_of_home["hydro-lab.token"] = city.token.encode()
    story = demo[1].err.encode() + demo[1].out.encode()
    for name, secret in secrets_of_home.items():
        assert len(secret) > 30
        assert secret not in story
        holders = [
            path.name for path in city.folder.rglob("*") if path.is_file() and secret in path.read_bytes()
        ]
        assert holders == [name]


def test_two_products_get_two_keys_of_one_secret(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    secrets.make_secret(settings.pseudonym_key_path)
    one, other = secrets.pseudonym_key(settings, "a"), secrets.pseudonym_key(settings, "b")
    assert one != other
    assert one == secrets.pseudonym_key(settings, "a")


@pytest.mark.parametrize("content", [None, "", "not hex", "ü"])
def test_a_key_file_that_holds_none_is_refused_without_its_content(
    tmp_path: Path, content: str | None
) -> None:
    settings = Settings(home=tmp_path)
    if content is not None:
        settings.pseudonym_key_path.write_text(content, "utf-8")
    with pytest.raises(NoPseudonymKey) as refused:
        secrets.pseudonym_key(settings, "a")
    assert not content or content not in str(refused.value)


def test_init_makes_no_password_for_a_keystore_that_is_there(tmp_path: Path) -> None:
    assert shuize(tmp_path, "init").code == 0
    password = (tmp_path / "operator.password").read_text().strip()
    (tmp_path / "operator.password").rename(tmp_path / "elsewhere")
    refused = shuize(tmp_path, "init")
    assert refused.code == 4
    assert "hint: set SHUIZE_PASSWORD" in refused.err
    assert not (tmp_path / "operator.password").exists()
    assert shuize(tmp_path, "init", password=password).code == 0
    assert shuize(tmp_path, "init", password_file=str(tmp_path / "elsewhere")).code == 0
    assert not (tmp_path / "operator.password").exists()


def test_a_lost_pseudonym_key_is_not_replaced_unless_told_to(tmp_path: Path) -> None:
    assert shuize(tmp_path, "init").code == 0
    key = tmp_path / "pseudonym.key"
    first = key.read_text()
    key.unlink()
    refused = shuize(tmp_path, "init")
    assert refused.code == 5
    assert "shuize init --new-pseudonym-key" in refused.err
    assert not key.exists()
    key.write_text(first)  # restored
    assert shuize(tmp_path, "init").code == 0
    assert shuize(tmp_path, "init", "--new-pseudonym-key").code == 0
    assert key.read_text() != first
    assert (tmp_path / "pseudonym.key.replaced-1").read_text() == first
    assert shuize(tmp_path, "init").code == 0


def test_another_pseudonym_key_is_refused_by_init_and_by_every_build(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    keep_pseudonym_key(settings)
    settings.pseudonym_key_path.unlink()
    secrets.make_secret(settings.pseudonym_key_path)
    for attempt in (lambda: keep_pseudonym_key(settings), lambda: secrets.pseudonym_key(settings, "a")):
        with pytest.raises(PseudonymKeyChanged) as refused:
            attempt()
        assert settings.pseudonym_key_path.read_text().strip() not in str(refused.value)


def test_a_home_without_a_fingerprint_gets_that_of_its_key(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    secrets.make_secret(settings.pseudonym_key_path)
    product_key = secrets.pseudonym_key(settings, "a")
    keep_pseudonym_key(settings)
    assert settings.pseudonym_fingerprint_path.exists()
    assert secrets.pseudonym_key(settings, "a") == product_key


def test_a_lost_keystore_is_not_replaced_unless_told_to(own_city: City) -> None:
    home = own_city.home
    keystore = home / "operator.keystore.json"
    kept = keystore.rename(home / "elsewhere.json")
    refused = shuize(home, "init")
    assert refused.code == 5
    assert f"the operator's keystore is gone: {keystore}" in refused.err
    assert f"the registry {own_city.contract} on chain 13376" in refused.err
    for way in ("backup", "SHUIZE_KEYSTORE", "--new-operator"):
        assert way in refused.err
    assert not keystore.exists()

    found = shuize(home, "init", "--json", keystore=str(kept))
    assert found.code == 0, found.err
    kept.rename(keystore)
    assert shuize(home, "init", "--json").json() == found.json() | {"keystore": str(keystore)}


def test_a_home_whose_admin_key_is_lost_goes_on_with_a_new_registry(own_city: City) -> None:
    home, keystore = own_city.home, own_city.home / "operator.keystore.json"
    before = shuize(home, "init", "--json").json()
    keystore.unlink()
    alone = shuize(home, "init", "--new-operator", "--json").json()
    assert alone["operator"] != before["operator"]
    assert alone["contract"] == before["contract"]
    grant = ("grant", "revoke", own_city.grant, "--reason", "r", "--as", "li-na")
    assert shuize(home, *grant).code != 0  # the contract does not know the new key

    (home / "chain.db").rename(home / "chain.before.db")
    for beside in home.glob("chain.db-*"):
        beside.unlink()
    after = shuize(home, "init", "--new-operator", "--refound", "--json")
    assert after.code == 0, after.err
    assert after.json()["operator"] == alone["operator"]
    moved = shuize(home, "chain", "move", "--as", "li-na", "--json")
    assert moved.code == 0, moved.err
    proven = shuize(home, "verify", str(own_city.release / "water-use-index.csv"), "--json")
    assert proven.code == 0, proven.err
    assert proven.json()["release"]["publisher"] == alone["operator"]
