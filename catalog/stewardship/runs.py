"""Where taking and re-checks meet the checks: what a run found, and a rule run again as it was."""

from __future__ import annotations

from collections.abc import Callable

from catalog.quality.checking import Quality
from catalog.stewardship.found import Found, FoundRule
from catalog.stewardship.rechecking import Failing, NotRecheckable, ToRecheck
from standards.digests import Digest


def found_by(quality: Quality) -> Callable[[int], Found | None]:
    """Return what reads a run's findings, None of a run from before findings were kept."""

    def found(number: int) -> Found | None:
        run = quality.run(number)
        report = run.report
        if report.findings is None:
            return None
        rules = {
            each.rule: FoundRule(each.rule, each.version, each.digest or "", each.severity.value, each.owner)
            for each in report.failed
        }
        return Found(report.subject, report.version, run.ran_at, rules, quality.findings(number), number)

    return found


def failing_by(quality: Quality) -> Failing:
    """Return what runs an order's rule again as it was when it failed."""

    def failing(asked: ToRecheck) -> frozenset[str]:
        if not asked.rule_digest:
            raise NotRecheckable(
                f"the rule {asked.rule} of work order {asked.order} was not kept, so it can't be run again",
                hint="check the dataset anew, which opens orders that can be, and reject this one",
            )
        found = quality.recheck(asked.dataset, asked.version, Digest(asked.rule_digest))
        return frozenset(found.column("object").to_pylist())

    return failing
