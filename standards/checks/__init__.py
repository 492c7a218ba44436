"""Checks: how a quality rule can be decided, each with the fields it looks at and what a utility may set.

A rule names a check, the data elements it speaks of in the order of the check's roles, and parameters. The
engine in `catalog/quality` carries the checks out; here is what they are called, what they take and mean.

    values    one value by itself                        present, pattern, range, credit-code …
    records   the values of one row together             equation, ordered, agrees, inside, sql …
    groups    all rows that share a key                  unique, one-value-per-key, shared-value …
    series    the rows of one meter or account in order  continues, repeated-value, outlier …
    coverage  what ought to be there and is not          reference, complete-period, reconcile …
    datasets  the dataset as a whole                     schema, fresh, retrievable …
"""

from __future__ import annotations

from standards.checks import coverage, datasets, groups, records, series, values
from standards.checks.kinds import CheckFamily, CheckKind, Parameter, ParameterForm, Role

__all__ = ["KINDS", "CheckFamily", "CheckKind", "Parameter", "ParameterForm", "Role"]

KINDS: dict[str, CheckKind] = {
    kind.name: kind for room in (values, records, groups, series, coverage, datasets) for kind in room.KINDS
}
"""Every check by its name."""
