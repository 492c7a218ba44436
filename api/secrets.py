"""Secrets: read from files or the environment when needed, made by `init`, never shown."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from api.settings import Settings
from standards.errors import Conflict, NotFound, Unavailable

_KEY_BYTES = 32


class NoPassword(NotFound):
    """There is no password for the keystore."""

    code = "no-password"


class NoPseudonymKey(NotFound):
    """There is no key for pseudonyms, or the file holds none."""

    code = "no-pseudonym-key"


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

    Raises NoPseudonymKey.
    """
    from products.anonymize import derive_key

    path, master = settings.pseudonym_key_path, b""
    with suppress(OSError, ValueError):  # a text of no key may hold half of one: it is not quoted
        master = bytes.fromhex(path.read_text("ascii").strip())
    if len(master) < _KEY_BYTES:
        raise NoPseudonymKey(
            f"no key for pseudonyms in {path}",
            hint="restore the file; or remove it and run `shuize init`: a new key, and so new pseudonyms",
        )
    return derive_key(master, f"product:{product}")


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
    with _written(path), tempfile.NamedTemporaryFile("w", dir=path.parent) as draft:  # mode 0600
        draft.write(secret + "\n")
        draft.flush()
        os.fsync(draft.fileno())
        try:
            os.link(draft.name, path)  # unlike a rename, refuses to replace
        except FileExistsError as error:
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


def _exists(path: Path) -> SecretExists:
    return SecretExists(f"{path} exists already", hint="choose another file")
