"""The registry on the chain, read: what is published, granted and recorded, and who may write."""

from __future__ import annotations

from typing import Any

from contracts import abi, artifact
from contracts.calls import RegistryCalls
from contracts.chain import Chain
from contracts.models import ChainCheckpoint, ChainGrant, ChainRelease, RoleMembers, Withdrawal
from contracts.words import (
    ROLES,
    account_address,
    digest_of,
    digest_word,
    moment,
    product_of,
    product_word,
    role_word,
)
from standards.digests import Digest
from standards.errors import Conflict

_PAGE = 100
_NOBODY = "0x" + "00" * 20


class NoContract(Conflict):
    """There is no code at the address."""

    code = "no-contract"


class ContractMismatch(Conflict):
    """The code at the address is not that of this version's registry."""

    code = "contract-mismatch"


class DataRegistry:
    """The registry at one address. Every list is complete, in the order things were put on the chain.

    Reading raises ChainUnavailable when the node does not answer, UnreadableAnswer when it answers nonsense.
    """

    def __init__(self, chain: Chain, address: str) -> None:
        """Connect to the registry, and compare its code with the built one.

        Raises MalformedName for the address, NoContract or ContractMismatch for what lies there.
        """
        self.chain = chain
        self.address = account_address(address)
        self.calls = RegistryCalls(self.address)
        code = chain.code(self.address)
        if not code:
            raise NoContract(
                f"no contract at {self.address} on chain {chain.chain_id}",
                hint="check both with who published: `shuize chain status` there shows them",
            )
        if code.hex() != artifact.load().runtime_bytecode[2:]:
            raise ContractMismatch(
                f"the contract at {self.address} on chain {chain.chain_id} is not this version's registry",
                hint="check the address, or use the version of Shuize that deployed it",
            )

    # --------------------------------------------------------------------------------------------- products

    def products(self) -> tuple[str, ...]:
        """Return the names of all products."""
        words = self._pages("products", self._view("productCount"), first=0)
        return tuple(product_of(word) for word in words)

    def is_registered(self, product: str) -> bool:
        """Whether the product's name has been taken into use."""
        return bool(self._view("productRegisteredAt", product_word(product)))

    # --------------------------------------------------------------------------------------------- releases

    def release_count(self, product: str) -> int:
        """Return the number of releases, which is the latest version; 0 before the first."""
        return int(self._view("releaseCount", product_word(product)))

    def release(self, product: str, version: int) -> ChainRelease:
        """Return one release. Raises UnknownRelease."""
        words = self._view("release", product_word(product), version)
        return self._releases(product, version, [words])[0]

    def releases(self, product: str) -> tuple[ChainRelease, ...]:
        """Return all releases of a product, withdrawn ones included."""
        words = self._pages("releases", self.release_count(product), product_word(product), first=1)
        return self._releases(product, 1, words)

    def find_releases(self, manifest_digest: Digest) -> tuple[ChainRelease, ...]:
        """Return the releases with this manifest, of whatever product.

        Reads the whole registry, a hundred releases a request. Logs would be quicker, and a node can leave
        out of them what it likes.
        """
        wanted = digest_of(digest_word(manifest_digest))
        return tuple(
            release
            for product in self.products()
            for release in self.releases(product)
            if release.manifest_digest == wanted
        )

    def _releases(self, product: str, first: int, words: list[Any]) -> tuple[ChainRelease, ...]:
        withdrawn = [first + i for i, entry in enumerate(words) if entry[-1]]
        reasons = self._views("withdrawal", [(product_word(product), version) for version in withdrawn])
        withdrawals = dict(zip(withdrawn, reasons, strict=True))
        return tuple(
            _release(product, version, entry, withdrawals.get(version))
            for version, entry in enumerate(words, start=first)
        )

    # ----------------------------------------------------------------------------------------------- grants

    def grant_count(self, product: str) -> int:
        """Return the number of grants, which is the index the next one takes."""
        return int(self._view("grantCount", product_word(product)))

    def grant(self, product: str, index: int) -> ChainGrant:
        """Return one grant, counted from 0. Raises UnknownGrant."""
        return ChainGrant.of(product, index, self._view("grantAt", product_word(product), index))

    def grants(self, product: str) -> tuple[ChainGrant, ...]:
        """Return all grants of a product, revoked and expired ones included."""
        words = self._pages("grants", self.grant_count(product), product_word(product), first=0)
        return tuple(ChainGrant.of(product, index, entry) for index, entry in enumerate(words))

    # ------------------------------------------------------------------------------------------ checkpoints

    def checkpoints(self) -> tuple[ChainCheckpoint, ...]:
        """Return all checkpoints of the log."""
        words = self._pages("checkpoints", self._view("checkpointCount"), first=0)
        return tuple(ChainCheckpoint.of(index, entry) for index, entry in enumerate(words))

    def latest_checkpoint(self) -> ChainCheckpoint | None:
        """Return the latest checkpoint, if there is one."""
        count = int(self._view("checkpointCount"))
        return ChainCheckpoint.of(count - 1, self._view("checkpointAt", count - 1)) if count else None

    # ------------------------------------------------------------------------------------------------ roles

    def role_members(self) -> RoleMembers:
        """Return who holds which role."""
        admin = self._view("defaultAdmin")
        appointed, schedule = self._view("pendingDefaultAdmin")
        members = self._views("getRoleMembers", [(role_word(role),) for role in ROLES])
        publishers, grantors, loggers = (tuple(account_address(each) for each in some) for some in members)
        return RoleMembers(
            admin=account_address(admin),
            appointed_admin=None if appointed == _NOBODY else account_address(appointed),
            appointed_from=None if appointed == _NOBODY else moment(schedule),
            publishers=publishers,
            grantors=grantors,
            loggers=loggers,
        )

    # -------------------------------------------------------------------------------------------------- views

    def _view(self, name: str, *values: Any) -> Any:
        signature = abi.function(name)
        return signature.unpack(self.chain.call(self.address, signature.pack(*values)))

    def _views(self, name: str, arguments: list[tuple[Any, ...]]) -> list[Any]:
        signature = abi.function(name)
        answers = self.chain.calls(self.address, [signature.pack(*values) for values in arguments])
        return [signature.unpack(answer) for answer in answers]

    def _pages(self, name: str, count: int, *key: Any, first: int) -> list[Any]:
        """Return `count` entries of a paged view from `first` on. Raises UnreadableAnswer if some lack."""
        starts = range(first, first + count, _PAGE)
        pages = self._views(name, [(*key, start, min(_PAGE, first + count - start)) for start in starts])
        entries = [entry for page in pages for entry in page]
        if len(entries) != count:
            raise abi.UnreadableAnswer(
                f"{name} gave {len(entries)} entries, and there are {count}",
                hint="the node may have changed its mind about the latest blocks; try again",
            )
        return entries


def _release(product: str, version: int, words: Any, withdrawal: Any) -> ChainRelease:
    manifest, root, publisher, published_at, block, _ = words
    return ChainRelease(
        product=product,
        version=version,
        manifest_digest=digest_of(manifest),
        content_root=digest_of(root),
        publisher=account_address(publisher),
        published_at=moment(published_at),
        block_number=block,
        withdrawn=None if withdrawal is None else _withdrawal(withdrawal),
    )


def _withdrawal(words: Any) -> Withdrawal:
    by, withdrawn_at, block, reason = words
    return Withdrawal(
        by=account_address(by), withdrawn_at=moment(withdrawn_at), block_number=block, reason=reason
    )
