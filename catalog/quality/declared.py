"""The rules that a dataset declares, or that its elements and its key imply, bound to its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from catalog.quality.binding import pinned
from catalog.quality.bound import BoundRule, Column
from catalog.quality.rules import CompletePeriod, Duplicates, Missing, Pattern, Permitted, Range, Rule
from standards.checks import KINDS
from standards.checks.kinds import Setting
from standards.library import Library
from standards.rules import NullMeaning


def bound(rule: Rule, columns: Mapping[str, Column], library: Library) -> BoundRule:
    """Return the rule as the engine runs it. `columns` are the dataset's, by name."""
    said = _said(rule)
    kind = KINDS[said.check]
    fields = {
        role: tuple(columns[name] for name in names) for role, names in kind.assigned(rule.mentions()).items()
    }
    about = [columns[name].element for name in rule.mentions()]
    return BoundRule(
        id=rule.id,
        check=said.check,
        fields=fields,
        indicator=rule.indicator,
        settings=pinned(kind.settings(said.settings), library),
        null_means=said.null_means,
        tolerance=rule.tolerance,
        title_zh=f"{kind.title_zh}:{'、'.join(element.name_zh for element in about)}",
        title_en=f"{kind.title_en}: {', '.join(element.name_en for element in about)}",
        definition=kind.meaning,
    )


class _Said(NamedTuple):
    check: str
    settings: dict[str, Setting]
    null_means: NullMeaning = NullMeaning.SKIPPED


def _said(rule: Rule) -> _Said:
    match rule:
        case Missing():
            return _Said("present", {}, NullMeaning.FAILS)
        case Range():
            bounds = {"minimum": rule.minimum, "maximum": rule.maximum}
            return _Said("range", {name: f"{each:f}" for name, each in bounds.items() if each is not None})
        case Pattern():
            return _Said("pattern", {"pattern": rule.pattern})
        case Permitted():
            level: dict[str, Setting] = {} if rule.level is None else {"level": rule.level}
            return _Said("code-list", {"list": rule.code_list, **level})
        case Duplicates():
            return _Said("unique", {"missing-is-a-value": True})
        case CompletePeriod():
            return _Said("complete-period", {"step": rule.step.value})
