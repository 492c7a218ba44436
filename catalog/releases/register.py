"""The register of releases: every step of one is a transaction of its own."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import intents, trail
from catalog.database import Clock, Database, take_turns
from catalog.parties import require_member
from catalog.product_register import require_product_in_use
from catalog.releases.anchors import after, same_anchor, with_withdrawal
from catalog.releases.models import (
    AlreadyPublished,
    BeingPublished,
    NotADraft,
    NotApproved,
    NotPublished,
    OwnBuild,
    Release,
    ReleaseDraft,
    ReleaseNotFound,
    ReleaseState,
)
from catalog.tables import ReleaseRow
from catalog.trail import Act


def publish_aim(product: str, version: int) -> str:
    """Return the aim of the intent that publishes a release: while it is open, no build replaces it."""
    return f"publish:{product}:{version}"


_PUBLIC = (ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN)
_LIVING = ReleaseRow.state != ReleaseState.REPLACED.value


class Releases:
    """The register of releases."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def next_version(self, product: str) -> int:
        """Return the version that the next published release of the product will have."""
        with self._database.read() as session:
            return _next_version(session, product)

    def to_build(self, product: str, *, by: str) -> None:
        """Raise ProductRetired, UnknownParty if `by` can't build the product now."""
        with self._database.read() as session:
            require_member(session, by, self._clock())
            require_product_in_use(session, product)

    def keep_draft(self, draft: ReleaseDraft) -> Release:
        """Keep a built draft. The same manifest again is the same release; another one replaces the draft.

        Raises AlreadyPublished if the version was published meanwhile, BeingPublished, UnknownParty.
        """
        with self._database.write() as session:
            require_member(session, draft.built_by, self._clock())
            take_turns(session, f"releases of {draft.product}")
            require_product_in_use(session, draft.product)
            living = session.scalar(_of(draft.product, draft.version))
            if living is not None and living.manifest_digest == draft.manifest_digest:
                return release_of(living)
            if living is not None and living.state not in (ReleaseState.DRAFT, ReleaseState.APPROVED):
                raise AlreadyPublished(
                    f"{draft.product} {draft.version} was published while this build ran",
                    hint="build again; it becomes the next version",
                )
            if intents.is_open(session, publish_aim(draft.product, draft.version)):
                raise BeingPublished(
                    f"{draft.product} {draft.version} is on its way to the chain and can't be replaced now",
                    hint="complete it: shuize chain resume; then build again, it becomes the next version",
                )
            if living is not None:
                living.state = ReleaseState.REPLACED
                session.flush()
            row = _revived(session, draft) or ReleaseRow(
                **draft.model_dump(exclude={"files"}), files=[f.model_dump() for f in draft.files]
            )
            row.state, row.built_by, row.built_at = ReleaseState.DRAFT, draft.built_by, self._clock()
            row.approved_by = row.approved_at = None
            session.add(row)
            session.flush()
            trail.record(session, row.built_at, _act("release-built", row, row.built_by))
            return release_of(row)

    def get(self, product: str, version: int | None = None) -> Release:
        """Return one release, the newest by default. Raises ReleaseNotFound."""
        with self._database.read() as session:
            return release_of(_require(session, product, version))

    def list_public(self, product: str | None = None) -> tuple[Release, ...]:
        """Return what has been published, withdrawn or not, by product and version."""
        return tuple(r for r in self.list(product) if r.state in _PUBLIC)

    def public(self, product: str, version: int) -> Release:
        """Return one release that has been published, withdrawn or not. Raises ReleaseNotFound."""
        for release in self.list_public(product):
            if release.version == version:
                return release
        raise _nothing_published(product, version)

    def published(self, product: str, version: int | None = None) -> Release:
        """Return a release that stands published, the newest by default. Raises ReleaseNotFound."""
        found = [r for r in self.list(product) if r.state is ReleaseState.PUBLISHED]
        for release in reversed(found):
            if version in (None, release.version):
                return release
        raise _nothing_published(product, version)

    def list(self, product: str | None = None) -> tuple[Release, ...]:
        """Return all releases but replaced drafts, by product and version."""
        query = sa.select(ReleaseRow).where(_LIVING).order_by(ReleaseRow.product, ReleaseRow.version)
        if product is not None:
            query = query.where(ReleaseRow.product == product)
        with self._database.read() as session:
            return tuple(map(release_of, session.scalars(query)))

    def to_approve(self, product: str, version: int | None, *, by: str) -> Release:
        """Return the draft that `by` may approve now. Raises as `approve`."""
        with self._database.read() as session:
            require_member(session, by, self._clock())
            return release_of(_require_draft(_require(session, product, version), by))

    def approve(self, product: str, version: int | None, *, by: str) -> Release:
        """Approve a draft, as someone who did not build it.

        Raises ReleaseNotFound, NotADraft, OwnBuild, UnknownParty.
        """
        with self._database.write() as session:
            require_member(session, by, self._clock())
            row = _require_draft(_require(session, product, version, lock=True), by)
            row.state, row.approved_by, row.approved_at = ReleaseState.APPROVED, by, self._clock()
            trail.record(session, row.approved_at, _act("release-approved", row, by))
            return release_of(row)

    def to_publish(self, product: str, version: int | None, *, by: str) -> Release:
        """Return the approved release that may be published now.

        Raises ReleaseNotFound, NotApproved, AlreadyPublished, UnknownParty.
        """
        with self._database.read() as session:
            require_member(session, by, self._clock())
            require_product_in_use(session, product)
            row = _require(session, product, version)
            if row.state in (ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN):
                raise AlreadyPublished(
                    f"{product} {row.version} is {row.state} already; a published version never changes",
                    hint=f"build a new one: shuize product build {product}",
                )
            if row.state != ReleaseState.APPROVED:
                raise NotApproved(
                    f"{product} {row.version} is a {row.state} and has not been approved",
                    hint=f"someone other than {row.built_by}: shuize product approve {product} --as PARTY",
                )
            return release_of(row)

    def mark_published(
        self, product: str, version: int, *, by: str, chain: dict[str, Any], intent: int
    ) -> Release:
        """Record the anchor and close its intent, together. Repeating it changes nothing.

        Raises NotApproved, and leaves the intent open, if a draft has taken the release's place.
        """
        with self._database.write() as session:
            row = _require(session, product, version, lock=True)
            if row.state == ReleaseState.DRAFT:
                raise NotApproved(
                    f"{product} {version} is on the chain, and here a newer draft stands for it",
                    hint="restore the catalog that the release was published from; then: shuize chain resume",
                )
            now = self._clock()
            if row.state == ReleaseState.APPROVED:
                row.state, row.published_by, row.published_at = ReleaseState.PUBLISHED, by, now
                row.chain = chain
                trail.record(session, now, _act("release-published", row, by))
            intents.close(session, intent, chain, now)
            return release_of(row)

    def to_withdraw(self, product: str, version: int, *, by: str) -> Release:
        """Return the published release that may be withdrawn now.

        Raises ReleaseNotFound, NotPublished, UnknownParty.
        """
        with self._database.read() as session:
            require_member(session, by, self._clock())
            row = _require(session, product, version)
            if row.state != ReleaseState.PUBLISHED:
                raise NotPublished(
                    f"{product} {version} is {row.state}; only a published release can be withdrawn",
                    hint=f"see: shuize product show {product} --version {version}",
                )
            return release_of(row)

    def mark_withdrawn(
        self, product: str, version: int, *, by: str, outcome: dict[str, Any], intent: int
    ) -> Release:
        """Record that the chain shows the release as withdrawn and close the intent, together."""
        with self._database.write() as session:
            row = _require(session, product, version, lock=True)
            now = self._clock()
            if row.state == ReleaseState.PUBLISHED:
                row.state, row.chain = ReleaseState.WITHDRAWN, with_withdrawal(row.chain, outcome)
                trail.record(session, now, _act("release-withdrawn", row, by))
            intents.close(session, intent, outcome, now)
            return release_of(row)

    def to_move(self, *, by: str) -> tuple[Release, ...]:
        """Return what has been published, for `by` to carry to another registry. Raises UnknownParty."""
        with self._database.read() as session:
            require_member(session, by, self._clock())
        return self.list_public()

    def mark_moved(
        self, product: str, version: int, *, by: str, chain: dict[str, Any], intent: int
    ) -> Release:
        """Record that the release is anchored on another registry now, and close the intent, together.

        The anchor it had goes to the end of `chain["earlier"]`.
        """
        with self._database.write() as session:
            row = _require(session, product, version, lock=True)
            now = self._clock()
            if row.state in _PUBLIC and not same_anchor(row.chain, chain):
                row.chain = after(row.chain, chain)
                trail.record(session, now, _act("release-moved", row, by))
            intents.close(session, intent, chain, now)
            return release_of(row)

    def mark_withdrawal_moved(
        self, product: str, version: int, *, outcome: dict[str, Any], intent: int
    ) -> Release:
        """Record that the registry it was carried to shows the withdrawal too, and close the intent."""
        with self._database.write() as session:
            row = _require(session, product, version, lock=True)
            row.chain = with_withdrawal(row.chain, outcome)
            intents.close(session, intent, outcome, self._clock())
            return release_of(row)


