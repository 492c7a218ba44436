"""Single records against all rules of their dataset: what a form asks before it is sent. Nothing is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.problems import documented
from api.routes.asking import Member, Wired
from catalog.quality.records.models import MOST_RECORDS, Record, RecordsChecked

router = APIRouter(prefix="/datasets", tags=["datasets"])


class RecordsToCheck(BaseModel):
    """Records as they would stand in a file: texts, numbers, marks or nothing, by the fields' names."""

    records: Annotated[list[Record], Field(description=f"1 to {MOST_RECORDS:,} records.")]


@router.post("/{name}/check-records", responses=documented(401, 403, 404, 409, 422))
def check_records(name: str, asked: RecordsToCheck, platform: Wired, member: Member) -> RecordsChecked:
    """Check records against all rules of the dataset; those that need its other rows say so."""
    return platform.record_checks.check(name, asked.records)
