"""The entries of the trail that go with change requests."""

from __future__ import annotations

from catalog.changes.models import ChangeAct
from catalog.changes.rows import Values
from catalog.trail import Act, Detail
from catalog.trail_rows import text_digest


def asking(row: Values) -> Act:
    """Return the entry of a request."""
    detail: Detail = {
        "change": row["id"],
        "act": row["act"],
        "base": row["base_revision"],
        "document": row["digest"],
        "reason": text_digest(row["reason"]),
    }
    return Act("change-requested", row["subject_kind"], row["subject"], row["requested_by"], detail)


def approval(row: Values, revision: Values) -> Act:
    """Return the entry of an approval: the act itself, by who approved it, and what is now in force."""
    detail: Detail = {
        "change": row["id"],
        "revision": row["revision"],
        "document": row["digest"],
        "in_force": revision["digest"],
        "reason": text_digest(row["decision_reason"]),
    }
    act = f"{row['subject_kind']}-{ChangeAct(row['act']).done}"
    return Act(act, row["subject_kind"], row["subject"], row["decided_by"], detail)


def other_decision(act: str, row: Values) -> Act:
    """Return the entry of another decision."""
    detail: Detail = {"change": row["id"], "reason": text_digest(row["decision_reason"])}
    return Act(act, row["subject_kind"], row["subject"], row["decided_by"], detail)
