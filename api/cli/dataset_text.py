"""Datasets in a terminal, to be read by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from api.cli import frame

if TYPE_CHECKING:
    from catalog.datasets.models import Dataset, DatasetDraft, DatasetVersion
    from catalog.quality.reports import QualityRun
    from standards.documents import StandardRef


def versions_of(meant: Sequence[StandardRef], newest: Mapping[str, str]) -> dict[str, str]:
    """Return which version of each standard is meant, in words: that there is a newer one, too."""
    return {
        each.id: each.version + (f" ({newest[each.id]} is newer)" if newest[each.id] != each.version else "")
        for each in meant
    }


def shown(dataset: Dataset, versions: Sequence[DatasetVersion], meant: Mapping[str, str]) -> None:
    """Show who answers for a dataset, its fields, what each of them means, and its versions."""
    draft = dataset.document
    frame.facts(
        [
            ("dataset", draft.name),
            ("title", f"{draft.title} {draft.title_zh}"),
            ("description", draft.description),
            ("synthetic", "yes" if draft.synthetic else None),
            ("source", draft.source),
            ("licence", draft.licence),
            ("organisation", draft.organisation),
            ("owner", draft.owner),
            ("steward", draft.steward),
            ("security level", draft.security_level),
            ("updated", draft.update_frequency),
            ("series", draft.series),
            ("covers", _covered(draft)),
            ("state", dataset.state),
            ("revision", dataset.revision),
            ("registered", f"{dataset.registered_at:%Y-%m-%d %H:%M} UTC by {dataset.registered_by}"),
        ],
    )
    frame.line("")
    frame.rows(
        ("field", "data element", "version"),
        ((f.name, f.element, meant.get(f.element, "")) for f in draft.fields),
    )
    for each in versions:
        frame.line(
            f"\nversion {each.number}: {each.row_count:,} rows, sha-256 {each.digest}, "
            f"from {each.source_name}, {each.loaded_at:%Y-%m-%d %H:%M} UTC by {each.loaded_by}"
        )


def _covered(draft: DatasetDraft) -> str | None:
    if draft.temporal is None or not (draft.temporal.begin or draft.temporal.end):
        return None
    return f"{draft.temporal.begin or '…'} to {draft.temporal.end or '…'}"


def profile(version: DatasetVersion) -> None:
    """Show what the fields of a version hold."""
    frame.rows(
        ("field", "type", "missing", "distinct", "minimum", "maximum", "rounded"),
        (
            (f.name, f.type, f"{f.nulls:,}", f"{f.distinct:,}", f.minimum, f.maximum, f.rounded or "")
            for f in version.profile
        ),
    )


def report(run: QualityRun) -> None:
    """Show how a version fared against its rules, and the findings."""
    report = run.report
    frame.line(
        f"quality of {report.subject} version {report.version}, {run.ran_at:%Y-%m-%d %H:%M} UTC, "
        f"report {run.report_digest}"
    )
    frame.rows(
        ("", "rule", "indicator", "pass", "of", "fail", "tolerated"),
        (
            (
                "ok" if r.passed else "FAIL",
                r.rule,
                r.indicator,
                f"{r.passing:,}",
                f"{r.judged:,}",
                f"{r.failing:,}",
                f"{r.tolerance:.1%}" if r.tolerance else "",
            )
            for r in report.rules
        ),
    )
    for finding in run.findings:
        frame.line(
            f"finding {finding.id}: {finding.rule}, {finding.failing:,} rows, "
            f"{finding.detected_at:%Y-%m-%d}, for {finding.responsible}; "
            f"first: {'; '.join(finding.examples[:3])}"
        )
