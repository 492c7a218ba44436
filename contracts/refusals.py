"""What the contract says no with: its custom errors as named errors, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from contracts import abi
from contracts.words import account_address, moment, product_of, role_name
from standards.errors import Conflict, Denied, InvalidInput, NotFound, ShuizeError


class Refusal(ShuizeError):
    """The contract reverted. The kind of error is that of the subclass."""

    values: Mapping[str, Any] = MappingProxyType({})
    """The arguments of the contract's error, by name and as they came."""


class ContractRefused(Refusal, Conflict):
    """The contract reverted for a reason this version does not know."""

    code = "contract-refused"


class BadProduct(Refusal, InvalidInput):
    """The name can't be a product's."""

    code = "bad-product"


class ProductAlreadyRegistered(Refusal, Conflict):
    """The product is registered."""

    code = "product-already-registered"


class UnknownProduct(Refusal, NotFound):
    """The product is not registered."""

    code = "unknown-product"


class EmptyValue(Refusal, InvalidInput):
    """A digest or a party is zero."""

    code = "empty-value"


class NotNextVersion(Refusal, Conflict):
    """The version is not the one that comes next; it may have been published already."""

    code = "not-next-version"


class UnknownRelease(Refusal, NotFound):
    """The product has no such version."""

    code = "unknown-release"


class AlreadyWithdrawn(Refusal, Conflict):
    """The release is withdrawn."""

    code = "already-withdrawn"


class BadReason(Refusal, InvalidInput):
    """The reason is empty or too long."""

    code = "bad-reason"


class NotNextGrant(Refusal, Conflict):
    """The index is not the one that comes next; the grant may have been issued already."""

    code = "not-next-grant"


class BadWindow(Refusal, InvalidInput):
    """The window of a grant is empty or past."""

    code = "bad-window"


class UnknownGrant(Refusal, NotFound):
    """The product has no grant with this index."""

    code = "unknown-grant"


class AlreadyRevoked(Refusal, Conflict):
    """The grant is revoked."""

    code = "already-revoked"


class SizeNotIncreasing(Refusal, Conflict):
    """The log was recorded at this size or a larger one."""

    code = "size-not-increasing"


class IndexOutOfRange(Refusal, NotFound):
    """There is nothing with this index."""

    code = "index-out-of-range"


class MissingRole(Refusal, Denied):
    """The account lacks the role the call needs."""

    code = "missing-role"


class AdminRule(Refusal, Denied):
    """The admin changes in two steps only: appointed, then accepted after the delay."""

    code = "admin-rule"


class _Meaning(NamedTuple):
    kind: type[Refusal]
    message: str
    hint: str


_ADMIN_HINT = "begin the transfer, wait for the delay, then let the new admin accept"
_RELOAD_HINT = "read the contract again: someone, or an earlier try, was first"

_MEANINGS: dict[str, _Meaning] = {
    "MalformedProduct": _Meaning(
        BadProduct, "{product} can't be a product's name", "use 1 to 32 of a-z, 0-9 and -"
    ),
    "ProductAlreadyRegistered": _Meaning(
        ProductAlreadyRegistered, "product {product} is registered already", "publish its next release"
    ),
    "UnknownProduct": _Meaning(UnknownProduct, "product {product} is not registered", "register it first"),
    "ZeroValue": _Meaning(EmptyValue, "{name} is zero", "give a digest or a party, which never are"),
    "NotNextVersion": _Meaning(
        NotNextVersion, "the next version of {product} is {expected}, not {given}", _RELOAD_HINT
    ),
    "UnknownRelease": _Meaning(
        UnknownRelease, "product {product} has no version {version}", "list the product's releases"
    ),
    "AlreadyWithdrawn": _Meaning(
        AlreadyWithdrawn,
        "version {version} of {product} was withdrawn at {withdrawnAt}",
        "a withdrawal stands for good",
    ),
    "BadReasonLength": _Meaning(BadReason, "the reason has {length} bytes", "give 1 to 256 bytes of text"),
    "NotNextGrant": _Meaning(
        NotNextGrant, "the next grant of {product} has index {expected}, not {given}", _RELOAD_HINT
    ),
    "EmptyWindow": _Meaning(
        BadWindow, "the window from {notBefore} to {notAfter} is empty", "let it end later than it begins"
    ),
    "WindowPast": _Meaning(
        BadWindow, "the window ended at {notAfter}, before {blockTime}", "let it end in the future"
    ),
    "UnknownGrant": _Meaning(
        UnknownGrant, "product {product} has no grant {index}", "list the product's grants"
    ),
    "AlreadyRevoked": _Meaning(
        AlreadyRevoked,
        "grant {index} of {product} was revoked at {revokedAt}",
        "a revocation stands for good",
    ),
    "SizeNotIncreasing": _Meaning(
        SizeNotIncreasing,
        "a checkpoint of {given} leaves can't follow one of {latest}",
        "record the log again once it has grown",
    ),
    "IndexOutOfRange": _Meaning(
        IndexOutOfRange, "there is no index {index}: there are {count}", "count from 0"
    ),
    "AccessControlUnauthorizedAccount": _Meaning(
        MissingRole,
        "account {account} lacks the role {neededRole}",
        "let the registry's admin grant the role, or use another account",
    ),
    "AccessControlEnforcedDefaultAdminRules": _Meaning(
        AdminRule, "the admin role can't be granted or revoked directly", _ADMIN_HINT
    ),
    "AccessControlEnforcedDefaultAdminDelay": _Meaning(
        AdminRule, "the change of admin can't be accepted before {schedule}", _ADMIN_HINT
    ),
    "AccessControlInvalidDefaultAdmin": _Meaning(
        AdminRule, "{defaultAdmin} is not the account the admin role is to pass to", _ADMIN_HINT
    ),
}

_ACCOUNTS = {"account", "defaultAdmin"}
_TIMES = {"withdrawnAt", "revokedAt", "notBefore", "notAfter", "blockTime", "schedule"}


def refusal(data: bytes | None, words: str) -> Refusal:
    """Return the named error for what reverting code gave back; `words` are the node's own."""
    known = abi.read_error(data) if data else None
    if known is None or known[0] not in _MEANINGS:
        shown = f": {known[0]}" if known else f": 0x{data.hex()}" if data else ""
        return ContractRefused(
            f"the contract refused the call ({words}){shown}",
            hint="look up the error in the contract's interface",
        )
    name, values = known
    meaning = _MEANINGS[name]
    error = meaning.kind(meaning.message.format(**_shown(values)), hint=meaning.hint)
    error.values = MappingProxyType(values)
    return error


def _shown(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: _show(name, value) for name, value in values.items()}


def _show(name: str, value: Any) -> str:
    if name == "neededRole":
        return role_name(value)
    if name in _TIMES:
        return moment(value).isoformat()
    if name in _ACCOUNTS:
        return account_address(value)
    if isinstance(value, bytes):
        return product_of(value)
    return str(value)