def _require_draft(row: ReleaseRow, by: str) -> ReleaseRow:
    """Return the row of a draft that somebody else built. Raises NotADraft, OwnBuild."""
    if row.state != ReleaseState.DRAFT:
        raise NotADraft(f"{row.product} {row.version} is {row.state}, not a draft", hint=_next_step(row))
    if row.built_by == by:
        raise OwnBuild(
            f"{by} built {row.product} {row.version} and can't approve it",
            hint="ask another party: shuize product approve … --as PARTY",
        )
    return row


def _nothing_published(product: str, version: int | None) -> ReleaseNotFound:
    wanted = "release" if version is None else f"release {version}"
    return ReleaseNotFound(
        f"product {product} has no published {wanted}", hint=f"see its releases: GET /products/{product}"
    )


def _next_step(row: ReleaseRow) -> str:
    """Return what can be done with a release that is no draft."""
    if row.state == ReleaseState.APPROVED:
        return f"publish it: shuize product publish {row.product} --version {row.version}"
    return f"build the next version: shuize product build {row.product}"


def _of(product: str, version: int) -> sa.Select[ReleaseRow]:
    return sa.select(ReleaseRow).where(ReleaseRow.product == product, ReleaseRow.version == version, _LIVING)


def _next_version(session: Session, product: str) -> int:
    published = sa.select(sa.func.max(ReleaseRow.version)).where(
        ReleaseRow.product == product,
        ReleaseRow.state.in_([ReleaseState.PUBLISHED.value, ReleaseState.WITHDRAWN.value]),
    )
    return (session.scalar(published) or 0) + 1


