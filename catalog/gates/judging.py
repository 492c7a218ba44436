"""Judge a file's rows before they become a version, by the same rules and engine as a full run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from catalog.database import Clock, Database
from catalog.datasets.models import Dataset
from catalog.engine import engine
from catalog.gates.models import Gate, GateReport, RuleAtGate
from catalog.quality.bound import BoundRule
from catalog.quality.evaluating import Surroundings, judge_each, open_rows, passed
from catalog.quality.judgement import Judgement
from catalog.quality.neighbours import neighbours
from catalog.quality.rulebook import Rulebook, rulebook
from catalog.store import FolderStore
from standards.checks import CheckFamily
from standards.library import Library

SHOWN_ROWS = 10
FAILING = pa.schema([("row", pa.int64()), ("rule", pa.string())])


@dataclass(frozen=True)
class Judged:
    """What the gate found: the report, and every failing row (from 0) with a rule that it fails."""

    report: GateReport
    failing: pa.Table


@dataclass(frozen=True)
class Judging:
    """Runs a gate's rules over rows that are on their way to be a version."""

    database: Database
    store: FolderStore
    library: Library
    clock: Clock

    def judge(self, dataset: Dataset, gate: Gate, rows: Path, count: int) -> Judged:
        """Return what the gate's rules find in a Parquet file of the dataset's fields.

        Raises ObjectNotFound, ObjectDamaged for a dataset that a rule looks at.
        """
        draft, library, today = dataset.document, self.library.now(), self.clock().date()
        with self.database.read() as session:
            beside = neighbours(session, draft, library)
        book = rulebook(draft, [each.shape for each in beside.values()], library, today)
        asked = [rule for rule in book.rules if _is_asked(rule, gate)]
        paths = {name: self.store.intact(beside[name].digest) for name in _looked_at(asked, book)}
        around = Surroundings(library, today, book.beside)
        with self.store.scratch() as scratch, engine(scratch) as connection:
            open_rows(connection, rows, paths)
            judgements, left_out = judge_each(connection, asked, around) if asked else ([], [])
        failed = [each for each in judgements if not passed(each)]
        report = GateReport(
            action=gate.action,
            rules=len(asked),
            failed=tuple(map(_failed, failed)),
            not_run=tuple((each.rule, each.reason) for each in left_out),
            rows=count,
        )
        return Judged(report, _rows(failed))


def _is_asked(rule: BoundRule, gate: Gate) -> bool:
    is_of_rows = rule.kind.family is not CheckFamily.DATASET
    return is_of_rows and rule.line in gate.lines and rule.severity in gate.severities


def _looked_at(rules: Sequence[BoundRule], book: Rulebook) -> set[str]:
    """Return the datasets that rules look at, and those over which they are reached."""
    found = {column.dataset for rule in rules for column in rule.columns if column.dataset}
    while (
        more := {ours.dataset for name in found for _, ours in book.beside[name].on if ours.dataset} - found
    ):
        found |= more
    return found


def _failed(judgement: Judgement) -> RuleAtGate:
    rule = judgement.rule
    return RuleAtGate(
        rule=rule.id, title_zh=rule.title_zh, title_en=rule.title_en, severity=rule.severity,
        judged=judgement.total.judged, failing=judgement.total.failing,
        rows=tuple(int(row) + 1 for row in judgement.rows[:SHOWN_ROWS]),
    )  # fmt: skip


def _rows(failed: Sequence[Judgement]) -> pa.Table:
    parts = [
        pa.table([pa.array(each.rows), pa.repeat(each.rule.id, len(each.rows))], schema=FAILING)
        for each in failed
    ]
    return pa.concat_tables([FAILING.empty_table(), *parts])
