"""A product comes under governance with its first release.

Whoever builds it first asks that it be registered; whoever approves that release approves this as well. So
the two people are there anyway, the product is under change requests before anything of it is published, and
nobody has to write a document to begin with. Those answer for it who answer for its first input, until a
change request says otherwise; who wants others from the start registers it before (`product register`).
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.changes import ChangeFilter, Changes, ChangeState, GovernedKind
from catalog.changes.models import RegistrationOpen
from catalog.datasets.models import DatasetDraft
from catalog.product_register import ProductNotRegistered, ProductRegister
from catalog.releases.models import Release
from catalog.releases.register import Releases


@dataclass(frozen=True)
class Registering:
    """Asking for a product's registration, and approving it with a release."""

    products: ProductRegister
    changes: Changes
    releases: Releases

    def ask(self, product: str, first_input: DatasetDraft, *, by: str) -> None:
        """Ask that a product be registered, unless it is or somebody has asked already.

        Raises UnknownParty, PersonLeft, CannotAnswer.
        """
        if self._is_registered(product):
            return
        document = {"name": product, **{role: getattr(first_input, role) for role in _ANSWERING}}
        reason = f"first build; those answer for it who answer for {first_input.name}"
        try:
            self.changes.register(GovernedKind.PRODUCT, document, by=by, reason=reason)
        except RegistrationOpen:
            return

    def approve(self, product: str, version: int | None, *, by: str) -> Release:
        """Approve a draft, as someone who did not build it, and its product's registration with it.

        Raises ReleaseNotFound, NotADraft, OwnBuild, UnknownParty; OwnRequest, NotAReviewer if the party can't
        decide about the registration.
        """
        if not self._is_registered(product):
            draft = self.releases.to_approve(product, version, by=by)
            for change in self._asked(product):
                reason = f"with release {draft.version}"
                self.changes.approve(change, by=by, reason=reason)
        return self.releases.approve(product, version, by=by)

    def _asked(self, product: str) -> list[int]:
        open_ = ChangeFilter(state=ChangeState.OPEN, subject_kind=GovernedKind.PRODUCT, subject=product)
        return [change.id for change in self.changes.list(open_)]

    def _is_registered(self, product: str) -> bool:
        try:
            self.products.get(product)
        except ProductNotRegistered:
            return False
        return True


_ANSWERING = ("owner", "steward", "organisation")
