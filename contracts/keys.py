"""The account that signs: its key lies encrypted in a keystore file and, unlocked, in memory only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn, final

from contracts.words import account_address
from standards.errors import Conflict, Denied, InvalidInput, NotFound, Unavailable
from standards.new_files import PathTaken, write_new

_SCRYPT_WORK = 2**18  # 256 MB and most of a second to try one password; what other wallets use


class NoKeystore(NotFound):
    """There is no keystore file at the path."""

    code = "no-keystore"


class KeystoreExists(Conflict):
    """A new key can't take the place of a file."""

    code = "keystore-exists"


class UnreadableKeystore(InvalidInput):
    """The file is no keystore, or a damaged one."""

    code = "unreadable-keystore"


class KeystoreUnavailable(Unavailable):
    """The keystore file can't be read or written."""

    code = "keystore-unavailable"


class WrongPassword(Denied):
    """The password does not open the keystore."""

    code = "wrong-password"


class EmptyPassword(InvalidInput):
    """A key can't be kept under an empty password."""

    code = "empty-password"


@final
class Account:
    """An unlocked account. Its key never shows: not in `repr`, not in a copy, not in a pickle."""

    __slots__ = ("__local", "address")

    def __init__(self, local: Any) -> None:
        """Hold eth-account's `LocalAccount`."""
        self.__local = local
        self.address: str = local.address
        """With its checksum (EIP-55)."""

    def sign(self, transaction: dict[str, Any]) -> tuple[bytes, bytes]:
        """Return the signed transaction's bytes and its hash."""
        signed = self.__local.sign_transaction(transaction)
        return bytes(signed.raw_transaction), bytes(signed.hash)

    def __repr__(self) -> str:
        return f"Account({self.address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an unlocked account can't be copied or stored")


def create(path: Path, password: str, *, scrypt_work: int = _SCRYPT_WORK) -> str:
    """Make a new key, keep it at `path` (readable by its owner only), and return its address.

    The file is there whole or not at all. Raises KeystoreExists, EmptyPassword or KeystoreUnavailable.
    """
    from eth_account import Account as EthAccount

    if not password:
        raise EmptyPassword("a keystore needs a password", hint="choose a long one and keep it elsewhere")
    if path.exists():
        raise _exists(path)
    local = EthAccount.create()
    document = EthAccount.encrypt(local.key, password, kdf="scrypt", iterations=scrypt_work)
    _write(path, json.dumps(document).encode())
    return str(local.address)


def address(path: Path) -> str:
    """Return the address a keystore says it is for, which takes no password; `unlock` proves it.

    Raises NoKeystore, UnreadableKeystore or KeystoreUnavailable.
    """
    text = _read(path).get("address")
    if not isinstance(text, str):
        raise _unreadable(path)
    try:
        return account_address("0x" + text.removeprefix("0x").lower())
    except InvalidInput as error:
        raise _unreadable(path) from error


def unlock(path: Path, password: str) -> Account:
    """Return the account in a keystore.

    Raises WrongPassword, NoKeystore, UnreadableKeystore or KeystoreUnavailable.
    """
    from eth_account import Account as EthAccount

    document = _read(path)
    stated = address(path)
    try:
        account = Account(EthAccount.from_key(EthAccount.decrypt(document, password)))
    except ValueError as error:
        if "MAC mismatch" not in str(error) and "Checksum mismatch" not in str(error):
            raise _unreadable(path) from None
        raise WrongPassword(
            f"the password does not open {path}", hint="check the password and the path"
        ) from None  # the cause holds values derived from the password
    except (KeyError, TypeError, AttributeError, NotImplementedError, MemoryError):
        raise _unreadable(path) from None
    if account.address != stated:
        raise _unreadable(path)
    return account


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise NoKeystore(f"no keystore at {path}", hint="create one, or mend the path") from error
    except OSError as error:
        raise KeystoreUnavailable(
            f"{path} can't be read: {error.strerror}", hint="check the file's permissions"
        ) from error
    except ValueError as error:
        raise _unreadable(path) from error
    if not isinstance(document, dict):
        raise _unreadable(path)
    return document


def _write(path: Path, content: bytes) -> None:
    try:
        write_new(path, content)
    except PathTaken as error:
        raise _exists(path) from error
    except OSError as error:
        raise KeystoreUnavailable(
            f"{path} can't be written: {error.strerror}", hint="check that the folder can be written"
        ) from error


def _exists(path: Path) -> KeystoreExists:
    return KeystoreExists(f"{path} exists already", hint="use it, or choose another path")


def _unreadable(path: Path) -> UnreadableKeystore:
    return UnreadableKeystore(f"{path} is no keystore, or damaged", hint="restore the file from a backup")
