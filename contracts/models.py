"""What the registry tells: releases, grants, checkpoints and who may do what. Times are in UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from contracts.words import digest_of, moment, party_of
from standards.digests import Digest


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True)


class Withdrawal(_Fact):
    """Who withdrew a release, when and why."""

    by: str
    withdrawn_at: datetime
    block_number: int
    reason: str


class ChainRelease(_Fact):
    """A published version of a product. A withdrawn one stays, with the reason."""

    product: str
    version: int
    manifest_digest: Digest
    content_root: Digest
    publisher: str
    published_at: datetime
    block_number: int
    withdrawn: Withdrawal | None


class ChainGrant(_Fact):
    """A party's leave to use a product. The window holds both its ends."""

    product: str
    index: int
    party: str
    not_before: datetime
    not_after: datetime
    terms_digest: Digest
    granted_at: datetime
    block_number: int
    revoked_at: datetime | None
    revoked_block: int | None

    @classmethod
    def of(
        cls,
        product: str,
        index: int,
        words: tuple[bytes, bytes, int, int, int, int, int, int],
    ) -> Self:
        """Return the grant in the contract's struct."""
        party, terms, not_before, not_after, granted_at, block, revoked_at, revoked_block = words
        return cls(
            product=product,
            index=index,
            party=party_of(party),
            not_before=moment(not_before),
            not_after=moment(not_after),
            terms_digest=digest_of(terms),
            granted_at=moment(granted_at),
            block_number=block,
            revoked_at=moment(revoked_at) if revoked_at else None,
            revoked_block=revoked_block or None,
        )

    def allows(self, time: datetime) -> bool:
        """Whether the party may use the product at a time (with time zone)."""
        if self.revoked_at is not None and time >= self.revoked_at:
            return False
        return self.not_before <= time <= self.not_after


class ChainCheckpoint(_Fact):
    """The state of the event log at one moment; `root` is the Merkle root of its first `size` leaves."""

    index: int
    size: int
    root: Digest
    recorded_at: datetime
    block_number: int

    @classmethod
    def of(cls, index: int, words: tuple[bytes, int, int, int]) -> Self:
        """Return the checkpoint in the contract's struct."""
        root, size, recorded_at, block = words
        return cls(
            index=index,
            size=size,
            root=digest_of(root),
            recorded_at=moment(recorded_at),
            block_number=block,
        )


class RoleMembers(_Fact):
    """Who may do what. An appointed admin takes office by accepting, once the delay has passed."""

    admin: str
    appointed_admin: str | None
    appointed_from: datetime | None
    publishers: tuple[str, ...]
    grantors: tuple[str, ...]
    loggers: tuple[str, ...]

    def __contains__(self, account: str) -> bool:
        """Whether an account holds a role, or has been appointed to one."""
        admins = (self.admin, self.appointed_admin)
        return account in {*admins, *self.publishers, *self.grantors, *self.loggers}
