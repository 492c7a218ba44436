"""What was sensed is written down in the transaction that records the version, once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.datasets.models import DatasetDraft, DatasetVersion
from catalog.roles import Role, SubjectKind, holders
from catalog.sensing.declared import beside
from catalog.sensing.models import Sensed, sensing_digest
from catalog.tables import SensitivityFindingRow, VersionSensingRow
from catalog.trail import Detail
from standards.library import Library


def keep(
    session: Session, version: DatasetVersion, sensed: tuple[Sensed, ...], draft: DatasetDraft,
    library: Library, now: datetime,
) -> Detail:  # fmt: skip
    """Write what was sensed, and a finding for what the document does not say; return a detail for the trail.

    A version that was looked at keeps what was found then: the same rows hold the same things. The caller
    has the dataset's turn.
    """
    digest = sensing_digest(sensed)
    open_ = [each for each in sensed if beside(each, draft, library).shortcoming]
    if session.get(VersionSensingRow, (version.dataset, version.number)) is None:
        session.add(
            VersionSensingRow(
                dataset=version.dataset, version=version.number, digest=digest, sensed_at=now,
                sensed=[each.model_dump(mode="json") for each in sensed],
            )
        )  # fmt: skip
    _find(session, version, open_, _responsible(session, draft, now), now)
    return {"sensed": digest, "understated": len(open_)}


def _find(
    session: Session, version: DatasetVersion, sensed: Iterable[Sensed], responsible: str, now: datetime
) -> None:
    mine = sa.and_(
        SensitivityFindingRow.dataset == version.dataset, SensitivityFindingRow.version == version.number
    )
    query = sa.select(SensitivityFindingRow.field, SensitivityFindingRow.kind).where(mine)
    there = {tuple(row) for row in session.execute(query)}
    session.add_all(
        SensitivityFindingRow(
            dataset=version.dataset, version=version.number, field=each.field, kind=each.kind.value,
            count=each.count, responsible=responsible, detected_at=now,
        )
        for each in sensed
        if (each.field, each.kind.value) not in there
    )  # fmt: skip
    session.flush()


def _responsible(session: Session, draft: DatasetDraft, now: datetime) -> str:
    """Return whom a finding of the day goes to: the steward, else the owner, else whom the document names."""
    for role in (Role.STEWARD, Role.OWNER):
        if found := holders(session, role, SubjectKind.DATASET, draft.name, now.date()):
            return found[0].party
    return draft.steward
