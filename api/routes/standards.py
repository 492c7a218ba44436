"""Standards, to be read: what fields and codes of datasets and products mean. Open to everyone."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from api.problems import documented
from api.routes.asking import Wired
from api.routes.paging import ByName
from standards.differences import Difference, compare
from standards.digests import Digest
from standards.documents import Document, Kind, RegistrationStatus

router = APIRouter(tags=["standards"])


class StandardEntry(BaseModel):
    """One version of a standard: what it is called, whether it binds, and what it is cited by."""

    kind: Kind
    id: str
    version: str
    status: RegistrationStatus
    title_zh: str
    title_en: str
    digest: Digest

    @classmethod
    def of(cls, document: Document) -> StandardEntry:
        """Return the entry of a document."""
        return cls(
            kind=document.kind,
            id=document.id,
            version=document.version,
            status=document.registration,
            title_zh=document.titles[0],
            title_en=document.titles[1],
            digest=document.digest(),
        )

    @property
    def key(self) -> str:
        """What lists are ordered by."""
        return f"{self.id}@{self.version}"


@router.head("/standards", include_in_schema=False)
@router.get("/standards")
def list_standards(platform: Wired, page: ByName, kind: Kind | None = None) -> list[StandardEntry]:
    """List every version of every standard, by id and version."""
    found = sorted(map(StandardEntry.of, platform.library.every_version(kind)), key=lambda each: each.key)
    return page.within(found, lambda each: each.key)


@router.head("/standards/{standard}", include_in_schema=False)
@router.get("/standards/{standard}", responses=documented(404))
def show_standard(standard: str, platform: Wired, version: str | None = None) -> dict[str, Any]:
    """Show a standard whole, the newest version by default, with the digest it is cited by."""
    document = platform.library.get(standard, version)
    return {"kind": document.kind, "digest": document.digest(), **document.document()}


@router.head("/standards/{standard}/difference", include_in_schema=False)
@router.get("/standards/{standard}/difference", responses=documented(404))
def compare_versions(standard: str, platform: Wired, old: str, new: str) -> Difference:
    """Compare two versions of a standard, place by place."""
    return compare(platform.library.get(standard, old), platform.library.get(standard, new))