def _revived(session: Session, draft: ReleaseDraft) -> ReleaseRow | None:
    """Return the replaced draft with the same manifest, if this build brings it back."""
    return session.scalar(
        sa.select(ReleaseRow).where(
            ReleaseRow.product == draft.product,
            ReleaseRow.version == draft.version,
            ReleaseRow.manifest_digest == draft.manifest_digest,
        )
    )


def _require(session: Session, product: str, version: int | None, *, lock: bool = False) -> ReleaseRow:
    """Return the release's row; `lock` keeps others from changing it or putting another in its place.

    Locking the row alone would not do: who waited for it would find it replaced, and no release at all.
    """
    if lock:
        take_turns(session, f"releases of {product}")
    query = sa.select(ReleaseRow).where(ReleaseRow.product == product, _LIVING)
    if version is not None:
        query = query.where(ReleaseRow.version == version)
    query = query.order_by(ReleaseRow.version.desc()).limit(1)
    row = session.scalar(query)
    if row is None:
        wanted = "release" if version is None else f"release {version}"
        raise ReleaseNotFound(
            f"product {product} has no {wanted}",
            hint=f"see `shuize product list`, or build it: shuize product build {product}",
        )
    return row


def _act(act: str, row: ReleaseRow, by: str) -> Act:
    return Act(act, "release", f"{row.product} {row.version}", by, {"manifest": row.manifest_digest})


def release_of(row: ReleaseRow) -> Release:
    """Return the release of a row."""
    return Release.model_validate({name: getattr(row, name) for name in Release.model_fields})
