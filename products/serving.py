"""Serving: rows of a published release to a party whose grant the chain confirms, with a receipt."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.database import Clock
from catalog.grants import Grant, Grants
from catalog.parties import Party
from catalog.receipts import Receipt, Receipts, no_receipt
from catalog.releases.models import Release, ReleaseFile
from catalog.releases.register import Releases
from catalog.store import FolderStore, ObjectDamaged
from products.anchoring.standing import AnchoredElsewhere, require_grant_on, require_release_on
from products.recipe import Recipes
from products.row_queries import MEDIA_TYPES, RowQuery, rendered, selected
from standards import digests
from standards.digests import Digest
from standards.errors import Conflict, Denied, ShuizeError, Unavailable
from standards.manifest import Manifest

if TYPE_CHECKING:
    from contracts.models import ChainGrant
    from contracts.registry import DataRegistry


class NoGrant(Denied):
    """The party has never been granted the product."""

    code = "no-grant"


class GrantNotYetValid(Denied):
    """The grant's window has not begun."""

    code = "grant-not-yet-valid"


class GrantExpired(Denied):
    """The grant's window is over."""

    code = "grant-expired"


class GrantRevoked(Denied):
    """The grant was revoked."""

    code = "grant-revoked"


class ReleaseWithdrawn(Conflict):
    """The release was withdrawn; it stays on the chain with the reason, and is not handed out any more."""

    code = "release-withdrawn"


class ReleaseNotAnchored(Conflict):
    """The catalog's release is not the one that the chain holds under its product and version."""

    code = "release-not-anchored"


class ReleaseDamaged(Unavailable):
    """The release's stored bytes are not those that were published, so they are not handed out."""

    code = "release-damaged"


@dataclass(frozen=True)
class Answer:
    """The bytes to send and the receipt that speaks of exactly them.

    `total` is how many rows fit the query, on this page or not; `more`, whether some follow the page.
    """

    body: bytes
    media_type: str
    receipt: Receipt
    total: int
    more: bool


