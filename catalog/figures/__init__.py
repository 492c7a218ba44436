"""Figures of the stewardship loop: by day, week and month, of a unit and all below it.

    the log ─ segments ─▶ entries ─ folding ─▶ orders as they stood ─ counting ─▶ figures
    quality runs ─ checks ─▶ completeness, accuracy, usable rate, rule coverage ──┤
    the organisation as it was known ─ units ─▶ names and places ─────────────────▼
                                                             reporting ─▶ StewardshipReport

`definitions.yaml` says what each figure counts. Only entries before the period's end count, so the report of
a period that is over is the same whenever it is asked for.
"""

from catalog.figures.definitions import AGE_BANDS, DEFINITIONS, Definition, Unit
from catalog.figures.models import Measure, Measures, StewardshipReport
from catalog.figures.periods import Calendar, NoSuchPeriod, Period, PeriodKind
from catalog.figures.reporting import Figures
from catalog.figures.segments import SegmentCheck, Segments

__all__ = [
    "AGE_BANDS",
    "DEFINITIONS",
    "Calendar",
    "Definition",
    "Figures",
    "Measure",
    "Measures",
    "NoSuchPeriod",
    "Period",
    "PeriodKind",
    "SegmentCheck",
    "Segments",
    "StewardshipReport",
    "Unit",
]
