"""Put counted figures in the order that a report shows them in: ranks of units, workload, worst rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from catalog.figures.models import Level, Measures, PersonFigures, Slice, UnitFigures
from catalog.figures.units import KnownUnits

MOST_UNITS = 100
_SEVERITIES = ("critical", "major", "minor")


def number(measures: Measures, figure: str) -> float:
    """Return a figure's value, 0 where there is none."""
    measure = measures.get(figure)
    return measure.value or 0 if measure is not None else 0


def level(depth: int, found: Mapping[str, Measures], units: KnownUnits) -> Level:
    """Return the units of a level, best first, those without an on-time rate last; equals share a rank."""
    ordered = sorted(found.items(), key=lambda item: (*_goodness(item[1]), item[0]))
    shown = list(_ranked(ordered[:MOST_UNITS], units))
    return Level(depth=depth, units=tuple(shown), more=len(ordered) - len(shown))


def people(found: Mapping[str, Measures]) -> tuple[PersonFigures, ...]:
    """Return the workload of each person, most backlog first."""
    ordered = sorted(
        found.items(), key=lambda item: (-number(item[1], "backlog"), -number(item[1], "overdue"), item[0])
    )
    return tuple(PersonFigures(person=name, figures=figures) for name, figures in ordered)


def slices(found: Mapping[str, Measures]) -> tuple[Slice, ...]:
    """Return the figures of each rule or dataset, most issues in the backlog first, then most opened."""
    ordered = sorted(
        found.items(),
        key=lambda item: (-number(item[1], "backlog-issues"), -number(item[1], "opened"), item[0]),
    )
    return tuple(Slice(name=name, figures=figures) for name, figures in ordered)


def severities(found: Mapping[str, Measures]) -> tuple[Slice, ...]:
    """Return the figures of each severity, the worst first; an unknown one comes last."""
    known = {name: place for place, name in enumerate(_SEVERITIES)}
    ordered = sorted(found.items(), key=lambda item: (known.get(item[0], len(known)), item[0]))
    return tuple(Slice(name=name, figures=figures) for name, figures in ordered)


def _ranked(ordered: list[tuple[str, Measures]], units: KnownUnits) -> Iterator[UnitFigures]:
    rank, before = 0, None
    for place, (path, figures) in enumerate(ordered, 1):
        goodness = _goodness(figures)
        if goodness != before:
            rank, before = place, goodness
        has_rate = _rate(figures, "on-time-rate") is not None
        yield UnitFigures(
            path=path, title=units.title_at(path), rank=rank if has_rate else None, figures=figures
        )


def _goodness(figures: Measures) -> tuple[bool, float, float, float]:
    """Return what units are ranked by, the smaller the better: on time, first pass, overdue."""
    on_time, first_pass = _rate(figures, "on-time-rate"), _rate(figures, "first-pass-rate")
    return on_time is None, -(on_time or 0), -(first_pass or 0), number(figures, "overdue")


def _rate(figures: Measures, figure: str) -> float | None:
    measure = figures.get(figure)
    return None if measure is None else measure.value
