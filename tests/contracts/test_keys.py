"""Keystore files, and that the key shows nowhere."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import stat
from pathlib import Path

import pytest
from eth_account import Account as EthAccount

from contracts import keys
from contracts.chain import Chain
from contracts.sender import Sender
from tests.contracts.builders import a_desk, a_digest

QUICK = 2  # scrypt's work factor: the format is the same, the waiting is not


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    path = tmp_path / "operator.json"
    keys.create(path, "right", scrypt_work=QUICK)
    return path


def key_of(path: Path) -> bytes:
    return bytes(EthAccount.decrypt(json.loads(path.read_text()), "right"))


def test_a_new_keystore_opens_with_its_password(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "operator.json"
    address = keys.create(path, "right", scrypt_work=QUICK)
    assert keys.unlock(path, "right").address == address
    assert keys.address(path) == address


def test_two_keystores_hold_two_keys(tmp_path: Path) -> None:
    one, two = (keys.create(tmp_path / name, "p", scrypt_work=QUICK) for name in ("one", "two"))
    assert one != two


def test_only_the_owner_may_read_the_file_and_nothing_else_is_left(keystore: Path) -> None:
    assert stat.S_IMODE(keystore.stat().st_mode) == 0o600
    assert list(keystore.parent.iterdir()) == [keystore]


def test_a_file_is_never_replaced(keystore: Path) -> None:
    before = keystore.read_bytes()
    with pytest.raises(keys.KeystoreExists):
        keys.create(keystore, "other", scrypt_work=QUICK)
    assert keystore.read_bytes() == before


def test_a_file_that_appears_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "operator.json"
    path.write_text("another's")
    monkeypatch.setattr(Path, "exists", lambda _: False)
    with pytest.raises(keys.KeystoreExists):
        keys.create(path, "right", scrypt_work=QUICK)
    monkeypatch.undo()
    assert path.read_text() == "another's"
    assert list(tmp_path.iterdir()) == [path]


def test_a_wrong_password_is_denied(keystore: Path) -> None:
    for password in ("wrong", "", "right "):
        with pytest.raises(keys.WrongPassword, match=r"operator\.json"):
            keys.unlock(keystore, password)


def test_an_empty_password_protects_nothing(tmp_path: Path) -> None:
    with pytest.raises(keys.EmptyPassword):
        keys.create(tmp_path / "key", "")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    for read in (keys.address, lambda path: keys.unlock(path, "p")):
        with pytest.raises(keys.NoKeystore):
            read(tmp_path / "none")


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"not json", b"[]", b"{}", b'{"address": 7}', b'{"address": "12"}', b'{"version": 3}'],
)
def test_a_file_that_is_no_keystore_is_unreadable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    for read in (keys.address, lambda path: keys.unlock(path, "p")):
        with pytest.raises(keys.UnreadableKeystore):
            read(path)


def test_a_damaged_keystore_is_unreadable(keystore: Path) -> None:
    whole = json.loads(keystore.read_text())
    for damaged in (
        whole | {"version": 9},
        whole | {"address": "12" * 20},
        {name: value for name, value in whole.items() if name != "crypto"},
        whole | {"crypto": whole["crypto"] | {"kdf": "none"}},
        whole | {"crypto": {name: value for name, value in whole["crypto"].items() if name != "mac"}},
    ):
        keystore.write_text(json.dumps(damaged))
        with pytest.raises(keys.UnreadableKeystore):
            keys.unlock(keystore, "right")


def test_a_folder_in_the_way_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(keys.KeystoreUnavailable):
        keys.unlock(tmp_path, "p")
    (tmp_path / "file").write_text("")
    with pytest.raises(keys.KeystoreUnavailable):
        keys.create(tmp_path / "file" / "key", "p", scrypt_work=QUICK)


def test_other_wallets_open_the_file(keystore: Path) -> None:
    document = json.loads(keystore.read_text())
    assert document["version"] == 3
    assert document["crypto"]["kdf"] == "scrypt"
    assert EthAccount.from_key(key_of(keystore)).address == keys.address(keystore)


def test_the_key_shows_nowhere(
    keystore: Path, embedded: Chain, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    key, account = key_of(keystore), keys.unlock(keystore, "right")
    desk = a_desk(embedded)
    sender = Sender(embedded, account)
    shown = [
        repr(account),
        str(account),
        f"{account}",
        repr(sender),
        str(vars(sender)),
        json.dumps(dir(account)),
    ]
    for attempt in (
        lambda: sender.sign(desk.registry.calls.checkpoint(1, a_digest("r"))),  # refused by the contract
        lambda: account.sign({"nonce": "no transaction"}),
        lambda: keys.unlock(keystore, "wrong"),
        lambda: pickle.dumps(account),
        lambda: copy.copy(account),
        lambda: copy.deepcopy(account),
        lambda: vars(account),
    ):
        with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever it is, it must not tell
            attempt()
        error: BaseException | None = caught.value
        while error is not None:
            shown.append(f"{error!r} {error}")
            error = error.__context__
    text = "\n".join([*shown, caplog.text, *capsys.readouterr()]).lower()
    for form in (key.hex(), repr(key).lower(), str(int.from_bytes(key, "big"))):
        assert form not in text
