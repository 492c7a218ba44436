"""Runs as they are kept."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.quality.reports import Finding, QualityReport, QualityRun
from catalog.tables import FindingRow, QualityRunRow
from standards.digests import Digest
from standards.errors import NotFound


class QualityRunNotFound(NotFound):
    """No quality run has this number."""

    code = "quality-run-not-found"


def require_run(session: Session, number: int) -> QualityRunRow:
    """Return the run's row. Raises QualityRunNotFound."""
    row = session.get(QualityRunRow, number)
    if row is None:
        raise QualityRunNotFound(
            f"no quality run has the number {number}", hint="see: shuize dataset show NAME"
        )
    return row


def run_of(session: Session, row: QualityRunRow) -> QualityRun:
    """Return the run of a row, with its findings."""
    found = session.scalars(sa.select(FindingRow).where(FindingRow.run == row.id).order_by(FindingRow.id))
    return QualityRun(
        id=row.id,
        report=QualityReport.model_validate(row.report),
        report_digest=Digest(row.report_digest),
        ran_at=row.ran_at,
        findings=tuple(
            Finding(
                id=f.id, dataset=f.dataset, version=f.version, rule=f.rule, failing=f.failing,
                examples=tuple(f.examples), responsible=f.responsible, detected_at=f.detected_at,
            )
            for f in found
        ),
    )  # fmt: skip
