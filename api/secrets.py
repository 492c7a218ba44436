"""Secrets: read from files or the environment when needed, made by `init`, never shown."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from api.settings import Settings
from standards.errors import Conflict, NotFound, Unavailable
from standards.new_files import PathTaken, write_new

_KEY_BYTES = 32
_FINGERPRINT_OF = b"shuize: this is the home's pseudonym key"
_RESTORE = "restore the key from a backup; or, for new pseudonyms: shuize init --new-pseudonym-key"


class NoPassword(NotFound):
    """There is no password for the keystore."""

    code = "no-password"


class NoPseudonymKey(NotFound):
    """There is no key for pseudonyms, or the file holds none."""

    code = "no-pseudonym-key"


class PseudonymKeyChanged(Conflict):
    """The key for pseudonyms is gone, or another than the home was made with."""

    code = "pseudonym-key-changed"


class SecretExists(Conflict):
    """A secret can't take the place of a file."""

    code = "secret-exists"


class SecretNotWritable(Unavailable):
    """A secret can't be written where it belongs."""

    code = "secret-not-writable"


def keystore_password(settings: Settings) -> str:
    """Return the keystore's password from the environment or its file. Raises NoPassword."""
    if settings.password is not None:
        return settings.password.get_secret_value()
    try:
        return settings.password_path.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise NoPassword(
            f"no password for the keystore: {settings.password_path} can't be read",
            hint="set SHUIZE_PASSWORD, or SHUIZE_PASSWORD_FILE to a file that holds it",
        ) from error


def pseudonym_key(settings: Settings, product: str) -> bytes:
    """Return the product's own key for pseudonyms, so that two products can't be joined by them.

    Raises NoPseudonymKey, PseudonymKeyChanged.
    """
    from products.anonymize import derive_key

    master = _master(settings.pseudonym_key_path)
    noted = _noted_fingerprint(settings)
    if noted is not None and noted != _fingerprint(master):
        raise _changed(f"{settings.pseudonym_key_path} is not the key this home was made with")
    return derive_key(master, f"product:{product}")


def keep_pseudonym_key(settings: Settings, *, renew: bool = False) -> None:
    """Make the pseudonym key of a new home, or check an old home's by the fingerprint noted there.

    With `renew`, a key that is there is put aside as `….replaced-1` and a new one made. Raises
    NoPseudonymKey, PseudonymKeyChanged, SecretNotWritable.
    """
    path, note = settings.pseudonym_key_path, settings.pseudonym_fingerprint_path
    if renew:
        with _written(path):
            if path.exists():
                path.rename(_free_name(path))
            note.unlink(missing_ok=True)
    noted = _noted_fingerprint(settings)
    if noted is None:
        make_secret(path)
    elif not path.exists():
        raise _changed(f"the key for pseudonyms is gone: {path}")
    found = _fingerprint(_master(path))
    if noted is None:
        with suppress(SecretExists):  # another init was quicker, with the same key
            write_secret(note, found)
    elif noted != found:
        raise _changed(f"{path} is not the key this home was made with")


def make_secret(path: Path) -> bool:
    """Write a new random secret unless the file is there; say whether it was. Raises SecretNotWritable."""
    try:
        write_secret(path, secrets.token_hex(_KEY_BYTES))
    except SecretExists:
        return False
    return True


def require_place(path: Path) -> None:
    """Raise what `write_secret` would, before anything is done that only the written secret makes good."""
    if path.exists():
        raise _exists(path)
    with _written(path), tempfile.NamedTemporaryFile("w", dir=path.parent):
        pass


def write_secret(path: Path, secret: str) -> None:
    """Write a secret to a new file that only its owner may read; it is there whole or not at all.

    Raises SecretExists, SecretNotWritable.
    """
    with _written(path):
        try:
            write_new(path, (secret + "\n").encode())
        except PathTaken as error:
            raise _exists(path) from error


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise SecretNotWritable(
            f"{path} can't be written: {error.strerror}", hint="make its folder writable, or name another"
        ) from error


def _master(path: Path) -> bytes:
    master = b""
    with suppress(OSError, ValueError):  # a text of no key may hold half of one: it is not quoted
        master = bytes.fromhex(path.read_text("ascii").strip())
    if len(master) < _KEY_BYTES:
        raise NoPseudonymKey(f"no key for pseudonyms in {path}", hint=_RESTORE)
    return master


def _fingerprint(master: bytes) -> str:
    return hmac.new(master, _FINGERPRINT_OF, hashlib.sha256).hexdigest()


def _noted_fingerprint(settings: Settings) -> str | None:
    try:
        return settings.pseudonym_fingerprint_path.read_text("utf-8").strip()
    except FileNotFoundError:  # a home from before there were fingerprints: `init` notes one
        return None
    except (OSError, UnicodeDecodeError):  # no fingerprint of any key
        return ""


def _free_name(path: Path) -> Path:
    candidates = (path.with_name(f"{path.name}.replaced-{number}") for number in count(1))
    return next(name for name in candidates if not name.exists())


def _changed(what: str) -> PseudonymKeyChanged:
    return PseudonymKeyChanged(what, hint=_RESTORE)


def _exists(path: Path) -> SecretExists:
    return SecretExists(f"{path} exists already", hint="choose another file")