@dataclass(frozen=True)
class Server:
    """Answers partners. Whether a grant holds is asked of the chain at every query."""

    recipes: Recipes
    releases: Releases
    grants: Grants
    receipts: Receipts
    store: FolderStore
    registry: Callable[[], DataRegistry]
    clock: Clock

    def rows(self, party: Party, product: str, query: RowQuery) -> Answer:
        """Return the rows that the query asks for.

        Raises RecipeNotFound, ReleaseNotFound, NoGrant, GrantNotYetValid, GrantExpired, GrantRevoked,
        ReleaseWithdrawn, ReleaseNotAnchored, ReleaseDamaged, BadQuery, TooManyRows, ChainUnavailable.
        """
        release, grant = self._granted(party, product, query.version)
        path = self._intact(release, release.file(f"{product}.parquet"))
        found = selected(query, path)
        body, rows = rendered(found.table, query.format, release), found.table.num_rows
        receipt = self._receipt(party, release, grant, query.text(), rows, digests.of_bytes(body))
        more = query.offset + rows < found.total
        return Answer(body, MEDIA_TYPES[query.format], receipt, found.total, more)

    def file(
        self, party: Party, product: str, version: int | None, name: str
    ) -> tuple[ReleaseFile, bytes, Receipt]:
        """Return a file of a release, whole, with the receipt for it. Raises as `rows` does."""
        release, grant = self._granted(party, product, version)
        file = release.file(name)
        body = self._intact(release, file).read_bytes()
        sent = digests.of_bytes(body)  # of what goes out: what was looked at may have changed since
        if sent != file.digest:
            raise ReleaseDamaged(
                f"{file.name} of {product} {release.version} changed while it was read",
                hint="ask again; if it stays so, the operator restores the store",
            )
        rows = int(release.manifest["predicate"]["rows"])
        return file, body, self._receipt(party, release, grant, f"file {name}", rows, sent)

    def receipt(self, party: Party, receipt_id: str) -> Receipt:
        """Return one of the party's own receipts. Raises ReceiptNotFound."""
        receipt = self.receipts.get(receipt_id)
        if receipt.party != party.id:
            # Whether another's receipt exists is not for this party to know: the same words as for none.
            raise no_receipt(receipt_id)
        return receipt

    def _granted(self, party: Party, product: str, version: int | None) -> tuple[Release, str]:
        self.recipes.get(product)
        grant = self._living_grant(party, product)
        release = self.releases.published(product, version)
        registry = self.registry()
        require_release_on(release, registry)
        on_chain = registry.release(product, release.version)
        if on_chain.manifest_digest != release.manifest_digest:
            raise ReleaseNotAnchored(
                f"{product} {release.version} has the manifest {release.manifest_digest} here, and "
                f"{on_chain.manifest_digest} on the chain",
                hint="tell the operator: the catalog is not the one this release was published from",
            )
        withdrawn = on_chain.withdrawn
        if withdrawn is not None:
            raise ReleaseWithdrawn(
                f"{product} {release.version} was withdrawn {withdrawn.withdrawn_at:%Y-%m-%d %H:%M:%S} UTC: "
                f"{withdrawn.reason}",
                hint="ask for another release with ?version=",
            )
        return release, grant

    def _intact(self, release: Release, file: ReleaseFile) -> Path:
        """Return where the file's bytes lie, which are those that the anchored manifest names."""
        is_anchored = digests.of_document(release.manifest) == release.manifest_digest
        if not is_anchored or Manifest.model_validate(release.manifest).file_digest(file.name) != file.digest:
            raise ReleaseNotAnchored(
                f"the catalog names a {file.name} for {release.product} {release.version} that the anchored "
                "manifest does not",
                hint="tell the operator: the catalog's record of the release was changed",
            )
        try:
            return self.store.unchanged(file.digest)
        except ObjectDamaged as error:
            raise ReleaseDamaged(
                f"{file.name} of {release.product} {release.version} is damaged: {error.message}",
                hint=error.hint,
            ) from error

    def _living_grant(self, party: Party, product: str) -> str:
        """Return the id of a grant that holds now, as the chain has it, not as the catalog remembers it."""
        mine = [g for g in self.grants.list(product=product, party=party.id) if g.chain_index is not None]
        if not mine:
            raise NoGrant(
                f"{party.id} has no grant for {product}",
                hint="ask the operator for one: shuize grant issue …",
            )
        registry, now = self.registry(), self.clock()
        refusals: list[ShuizeError] = []
        for grant in reversed(mine):
            assert grant.chain_index is not None
            try:
                require_grant_on(grant, registry)
            except AnchoredElsewhere as error:
                refusals.append(_over(grant, now) or error)
                continue
            on_chain = registry.grant(product, grant.chain_index)
            if on_chain.party != party.chain_id or on_chain.terms_digest != grant.terms_digest:
                refusals.append(NoGrant(f"grant {grant.id} of {product} is another's on the chain"))
            elif (refusal := _refusal(grant.id, on_chain, now)) is None:
                return grant.id
            else:
                refusals.append(refusal)
        raise refusals[0]

    def _receipt(
        self, party: Party, release: Release, grant: str, query: str, rows: int, answer: Digest
    ) -> Receipt:
        return self.receipts.keep(
            Receipt(
                id=str(uuid.uuid4()),
                party=party.id,
                product=release.product,
                version=release.version,
                manifest_digest=release.manifest_digest,
                grant=grant,
                query=query,
                rows=rows,
                answer_digest=answer,
                issued_at=self.clock(),
            )
        )


def _over(grant: Grant, now: datetime) -> Denied | None:
    """Return why a grant that was not carried to this registry is over, by the catalog; None if it holds."""
    hint = "ask the operator for a new grant"
    if grant.revoked_at is not None:
        return GrantRevoked(f"grant {grant.id} was revoked", hint=hint)
    if now > grant.terms.not_after:
        return GrantExpired(
            f"grant {grant.id} ended {grant.terms.not_after:%Y-%m-%d %H:%M:%S} UTC", hint=hint
        )
    return None


def _refusal(grant_id: str, grant: ChainGrant, now: datetime) -> Denied | None:
    """Return why the grant does not hold now, or None if it does."""
    hint = "ask the operator for a new grant"
    if grant.revoked_at is not None:
        return GrantRevoked(
            f"grant {grant_id} was revoked {grant.revoked_at:%Y-%m-%d %H:%M:%S} UTC", hint=hint
        )
    if now < grant.not_before:
        return GrantNotYetValid(f"grant {grant_id} begins {grant.not_before:%Y-%m-%d %H:%M:%S} UTC")
    if now > grant.not_after:
        return GrantExpired(f"grant {grant_id} ended {grant.not_after:%Y-%m-%d %H:%M:%S} UTC", hint=hint)
    return None
