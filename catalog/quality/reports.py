"""What a run says: a report that is kept, with the digest of everything it found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from standards import digests
from standards.digests import Digest
from standards.rules import LineOfDefence, Severity


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Count(_Frozen):
    """How much was judged, and how much of it failed."""

    judged: int
    failing: int


class RuleResult(_Frozen):
    """One rule's answer: `passing` (A) of `judged` (B); `examples` are the first failures, in words.

    `version` is that of the library's rule, or the dataset's revision that declares or implies it; `digest`
    that of the rule as it was run. `owner` is the role that answers for what it finds. `by_organisation`
    counts by the path of group, branches and offices. Reports from before the library's rules lack these.
    """

    rule: str
    indicator: str
    passing: int
    judged: int
    failing: int
    tolerance: Decimal
    passed: bool
    examples: tuple[str, ...]
    version: str = ""
    digest: Digest | None = None
    title_zh: str = ""
    title_en: str = ""
    severity: Severity = Severity.MAJOR
    line: LineOfDefence = LineOfDefence.BEFORE
    owner: str | None = None
    by_organisation: Mapping[str, Count] = {}


class NotRun(_Frozen):
    """A rule that speaks of the dataset and could not be run, and why."""

    rule: str
    reason: str


class VersionBeside(_Frozen):
    """A version of another dataset that rules looked at."""

    dataset: str
    version: int
    digest: Digest


class QualityReport(_Frozen):
    """What the rules say of one version of a dataset.

    It holds no time: the same data, rules and day give the same report, and so does another day on which no
    rule says otherwise. `findings` is the object with every failing object of the rules that did not pass,
    `rules_kept` the one with the rules as they were run.
    """

    subject: str
    version: int
    digest: Digest | None
    rows: int
    rules: tuple[RuleResult, ...]
    not_run: tuple[NotRun, ...] = ()
    beside: tuple[VersionBeside, ...] = ()
    findings: Digest | None = None
    findings_count: int = 0
    rules_kept: Digest | None = None

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """The rules that did not pass."""
        return tuple(result for result in self.rules if not result.passed)

    def document(self) -> dict[str, object]:
        """Return the report as plain JSON values."""
        return self.model_dump(mode="json")

    def report_digest(self) -> Digest:
        """Return the digest of the report's canonical document."""
        return digests.of_document(self.document())


class Finding(_Frozen):
    """A problem with a name and a date: which rule, how many rows, who answers for it, found when."""

    id: int
    dataset: str
    version: int
    rule: str
    failing: int
    examples: tuple[str, ...]
    responsible: str
    detected_at: datetime


class QualityRun(_Frozen):
    """A report as it was kept, with its findings."""

    id: int
    report: QualityReport
    report_digest: Digest
    ran_at: datetime
    findings: tuple[Finding, ...]
