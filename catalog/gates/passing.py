"""Take a file's rows through the gate of their dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from catalog.datasets.models import Dataset
from catalog.datasets.register import Datasets
from catalog.gates import holding
from catalog.gates.holding import Parted, QuarantineNotReady
from catalog.gates.judging import Judging
from catalog.gates.models import Gate, GateAction, GateReport, Rows, RuleAtGate
from standards.digests import Digest
from standards.errors import Fault, InvalidInput, NotFound

SHOWN_RULES = 20


class GateClosed(InvalidInput):
    """Rows of the file fail rules of the gate, so nothing was loaded; the faults name rules and rows."""

    code = "gate-closed"


class GateMilder(InvalidInput):
    """A gate was asked for that lets more pass than the dataset's document does."""

    code = "gate-milder"


@dataclass(frozen=True)
class Through:
    """What went through the gate: the report, and if rows are held back, both parts and who holds them."""

    report: GateReport
    parted: Parted | None = None
    holder: Dataset | None = None

    def detail(self, report: Digest) -> dict[str, str | int | bool | None]:
        """Return what the trail is to say of the gate, its report kept under a digest."""
        failed, held_back = len(self.report.failed), self.report.held_back
        return {
            "gate": self.report.action.value,
            "gate_report": report,
            "gate_failed": failed,
            "held_back": held_back,
        }


@dataclass(frozen=True)
class Gates:
    """The gates of datasets."""

    datasets: Datasets
    judging: Judging

    def gate(self, dataset: Dataset, asked: GateAction | None) -> Gate:
        """Return the gate of a load: the dataset's, or a stricter one if asked for. Raises GateMilder."""
        declared = dataset.document.gate or Gate()
        if asked is None or asked is declared.action:
            return declared
        if asked.is_milder(declared.action):
            raise GateMilder(
                f"the gate of {dataset.name} is {declared.action}; {asked} would let more pass",
                hint=f"have its document changed by two: shuize dataset document {dataset.name}",
            )
        return declared.model_copy(update={"action": asked})

    def holder(self, dataset: Dataset, gate: Gate) -> Dataset | None:
        """Return the dataset that holds rows back; None if none are. Raises QuarantineNotReady."""
        if gate.action is not GateAction.QUARANTINE:
            return None
        try:
            found = self.datasets.get(gate.held_in(dataset.name))
        except NotFound as error:
            raise QuarantineNotReady(
                f"no dataset {gate.held_in(dataset.name)} is registered to hold back rows of {dataset.name}",
                hint=f"register what this prints: shuize dataset quarantine {dataset.name}",
            ) from error
        self.datasets.require_in_use(found.name)
        holding.require_ready(dataset.document, found.document)
        return found

    def through(
        self, connection: duckdb.DuckDBPyConnection, dataset: Dataset, gate: Gate, rows: Rows
    ) -> Through:
        """Judge rows and do as the gate says. Raises GateClosed."""
        judged = self.judging.judge(dataset, gate, rows.path, rows.count)
        report, holder = judged.report, self.holder(dataset, gate)
        if gate.action is GateAction.REJECT and report.failed:
            raise _closed(dataset, report.failed, rows, "")
        if holder is None or not judged.failing.num_rows:
            return Through(report)
        parted = holding.part(connection, rows.path, judged.failing, rows.path.parent)
        if not parted.passing_rows:
            raise _closed(dataset, report.failed, rows, "every row fails: ")
        held = {"held_back": parted.held_rows, "held_in": holder.name}
        return Through(report.model_copy(update=held), parted, holder)


def _closed(dataset: Dataset, failed: tuple[RuleAtGate, ...], rows: Rows, why: str) -> GateClosed:
    shown = failed[:SHOWN_RULES]
    names = rows.named({row for rule in shown for row in rule.rows})
    more = f"; of {len(failed)} rules the first {SHOWN_RULES} are listed" if len(failed) > SHOWN_RULES else ""
    return GateClosed(
        f"{why}{len(failed)} rule{'s' if len(failed) > 1 else ''} at the gate of {dataset.name} failed{more}",
        hint="mend the rows and load the file again; nothing was loaded",
        faults=[Fault(rule.rule, _said(rule, names)) for rule in shown],
    )


def _said(rule: RuleAtGate, names: Mapping[int, str]) -> str:
    rows = ", ".join(names[row] for row in rule.rows)
    more = ", …" if rule.failing > len(rule.rows) > 0 else ""
    where = f": {rows}{more}" if rows else ""
    return f"{rule.title_zh} {rule.title_en}: {rule.failing:,} of {rule.judged:,} fail{where}"
