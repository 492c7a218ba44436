"""Calls that change the registry, prepared and not yet signed. `sender.Sender` signs and sends them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts import abi, artifact
from contracts.words import account_address, digest_word, party_word, product_word, role_word, seconds
from standards.digests import Digest
from standards.errors import InvalidInput

_MAX_REASON_BYTES = 256
DAY_SECONDS = 86_400


class Call(BaseModel):
    """A call to sign: what it does in words, the contract's address (None deploys one), its data as hex."""

    model_config = ConfigDict(frozen=True)

    what: str
    to: str | None
    data: str


def deploy(admin: str, *, admin_delay_seconds: int = DAY_SECONDS) -> Call:
    """Return the call that puts a new registry on the chain.

    An appointed admin can accept once the delay has passed, so that the present one has time to notice.
    """
    arguments = abi.constructor().pack(admin_delay_seconds, account_address(admin))
    return Call(what="deploy the registry", to=None, data=artifact.load().bytecode + arguments.hex())


class RegistryCalls:
    """The calls of the registry at one address. Each raises InvalidInput for what the chain can't hold."""

    def __init__(self, address: str) -> None:
        self._address = address

    def register(self, product: str) -> Call:
        """Take a product name (1 to 32 of a-z, 0-9 and -) into use."""
        return self._call(f"register product {product}", "registerProduct", product_word(product))

    def publish(self, product: str, version: int, manifest_digest: Digest, content_root: Digest) -> Call:
        """Publish the release with the version that comes next."""
        words = (product_word(product), version, digest_word(manifest_digest), digest_word(content_root))
        return self._call(f"publish {product} version {version}", "publish", *words)

    def withdraw(self, product: str, version: int, reason: str) -> Call:
        """Withdraw a release for good. The reason, 1 to 256 bytes of UTF-8, can be read by all for ever."""
        if not 1 <= len(reason.encode()) <= _MAX_REASON_BYTES:
            raise InvalidInput(
                f"the reason has {len(reason.encode())} bytes in UTF-8",
                hint=f"give 1 to {_MAX_REASON_BYTES} bytes; a Chinese character takes 3",
            )
        return self._call(
            f"withdraw {product} version {version}", "withdraw", product_word(product), version, reason
        )

    def grant(  # these six are what a grant is
        self,
        product: str,
        index: int,
        *,
        party: str,
        not_before: datetime,
        not_after: datetime,
        terms_digest: Digest,
    ) -> Call:
        """Issue the grant with the index that comes next, usable from `not_before` to `not_after`."""
        window = (seconds(not_before), seconds(not_after))
        return self._call(
            f"issue grant {index} of {product}",
            "grant",
            *(product_word(product), index, party_word(party), *window, digest_word(terms_digest)),
        )

    def revoke(self, product: str, index: int) -> Call:
        """Revoke a grant for good."""
        return self._call(f"revoke grant {index} of {product}", "revoke", product_word(product), index)

    def checkpoint(self, size: int, root: Digest) -> Call:
        """Record the log's Merkle root over its first `size` leaves."""
        return self._call(f"record checkpoint of {size} leaves", "checkpoint", size, digest_word(root))

    def grant_role(self, role: str, account: str) -> Call:
        """Give an account a role: PUBLISHER, GRANTOR or LOGGER. For the admin."""
        words = (role_word(role), account_address(account))
        return self._call(f"give {account} the role {role}", "grantRole", *words)

    def revoke_role(self, role: str, account: str) -> Call:
        """Take a role from an account. For the admin."""
        words = (role_word(role), account_address(account))
        return self._call(f"take the role {role} from {account}", "revokeRole", *words)

    def appoint_admin(self, account: str) -> Call:
        """Begin to hand over the admin role. For the admin."""
        return self._call(
            f"appoint {account} as admin", "beginDefaultAdminTransfer", account_address(account)
        )

    def cancel_appointment(self) -> Call:
        """Take back an appointment. For the admin."""
        return self._call("cancel the appointment of an admin", "cancelDefaultAdminTransfer")

    def accept_admin(self) -> Call:
        """Take over the admin role. For the appointed account, after the delay."""
        return self._call("accept the admin role", "acceptDefaultAdminTransfer")

    def _call(self, what: str, name: str, *values: Any) -> Call:
        return Call(what=what, to=self._address, data="0x" + abi.function(name).pack(*values).hex())
