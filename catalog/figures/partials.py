"""Partial folds: one row for each order of some entries, such that rows of several spans of time make one.

What an order is at an instant follows from the rows of all spans before it by `max`, `min` and `sum` alone.
So a segment of the log is folded once, and figures read one row for the many entries of an order.
"""

from __future__ import annotations

from catalog.stewardship.states import OrderState

S = OrderState
OVER = ", ".join(f"'{state}'" for state in OrderState if state.is_over)
_ENTERED = "before IS DISTINCT FROM after AND after ="
"""An entry that is no change of state, such as evidence, enters none."""

_LAST = ("dataset", "rule", "severity", "organisation_path", "responsible", "issues")


def partial(source: str) -> str:
    """Return the query that folds a table of entries."""
    last = ", ".join(f"arg_max({name}, number) AS {name}" for name in _LAST)
    return f"""
        SELECT
            work_order,
            max(number) AS last_number,
            arg_max(after, number) AS state,
            arg_max(coalesce(due_us, -1), number) AS due_us,
            min(at_us) AS opened_us,
            max(at_us) FILTER (before IS NULL OR {_ENTERED} '{S.REOPENED}') AS round_us,
            max(at_us) FILTER ({_ENTERED} '{S.CLOSED}') AS closed_us,
            max(at_us) FILTER (after = '{S.REOPENED}' AND before = '{S.CLOSED}') AS reopened_us,
            max(at_us) FILTER ({_ENTERED} '{S.DISPATCHED}') AS dispatched_us,
            max(at_us) FILTER ({_ENTERED} '{S.ACCEPTED}') AS accepted_us,
            max(number) FILTER ({_ENTERED} '{S.DISPATCHED}') AS dispatched_number,
            max(number) FILTER ({_ENTERED} '{S.ACCEPTED}') AS accepted_number,
            count(*) FILTER ({_ENTERED} '{S.SUBMITTED}') AS submissions,
            {last}
        FROM {source} GROUP BY work_order
    """


def combined(source: str) -> str:
    """Return the query that folds partial folds; what only the last entry says is left to be looked up."""
    return f"""
        SELECT
            work_order,
            max(last_number) AS last_number,
            arg_max(state, last_number) AS state,
            arg_max(due_us, last_number) AS due_us,
            min(opened_us) AS opened_us,
            max(round_us) AS round_us,
            max(closed_us) AS closed_us,
            max(reopened_us) AS reopened_us,
            max(dispatched_us) AS dispatched_us,
            max(accepted_us) AS accepted_us,
            max(dispatched_number) AS dispatched_number,
            max(accepted_number) AS accepted_number,
            sum(submissions)::BIGINT AS submissions
        FROM {source} GROUP BY work_order
    """


STEP = f"""CASE
    WHEN before IS NULL OR (after = '{S.REOPENED}' AND before IN ({OVER})) THEN 1
    WHEN after IN ({OVER}) AND before NOT IN ({OVER}) THEN -1
    ELSE 0
END::TINYINT"""
"""What an entry adds to the backlog: 1 if it begins an order or its next round, -1 if it ends it."""
