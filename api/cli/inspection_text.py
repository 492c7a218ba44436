"""What loading saw in rows, in a terminal: sensitive data, and how a version differs from another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from api.cli import frame

if TYPE_CHECKING:
    from catalog.drift.models import DriftWarning, FieldDrift, FieldFigures, KeptDrift, VersionDrift
    from catalog.sensing.models import SensedField, VersionSensing


def seen(sensed: Iterable[SensedField], warnings: Iterable[DriftWarning], base: int | None) -> None:
    """Say what is to be looked at in a version that was just loaded; nothing where all is as declared."""
    for field in sensed:
        if field.shortcoming is not None:
            frame.line(f"sensitive: {field.said()}")
    for warning in warnings:
        frame.line(f"drift from version {base}: {_warned(warning)}")


def sensitive(sensing: VersionSensing) -> None:
    """Show what sensitive things a version holds, and the findings."""
    if sensing.sensed_at is None:
        frame.line(
            f"\nversion {sensing.version} was loaded before sensitive data was looked for; load it again"
        )
        return
    if not sensing.fields:
        return
    frame.line(f"\nsensitive data in version {sensing.version}, looked for {sensing.sensed_at:%Y-%m-%d}")
    frame.rows(
        ("", "field", "holds", "rows", "masked examples", "level", "data element"),
        (
            (
                "ok" if field.shortcoming is None else "MORE",
                field.sensed.field,
                field.sensed.kind.title_en,
                f"{field.sensed.share:.1%}",
                " ".join(field.sensed.examples),
                field.level,
                field.element,
            )
            for field in sensing.fields
        ),
    )
    for field in sensing.fields:
        if field.shortcoming is not None:
            frame.line(field.said())
    for finding in sensing.findings:
        state = "mended" if finding.mended else "open"
        frame.line(
            f"finding: {finding.field} holds {finding.kind.title_en}, {finding.count:,} rows, "
            f"{finding.detected_at:%Y-%m-%d}, for {finding.responsible}, {state}"
        )


def kept(drift: KeptDrift) -> None:
    """Show what was warned of when a version came."""
    if drift.warnings:
        frame.line(f"\ndrift of version {drift.version} from version {drift.base}")
    for warning in drift.warnings:
        frame.line(_warned(warning))


def compared(drift: VersionDrift) -> None:
    """Show how a version differs from another, field by field."""
    frame.facts(
        [
            ("dataset", drift.dataset),
            ("versions", f"{drift.base} → {drift.number}"),
            ("rows", f"{drift.rows_before:,} → {drift.rows_after:,}"),
        ]
    )
    frame.rows(
        ("field", "change", "missing", "distinct", "minimum", "maximum", "index", "by chance", "new values"),
        (_row(field) for field in drift.fields),
    )
    for warning in drift.warnings:
        frame.line(f"drift: {_warned(warning)}")
    if not drift.warnings:
        frame.line("no drift")


def _warned(warning: DriftWarning) -> str:
    return warning.what if warning.field is None else f"field {warning.field}: {warning.what}"


def _row(field: FieldDrift) -> tuple[object, ...]:
    before, after = _figures(field.before), _figures(field.after)
    return (
        field.field,
        field.change,
        *map(_both, before, after),
        None if field.psi is None else f"{field.psi:.3f}",
        None if field.psi_chance is None else f"{field.psi_chance:.3f}",
        None if field.new_share is None else f"{field.new_share:.1%}",
    )


def _figures(figures: FieldFigures | None) -> tuple[str | None, ...]:
    if figures is None:
        return (None,) * 4
    return f"{figures.null_share:.1%}", f"{figures.distinct:,}", figures.minimum, figures.maximum


def _both(before: str | None, after: str | None) -> str | None:
    if before == after:
        return before
    return f"{before or '-'} → {after or '-'}"
