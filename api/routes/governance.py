"""Governance, to be read: the organisation, who answers for what, changes and revisions, the trail, assets.

The tree, documents and the head of the trail are open to everyone; what names reasons, people's acts or
amounts needs the token of a person of the utility (`shuize party token ID`).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.problems import documented
from api.routes.asking import Member, Reading, Wired
from api.routes.paging import ByName, ByNumber
from api.wiring import Platform
from catalog.assets import AssetAccount
from catalog.changes import Change, ChangeFilter, ChangeState, GovernedKind, Revision
from catalog.datasets.models import DatasetDraft
from catalog.disclosure import Reader
from catalog.organisation import Posting, Unit, UnitKind, UnitState
from catalog.product_register import RegisteredProduct
from catalog.roles import Holder, Role, RoleAssignment, SubjectKind
from catalog.trail import TrailEntry, TrailFilter, TrailHead

router = APIRouter(tags=["governance"])

_MEMBERS = documented(401, 403)
_On = Annotated[date | None, Query(description="As of a day. Default: today.")]


class UnitInTree(BaseModel):
    """A unit, what it stands under from the top, and every name and place it had."""

    unit: Unit
    above: list[Unit]
    history: list[UnitState]


@router.head("/organisation", include_in_schema=False)
@router.get("/organisation", responses=documented(404))
def list_units(
    platform: Wired, page: ByName, under: str | None = None, kind: UnitKind | None = None, on: _On = None
) -> list[Unit]:
    """List the units of the organisation that exist, by path."""
    found = platform.organisation.list(under, kind=kind, on=on, after=page.after, limit=page.one_more)
    return page.of(found, lambda unit: unit.path)


@router.head("/organisation/{code}", include_in_schema=False)
@router.get("/organisation/{code}", responses=documented(404))
def show_unit(code: str, platform: Wired, on: _On = None) -> UnitInTree:
    """Show one unit of the organisation, its place and its past."""
    return UnitInTree(
        unit=platform.organisation.get(code, on),
        above=list(platform.organisation.above(code, on)),
        history=list(platform.organisation.history(code)),
    )


@router.get("/organisation/{code}/people", responses=_MEMBERS | documented(404))
def list_people(code: str, platform: Wired, member: Member, page: ByName, on: _On = None) -> list[Posting]:
    """List who has a place in a unit or below it, by unit and party."""
    return page.within(platform.people.list(code, on=on), lambda posting: f"{posting.unit} {posting.party}")


@router.get("/roles", responses=_MEMBERS)
def list_roles(
    platform: Wired, member: Member, page: ByNumber, kind: SubjectKind | None = None,
    subject: str | None = None, party: str | None = None, on: date | None = None,
) -> list[RoleAssignment]:  # fmt: skip
    """List role assignments, oldest first; with `on`, those that hold on the day."""
    found = platform.roles.list(
        kind=kind, subject=subject, party=party, on=on, after=page.after or 0, limit=page.one_more
    )
    return page.of(found, lambda assignment: assignment.id)


@router.get("/roles/{role}/{kind}/{subject}", responses=_MEMBERS | documented(404))
def show_holders(
    role: Role, kind: SubjectKind, subject: str, platform: Wired, member: Member, on: _On = None
) -> list[Holder]:
    """Say who holds a role on a thing: its own holders, or the nearest up the organisation."""
    return list(platform.roles.holders(role, kind, subject, on))


@router.get("/changes", responses=_MEMBERS)
def list_changes(
    platform: Wired, member: Member, page: ByNumber, state: ChangeState | None = None,
    kind: GovernedKind | None = None, subject: str | None = None, requested_by: str | None = None,
) -> list[Change]:  # fmt: skip
    """List change requests, oldest first."""
    chosen = ChangeFilter(
        state=state, subject_kind=kind, subject=subject, requested_by=requested_by,
        after=page.after or 0, limit=page.one_more,
    )  # fmt: skip
    return page.of(platform.changes.list(chosen), lambda change: change.id)


@router.get("/changes/{number}", responses=_MEMBERS | documented(404))
def show_change(number: int, platform: Wired, member: Member) -> Change:
    """Show a change request: what would differ, why, and what was decided."""
    return platform.changes.get(number)


@router.head("/datasets/{name}/revisions", include_in_schema=False)
@router.get(
    "/datasets/{name}/revisions",
    responses=documented(401, 404),
    response_model_exclude={"__all__": {"document": {"contract"}}},
    openapi_extra={"security": [{}]},  # it answers without a token as well
)
def list_dataset_revisions(name: str, platform: Wired, reader: Reading, page: ByNumber) -> list[Revision]:
    """List the revisions of a dataset's document, oldest first; strangers see no sensitive fields."""
    found = platform.changes.revisions(GovernedKind.DATASET, name)
    return [_seen(platform, each, reader) for each in page.within(found, lambda revision: revision.number)]


def _seen(platform: Platform, revision: Revision, reader: Reader) -> Revision:
    draft = DatasetDraft.model_validate(revision.document)
    view = platform.disclosure.of_revision(draft, revision.standards, reader)
    document = view.document(draft).model_dump(mode="json")
    cited = None if revision.standards is None else view.cited(revision.standards)
    return revision.model_copy(update={"document": document, "standards": cited})


@router.head("/products/{name}/revisions", include_in_schema=False)
@router.get("/products/{name}/revisions", responses=documented(404))
def list_product_revisions(name: str, platform: Wired, page: ByNumber) -> list[Revision]:
    """List the revisions of a product's document, oldest first."""
    found = platform.changes.revisions(GovernedKind.PRODUCT, name)
    return page.within(found, lambda revision: revision.number)


@router.head("/products/{name}/registration", include_in_schema=False)
@router.get("/products/{name}/registration", responses=documented(404))
def show_registration(name: str, platform: Wired) -> RegisteredProduct:
    """Say who answers for a product, and whether it is in use."""
    return platform.product_register.get(name)


@router.head("/trail/head", include_in_schema=False)
@router.get("/trail/head")
def show_trail_head(platform: Wired) -> TrailHead:
    """Return the number and digest of the trail's newest entry: note it, and it pins all before it."""
    return platform.trail.head()


@router.get("/trail", responses=_MEMBERS)
def list_trail(
    platform: Wired, member: Member, page: ByNumber, chosen: Annotated[TrailFilter, Query()]
) -> list[TrailEntry]:
    """List entries of the audit trail, oldest first: the newest that fit, or the first after `after`."""
    if chosen.after is None:
        return list(platform.trail.list(chosen))
    found = platform.trail.list(chosen.model_copy(update={"limit": page.one_more}))
    return page.of(found, lambda entry: entry.sequence)


@router.get("/assets", responses=_MEMBERS)
def list_assets(platform: Wired, member: Member, page: ByName, on: _On = None) -> list[AssetAccount]:
    """List the data assets with their entries and books, by id."""
    found = platform.assets.list(on, after=page.after or "", limit=page.one_more)
    return page.of(found, lambda account: account.asset.id)


@router.get("/assets/{asset}", responses=_MEMBERS | documented(404))
def show_asset(asset: str, platform: Wired, member: Member, on: _On = None) -> AssetAccount:
    """Show one data asset with its entries, books and amortisation."""
    return platform.assets.get(asset, on)
