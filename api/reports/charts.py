"""Charts as SVG text, drawn here: whatever they show stands in a table beside them as well.

Colours come from the page's style by class, so that print and screen each have theirs, and no element has a
style of its own, which the page's policy would not allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from catalog.figures.models import TrendPoint

_WIDTH = 640
_LABELS, _VALUES = 170, 70
_ROW = 22


class Bar(NamedTuple):
    """A bar: its label, how long it is (None: there is no figure), and what is written at its end."""

    label: str
    size: float | None
    text: str


def bars(title: str, chosen: Sequence[Bar], most: float | None = None) -> Markup:
    """Return horizontal bars, drawn to the longest or to `most`."""
    height = _ROW * len(chosen) + 4
    longest = most or max((bar.size or 0 for bar in chosen), default=0) or 1
    room = _WIDTH - _LABELS - _VALUES
    parts = [_opened(title, height)]
    for place, bar in enumerate(chosen):
        top = place * _ROW + 4
        length = room * min((bar.size or 0) / longest, 1)
        parts.append(_text(_LABELS - 8, top + 12, _cut(bar.label), "end"))
        parts.append(
            Markup('<rect class="bar" x="{}" y="{}" width="{:.1f}" height="15"/>').format(
                _LABELS, top, length
            )
        )
        parts.append(_text(_LABELS + length + 6, top + 12, bar.text))
    return Markup("").join([*parts, Markup("</svg>")])


def trend(title: str, points: Sequence[TrendPoint]) -> Markup:
    """Return two bars a period, begun and ended, under the line of the backlog; each has its own scale."""
    height, floor, left = 230, 190, 64
    step = (_WIDTH - 2 * left) / max(len(points), 1)
    tallest = max((max(point.begun, point.ended) for point in points), default=0) or 1
    deepest = max((point.backlog for point in points), default=0) or 1
    parts = [_opened(title, height)]
    for share in (0, 0.5, 1):
        y = floor - 150 * share
        parts.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(left, _WIDTH - left, y, y)
        )
        parts.append(_text(left - 6, y + 4, f"{tallest * share:,.0f}", "end"))
        parts.append(_text(_WIDTH - left + 6, y + 4, f"{deepest * share:,.0f}", kind="line-text"))
    line = []
    for place, point in enumerate(points):
        x = left + place * step
        for offset, count, kind in ((0.14, point.begun, "bar"), (0.5, point.ended, "bar done")):
            tall = 150 * count / tallest
            parts.append(
                Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                    kind, x + step * offset, floor - tall, step * 0.34, tall
                )
            )
        line.append(f"{x + step / 2:.1f},{floor - 150 * point.backlog / deepest:.1f}")
        label = point.label[5:] if len(point.label) > 7 else point.label[2:]
        parts.append(_text(x + step / 2, floor + 16, label, "middle"))
    parts.append(Markup('<polyline class="line" points="{}"/>').format(" ".join(line)))
    parts += [_key(left, "bar", "新增与重开 begun"), _key(left + 170, "bar done", "结束 ended")]
    parts.append(_key(left + 310, "line-key", "期末在办（右轴） backlog, right axis"))
    return Markup("").join([*parts, Markup("</svg>")])


def _opened(title: str, height: int) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        _WIDTH, height, title
    )


def _text(x: float, y: float, text: str, anchor: str = "start", kind: str = "") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        kind, x, y, anchor, text
    )


def _key(x: float, kind: str, text: str) -> Markup:
    square = Markup('<rect class="{}" x="{}" y="214" width="12" height="10"/>').format(kind, x)
    return square + _text(x + 17, 223, text)


def _cut(label: str, most: int = 24) -> str:
    return label if len(label) <= most else f"…{label[-most:]}"
