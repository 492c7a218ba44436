"""What is said of a release: its files, its manifest, how far it has come, where it is anchored."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from standards.digests import Digest
from standards.errors import Conflict, Denied, NotFound


class ReleaseNotFound(NotFound):
    """The product has no such release."""

    code = "release-not-found"


class NotADraft(Conflict):
    """The release is past approval."""

    code = "not-a-draft"


class NotApproved(Conflict):
    """The release has not been approved."""

    code = "not-approved"


class AlreadyPublished(Conflict):
    """The version is on the chain; it can never change."""

    code = "already-published"


class BeingPublished(Conflict):
    """The version's anchor has been sent, or is about to be."""

    code = "being-published"


class NotPublished(Conflict):
    """The release is not, or no longer, published."""

    code = "not-published"


class OwnBuild(Denied):
    """Nobody approves what they built themselves."""

    code = "own-build"


class ReleaseState(StrEnum):
    """How far a release has come."""

    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class ReleaseFile(BaseModel):
    """A file of a release; its bytes lie in the object store under `digest`."""

    model_config = ConfigDict(frozen=True)

    name: str
    digest: Digest
    size_bytes: int
    media_type: str


class ReleaseDraft(BaseModel):
    """What a build hands in. `manifest` is the canonical document whose digest is anchored."""

    model_config = ConfigDict(frozen=True)

    product: str
    version: int
    manifest: dict[str, Any]
    manifest_digest: Digest
    content_root: Digest
    files: tuple[ReleaseFile, ...]
    built_by: str


class Release(ReleaseDraft):
    """A release as the catalog keeps it. `chain` says where the anchor is, once published."""

    state: ReleaseState
    built_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    published_by: str | None
    published_at: datetime | None
    chain: dict[str, Any] | None

    def file(self, name: str) -> ReleaseFile:
        """Return the file called `name`. Raises ReleaseNotFound."""
        for file in self.files:
            if file.name == name:
                return file
        raise ReleaseNotFound(
            f"release {self.product} {self.version} has no file {name!r}",
            hint="its files: " + ", ".join(file.name for file in self.files),
        )
