"""Check records: a form or a field app asks, and is answered while somebody waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from catalog.database import Clock, Database
from catalog.datasets.models import Dataset, VersionNotFound
from catalog.datasets.register import Datasets
from catalog.loading.typing_columns import expectation
from catalog.quality.bound import BoundRule
from catalog.quality.neighbours import Neighbour, neighbours
from catalog.quality.records.compiled import Compiled, Field, Plan, Verdicts
from catalog.quality.records.lookups import Lookups
from catalog.quality.records.models import (
    MOST_RECORDS,
    Answer,
    Record,
    RecordChecked,
    RecordsChecked,
    RuleAsked,
    RuleLeftOut,
    TooManyRecords,
    UnknownField,
    UnreadableValue,
    Value,
    WrongValue,
)
from catalog.quality.records.planning import Around, plan, undecidable
from catalog.quality.rulebook import rulebook, shape_of
from catalog.store import FolderStore
from catalog.tables import TrailRow
from standards.digests import Digest
from standards.errors import Fault
from standards.library import Library

_NEWEST = sa.select(sa.func.max(TrailRow.sequence))


@dataclass
class _Kept:
    """What was planned for a dataset, and the connections that have it compiled and are free."""

    dataset: Dataset
    plan: Plan
    asked: tuple[RuleAsked, ...]
    left_out: tuple[RuleLeftOut, ...]
    decided_by: object
    free: list[Compiled] = field(default_factory=list)


class RecordChecks:
    """Checks records against all rules of their dataset, as they stand at the moment.

    What is compiled is kept as long as nothing that decides it changes: the dataset's document, the rules,
    the newest versions of the datasets they look at, the day. The trail tells cheaply that nothing has.
    """

    def __init__(
        self, database: Database, datasets: Datasets, store: FolderStore, library: Library, clock: Clock
    ) -> None:
        self._database = database
        self._datasets = datasets
        self._lookups = Lookups(store)
        self._library = library
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[object, _Kept]] = {}

    def check(self, name: str, records: Sequence[Record]) -> RecordsChecked:
        """Return what each rule says of each record. Nothing is kept of the records.

        Raises DatasetNotFound, DatasetRetired, TooManyRecords, UnknownField, UnreadableValue.
        """
        if not 1 <= len(records) <= MOST_RECORDS:
            raise TooManyRecords(
                f"{len(records):,} records were given; 1 to {MOST_RECORDS:,} are checked at once",
                hint="send them in parts, or load a file: shuize dataset load",
            )
        kept = self._ready(name)
        texts = _texts(records, kept.plan.fields, name)
        with self._compiled(kept) as compiled:
            verdicts = compiled.judge(texts)
        return RecordsChecked(
            dataset=name,
            revision=kept.dataset.revision,
            rules=kept.asked,
            left_out=kept.left_out,
            records=tuple(_said(n, each, kept) for n, each in enumerate(verdicts, start=1)),
        )

    def _ready(self, name: str) -> _Kept:
        today = self._clock().date()
        with self._database.glance() as connection:
            stamp = (connection.scalar(_NEWEST), today)
        with self._lock:
            known = self._kept.get(name)
        if known is not None and known[0] == stamp:
            return known[1]
        made = self._made(name, today, known[1] if known else None)
        with self._lock:
            self._kept[name] = stamp, made
        return made

    def _made(self, name: str, today: date, before: _Kept | None) -> _Kept:
        """Return what is kept for a dataset: that from before if nothing that decides it has changed."""
        self._datasets.require_in_use(name)
        dataset, library = self._datasets.get(name), self._library.now()
        with self._database.read() as session:
            beside = neighbours(session, dataset.document, library)
        book = rulebook(dataset.document, [each.shape for each in beside.values()], library, today)
        beside = {n: each for n, each in beside.items() if n in book.beside} | self._own(dataset, library)
        decided_by = (
            dataset.revision, today, tuple(rule.digest for rule in book.rules), book.left_out,
            tuple(sorted((n, each.digest) for n, each in beside.items())),
        )  # fmt: skip
        if before is not None and before.decided_by == decided_by:
            return before
        around = Around(library, today, beside, self._lookups)
        asked = tuple(_asked(rule, undecidable(rule, around)) for rule in book.rules)
        left_out = tuple(RuleLeftOut(rule=each.rule, reason=each.reason) for each in book.left_out)
        return _Kept(dataset, plan(dataset.document, book, around), asked, left_out, decided_by)

    def _own(self, dataset: Dataset, library: Library) -> dict[str, Neighbour]:
        try:
            newest = self._datasets.version(dataset.name)
        except VersionNotFound:
            return {}
        shape = shape_of(dataset.document, library)
        return {dataset.name: Neighbour(shape, newest.number, Digest(newest.digest))}

    @contextmanager
    def _compiled(self, kept: _Kept) -> Iterator[Compiled]:
        """Yield a connection that nobody else uses: one that is free, else a new one."""
        with self._lock:
            found = kept.free.pop() if kept.free else None
        compiled = found or Compiled(kept.plan)
        yield compiled  # one in which something failed is not used again
        with self._lock:
            kept.free.append(compiled)


def _asked(rule: BoundRule, reason: str | None) -> RuleAsked:
    names = (column.name for column in rule.columns if column.dataset is None)
    return RuleAsked(
        rule=rule.id, title_zh=rule.title_zh, title_en=rule.title_en, severity=rule.severity,
        line=rule.line, indicator=rule.indicator, fields=tuple(dict.fromkeys(names)), undecidable=reason,
    )  # fmt: skip


def _said(number: int, verdicts: Verdicts, kept: _Kept) -> RecordChecked:
    wrong = [each for each in kept.plan.fields if each.name in verdicts.wrong]
    answers = {rule.rule: _answer(rule, verdicts) for rule in kept.asked}
    return RecordChecked(
        record=number,
        passed=not wrong and Answer.FAILED not in answers.values(),
        wrong=tuple(
            WrongValue(field=each.name, expected=expectation(each.element, each.draft.time_zone))
            for each in wrong
        ),
        answers=answers,
    )


def _answer(rule: RuleAsked, verdicts: Verdicts) -> Answer:
    if rule.undecidable is not None or set(rule.fields) & set(verdicts.wrong):
        return Answer.UNDECIDABLE
    if rule.rule not in verdicts.passed:
        return Answer.DOES_NOT_APPLY
    return Answer.PASSED if verdicts.passed[rule.rule] else Answer.FAILED


def _texts(records: Sequence[Record], fields: Sequence[Field], dataset: str) -> list[list[str | None]]:
    """Return the values of each record in the order of the fields, as a file would have them."""
    names = [each.name for each in fields]
    faults = [
        Fault(f"/records/{place}/{key}", f"{dataset} has no field {key!r}")
        for place, record in enumerate(records)
        for key in record.keys() - set(names)
    ]
    if faults:
        raise UnknownField(
            f"{len(faults)} values are of fields that {dataset} has not", hint=f"it has {', '.join(names)}",
            faults=sorted(faults, key=lambda each: each.pointer)[:10],
        )  # fmt: skip
    return [
        [_text(record.get(name), f"/records/{place}/{name}") for name in names]
        for place, record in enumerate(records)
    ]


def _text(value: Value, where: str) -> str | None:
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).lower()
    text = str(value)
    if "\x00" in text or any("\ud800" <= each <= "\udfff" for each in text):
        raise UnreadableValue(
            f"{where} holds what is no character", hint="send text that is Unicode, without NUL"
        )
    return text
