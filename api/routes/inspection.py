"""What loading saw in versions: sensitive data and drift. For the people of the utility alone.

That a dataset holds identity numbers, and how values are spread, is itself worth knowing to who wants them.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.problems import documented
from api.routes.asking import Member, Wired
from catalog.drift.models import VersionDrift
from catalog.sensing.models import VersionSensing

router = APIRouter(prefix="/datasets", tags=["datasets"])


@router.get("/{name}/sensitivity", responses=documented(401, 403, 404))
def show_sensitivity(
    name: str, platform: Wired, member: Member,
    version: Annotated[int | None, Query(description="Default: the newest.")] = None,
) -> VersionSensing:  # fmt: skip
    """Show what sensitive things a version holds, beside what its document says of them."""
    return platform.sensings.of(name, version)


@router.get("/{name}/drift", responses=documented(401, 403, 404, 422))
def compare_versions(
    name: str, platform: Wired, member: Member,
    base: Annotated[
        int | None, Query(alias="from", description="The older version. Default: the one before.")
    ] = None,
    number: Annotated[
        int | None, Query(alias="to", description="The newer version. Default: the newest.")
    ] = None,
) -> VersionDrift:  # fmt: skip
    """Compare two versions: fields, rows, missing values, how values are spread."""
    return platform.drifts.compare(name, base=base, number=number)
