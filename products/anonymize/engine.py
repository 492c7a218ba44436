"""Anonymize a table under a policy: identifiers away, quasi-identifiers generalized no more than needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyarrow as pa

from products.anonymize import report
from products.anonymize.combinations import Column, Combinations, collapse, encode, rows_within
from products.anonymize.errors import UnfitField
from products.anonymize.hierarchies import CodeLists, Hierarchy, build
from products.anonymize.lattice import Outcome, search
from products.anonymize.policy import Action, PrivacyPolicy, Treatment
from products.anonymize.pseudonyms import pseudonymize, usable_key
from products.anonymize.report import PrivacyReport, QuasiIdentifierReport
from standards.data_elements import IdentifierKind


@dataclass(frozen=True)
class Anonymized:
    """The table that may leave, and the account of how it came about."""

    table: pa.Table
    report: PrivacyReport


def anonymize(
    table: pa.Table,
    kinds: Mapping[str, IdentifierKind],
    policy: PrivacyPolicy,
    *,
    code_lists: CodeLists,
    key: bytes | None = None,
) -> Anonymized:
    """Return the table as the policy lets it leave, with its report.

    `kinds` names every field's identifier kind; `code_lists` answers for the code lists the policy names;
    `key` (32 bytes or more, see `derive_key`) is needed when a field is pseudonymized. Rows and fields keep
    their order; suppressed rows and dropped fields are gone. A generalized field is text whichever level
    was chosen, so that a product's schema does not hang on its data; a kept one keeps its type. The output
    carries no schema metadata and no dictionary, where names or values left out could linger.

    Raises PolicyDoesNotFit, UnfitField, UnusableKey, ValueNotCovered, TwoParents, LatticeTooLarge, and
    PrivacyRefused when the policy's k can't be reached within its suppression limit.
    """
    treatments = _treatments(table, kinds, policy, key)
    plain = _plain(table)
    columns = {
        each.field: encode(each.field, plain.column(each.field))
        for each in treatments
        if each.kind == IdentifierKind.QUASI
    }
    recorded = collapse(tuple(columns.values())) if columns else None
    found = _find(treatments, columns, recorded, policy, code_lists)
    if found is not None:
        plain = found.applied_to(plain)
    output = {
        each.field: pseudonymize(each.field, plain.column(each.field), key)
        if each.action is Action.PSEUDONYMIZE
        else plain.column(each.field)
        for each in treatments
        if each.action is not Action.DROP
    }
    return Anonymized(_whole(output), _report(policy, treatments, table.num_rows, recorded, found))


@dataclass(frozen=True)
class _Found:
    """The outcome of the search over the quasi-identifiers that are released, in the table's order."""

    treatments: Sequence[Treatment]
    columns: Sequence[Column]
    hierarchies: Sequence[Hierarchy]
    combinations: Combinations
    outcome: Outcome

    def applied_to(self, table: pa.Table) -> pa.Table:
        """Return the rows that are not suppressed, generalized fields replaced by their labels."""
        kept = np.ones(table.num_rows, np.bool_)
        if self.outcome.suppressed:
            kept = ~rows_within(self.columns, self.combinations.codes[~self.outcome.kept])
            table = table.filter(pa.array(kept))
        for at, treatment in enumerate(self.treatments):
            if treatment.action is Action.GENERALIZE:
                level = self.hierarchies[at].levels[self.outcome.levels[at]]
                labels = pa.array(level.labels, pa.string())
                values = labels.take(pa.array(level.of_value[self.columns[at].codes[kept]]))
                table = table.set_column(
                    table.column_names.index(treatment.field), treatment.field, pa.chunked_array([values])
                )
        return table

    def chosen(self, at: int) -> QuasiIdentifierReport:
        """Return what was chosen for one quasi-identifier."""
        levels, level = self.hierarchies[at].levels, self.outcome.levels[at]
        return QuasiIdentifierReport(
            field=self.treatments[at].field,
            action=self.treatments[at].action,
            level=level,
            highest_level=len(levels) - 1,
            meaning=levels[level].meaning,
            loss=report.decimal_text(self.outcome.losses[at]),
        )


