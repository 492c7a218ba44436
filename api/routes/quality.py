"""How good a dataset is: its scores."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.problems import documented
from api.routes.asking import Member, Wired
from catalog.quality.scores import QualityScore

router = APIRouter(prefix="/datasets", tags=["datasets"])


@router.get("/{name}/score", responses=documented(401, 403, 404, 422))
def score(
    name: str, platform: Wired, member: Member,
    runs: Annotated[int, Query(ge=1, le=400, description="How many runs the trend shows.")] = 12,
) -> QualityScore:  # fmt: skip
    """Show the scores of the newest check by dimension, unit and rule, and their trend."""
    return platform.quality.score(name, runs=runs)
