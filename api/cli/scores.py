"""shuize dataset score: how good a dataset is, in percent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.quality.scores import QualityScore


def score(
    name: Annotated[str, typer.Argument(help="The dataset's name.")],
    runs: Annotated[int, typer.Option(min=1, max=400, help="How many runs the trend shows.")] = 12,
    json: frame.Json = False,
) -> None:
    """Show a dataset's scores and their trend.

    By dimension, unit and rule.

    They are those of the newest check. A rule's score is the share of what it judged that passes; a
    dimension's the mean of its rules', by severity; the dataset's the mean of its dimensions'.

    Example: shuize dataset score dma-inflow
    """
    with frame.platform() as platform:
        found = platform.quality.score(name, runs=runs)
    if json:
        frame.document(found)
    else:
        _shown(found)


def _shown(found: QualityScore) -> None:
    whole = "–" if found.score is None else f"{found.score}"
    frame.line(f"{whole}  {found.dataset} version {found.version}, checked {found.ran_at:%Y-%m-%d %H:%M} UTC")
    frame.line("")
    frame.rows(
        ("dimension", "", "名称", "score", "rules"),
        ((d.dimension, d.title_en, d.title_zh, d.score, d.rules) for d in found.dimensions),
    )
    if found.units:
        frame.line("")
        frame.rows(("unit", "score"), ((unit.path, unit.score) for unit in found.units))
    failing = [rule for rule in found.rules if rule.failing]
    if failing:
        frame.line("")
        frame.rows(
            ("rule", "severity", "score", "fail", "of", "title", "名称"),
            (
                (r.rule, r.severity, r.score, f"{r.failing:,}", f"{r.judged:,}", r.title_en, r.title_zh)
                for r in sorted(failing, key=lambda rule: (rule.score or 0, rule.rule))
            ),
        )
    frame.line("")
    frame.rows(
        ("run", "version", "checked", "score"),
        ((t.run, t.version, f"{t.ran_at:%Y-%m-%d %H:%M}", t.score) for t in found.trend),
    )