def _find(
    treatments: Sequence[Treatment],
    encoded: Mapping[str, Column],
    recorded: Combinations | None,
    policy: PrivacyPolicy,
    code_lists: CodeLists,
) -> _Found | None:
    """Return the outcome of the search, or None when no quasi-identifier is released.

    `recorded` are the combinations of all of `encoded`, the quasi-identifiers of the table.
    """
    released = [each for each in treatments if each.field in encoded and each.action is not Action.DROP]
    if recorded is None or not released:
        return None
    columns = [encoded[each.field] for each in released]
    combinations = recorded if len(columns) == len(encoded) else collapse(columns)
    hierarchies = [
        build(each.field, column.values, each.hierarchy, code_lists)
        for each, column in zip(released, columns, strict=True)
    ]
    most_suppressed = int(policy.suppression_limit * combinations.rows)  # whole rows, rounded down
    outcome = search(combinations, hierarchies, k=policy.least_class, most_suppressed=most_suppressed)
    return _Found(released, columns, hierarchies, combinations, outcome)


def _treatments(
    table: pa.Table, kinds: Mapping[str, IdentifierKind], policy: PrivacyPolicy, key: bytes | None
) -> tuple[Treatment, ...]:
    """Return every field's treatment; whatever is wrong with the request shows here, before any work."""
    for field in table.column_names:
        if table.column_names.count(field) > 1:
            raise UnfitField(f"the table has two fields named {field!r}", hint="rename one of them")
    treatments = policy.treatments(table.column_names, kinds)
    for each in treatments:
        if each.action is Action.PSEUDONYMIZE:
            usable_key(each.field, key)
    return treatments


def _plain(table: pa.Table) -> pa.Table:
    """Return the table without dictionaries (Parquet would write their unused values too)."""
    fields = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            fields[name] = column.cast(column.type.value_type)
        elif pa.types.is_null(column.type) or pa.types.is_string_view(column.type):
            fields[name] = column.cast(pa.string())
        else:
            fields[name] = column
    return pa.table(fields)


def _whole(fields: Mapping[str, pa.ChunkedArray]) -> pa.Table:
    """Return the fields as a table in one chunk: how the input was cut must not show in a file's bytes."""
    return pa.table(dict(fields)).combine_chunks()


def _report(
    policy: PrivacyPolicy,
    treatments: Sequence[Treatment],
    rows: int,
    recorded: Combinations | None,
    found: _Found | None,
) -> PrivacyReport:
    outcome = None if found is None else found.outcome
    smallest = None if outcome is None else outcome.smallest_class
    suppressed = 0 if outcome is None else outcome.suppressed
    return PrivacyReport(
        policy_digest=policy.digest(),
        release_model=policy.release_model,
        k=policy.least_class,
        dropped=_with_action(treatments, Action.DROP),
        pseudonymized=_with_action(treatments, Action.PSEUDONYMIZE),
        kept=tuple(
            field
            for field in _with_action(treatments, Action.KEEP)
            if found is None or field not in {each.field for each in found.treatments}
        ),
        quasi_identifiers=_quasi_identifiers(treatments, found),
        smallest_class_before=int(recorded.counts.min()) if recorded is not None and rows else None,
        smallest_class_after=smallest,
        classes=None if outcome is None else outcome.classes,
        rows_in=rows,
        rows_suppressed=suppressed,
        share_suppressed=report.decimal_text(Fraction(suppressed, rows or 1)),
        suppression_limit=report.decimal_text(Fraction(policy.suppression_limit)),
        loss=None if outcome is None else report.decimal_text(outcome.loss),
        prosecutor_risk_max=None if smallest is None else report.decimal_text(Fraction(1, smallest)),
        proves=report.statement(policy.least_class, len(found.treatments) if found else 0, smallest),
    )


def _with_action(treatments: Sequence[Treatment], action: Action) -> tuple[str, ...]:
    return tuple(each.field for each in treatments if each.action is action)


def _quasi_identifiers(
    treatments: Sequence[Treatment], found: _Found | None
) -> tuple[QuasiIdentifierReport, ...]:
    chosen = (
        {} if found is None else {each.field: found.chosen(at) for at, each in enumerate(found.treatments)}
    )
    return tuple(
        chosen.get(each.field)
        or QuasiIdentifierReport(
            field=each.field,
            action=each.action,
            level=None,
            highest_level=None,
            meaning="dropped",
            loss=None,
        )
        for each in treatments
        if each.kind == IdentifierKind.QUASI
    )
