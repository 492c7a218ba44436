"""Secrets: made once, whole or not at all, for their owner alone, never in a message."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from api import secrets
from api.secrets import NoPassword, NoPseudonymKey, SecretExists, SecretNotWritable
from api.settings import Settings
from tests.api.shell import City, Said


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
