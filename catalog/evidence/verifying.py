"""Whether the bytes, the records and the transitions of a work order's evidence say the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.orm import Session

from catalog.evidence.models import Evidence, EvidenceFault, EvidenceVerification
from catalog.stewardship import transitions
from catalog.store import FolderStore
from catalog.tables import EvidenceRow, TransitionRow, WorkOrderRow
from standards import digests
from standards.digests import Digest
from standards.errors import ShuizeError

ADDED = "evidence-added"
"""The act of a work order's transitions that an evidence is."""


def verify(
    session: Session, order: WorkOrderRow, rows: Sequence[EvidenceRow], store: FolderStore
) -> EvidenceVerification:
    """Return what recomputing said: of the order's chain, of each record, of each file's bytes."""
    acts = _acts(session, order)
    faults = [EvidenceFault(evidence=None, what=what) for what in transitions.faults(session, order)]
    for row in rows:
        faults += [EvidenceFault(evidence=row.number, what=what) for what in _of_record(row, acts, store)]
    kept = {row.number for row in rows}
    gone = [number for number in sorted(acts) if number not in kept]
    faults += [EvidenceFault(evidence=number, what="its record has gone") for number in gone]
    return EvidenceVerification(
        work_order=order.id,
        files=len(rows),
        size_bytes=sum(int(row.document.get("size_bytes", 0)) for row in rows),
        acts=order.entries,
        head=Digest(order.head),
        faults=tuple(faults),
    )


def _acts(session: Session, order: WorkOrderRow) -> dict[int, TransitionRow]:
    """Return the acts by which evidence came, by its number."""
    query = sa.select(TransitionRow).where(TransitionRow.work_order == order.id, TransitionRow.act == ADDED)
    return {row.detail["evidence"]: row for row in session.scalars(query)}


def _of_record(row: EvidenceRow, acts: dict[int, TransitionRow], store: FolderStore) -> Iterator[str]:
    act = acts.get(row.number)
    if act is None:
        yield "no act of the order tells of it"
    elif digests.of_document(row.document) != act.detail["record"]:
        yield "its record was changed"
    elif (act.detail["sha256"], act.by) != (row.digest, row.added_by):
        yield "its row is not as its record says"
    try:
        evidence = Evidence.model_validate(row.document)
        size = store.intact(evidence.sha256).stat().st_size
    except ValidationError:
        yield "its record can't be read"
    except ShuizeError as error:
        yield error.message
    else:
        if size != evidence.size_bytes:
            yield f"its file has {size:,} bytes, and its record says {evidence.size_bytes:,}"
