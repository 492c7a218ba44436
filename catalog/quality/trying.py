"""Try a rule: run it on a version or a file, show what it says, and keep nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from catalog.datasets.register import Datasets
from catalog.engine import engine, quoted
from catalog.loading import columns, readers
from catalog.loading.readers import ReadOptions
from catalog.quality.binding import Shape, bind
from catalog.quality.bound import BoundRule, Column
from catalog.quality.compiling import polygons
from catalog.quality.compiling.kinds import COMPILERS
from catalog.quality.evaluating import passed
from catalog.quality.examples import examples
from catalog.quality.rulebook import Rulebook, shape_of
from catalog.quality.subjects import Opened, Subject, Subjects
from catalog.store import FolderStore
from standards.errors import Conflict
from standards.library import Library
from standards.rules import Rule

_SHOWN = 5


class RuleDoesNotFit(Conflict):
    """A rule can't be tried on this data; the message says what it looks for and does not find."""

    code = "rule-does-not-fit"


class Trial(BaseModel):
    """What a rule says of some rows: `passing` (A) of `judged` (B). `fields` are what each role looked at.

    `notes` say what else is to be known: rows that were not judged, polygons that cross themselves.
    """

    model_config = ConfigDict(frozen=True)

    rule: str
    title_zh: str
    title_en: str
    subject: str
    rows: int
    fields: Mapping[str, tuple[str, ...]]
    passing: int
    judged: int
    failing: int
    passed: bool
    examples: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trials:
    """Tries rules."""

    subjects: Subjects
    datasets: Datasets
    store: FolderStore
    library: Library

    def on_version(self, rule: Rule, name: str, number: int | None = None) -> Trial:
        """Return what a rule says of a version, the newest by default, beside the other datasets.

        Raises RuleDoesNotFit, MalformedExpression, MalformedSetting, DatasetNotFound, VersionNotFound.
        """
        subject = self.subjects.of(self.datasets.version(name, number))
        return self._run(rule, subject, f"{name} version {subject.version.number}")

    def on_file(self, rule: Rule, path: Path, name: str) -> Trial:
        """Return what a rule says of a file that is read as one of a dataset that has a version.

        Columns that the file lacks are no error: what the rule looks for and does not find is told.
        Raises as `on_version`, and UnreadableFile, UnknownEncoding, WrongType.
        """
        subject = self.subjects.of(self.datasets.version(name))
        with self.store.scratch() as scratch, engine(scratch) as connection:
            source = readers.open_source(connection, path, ReadOptions(), scratch)
            there = [
                columns.Column(each, self.library.element(each.element))
                for each in subject.draft.fields
                if each.source_column in source.columns
            ]
            columns.require_usable(source, there, path)
            columns.require_types(connection, source, there, path)
            target = scratch / "tried.parquet"
            rows = columns.write(connection, source, there, target)
            schema = {each.name: each.type for each in pq.read_schema(target)}
            facts = replace(subject.facts, schema=schema, damage=None)
            version = subject.version.model_copy(update={"row_count": rows})
            of_file = replace(subject, path=target, facts=facts, version=version)
            return self._run(rule, of_file, path.name)

    def _run(self, rule: Rule, subject: Subject, said: str) -> Trial:
        shape = _present(shape_of(subject.draft, subject.facts.library), subject)
        binding = bind(shape, [n.shape for n in subject.beside.values()], [rule], subject.facts.library)
        if binding.left_out:
            raise RuleDoesNotFit(
                f"rule {rule.id} can't be run on {said}: {binding.left_out[0].reason}", hint=_fields(shape)
            )
        if not binding.rules:
            raise RuleDoesNotFit(
                f"rule {rule.id} is about {rule.scope[0]}, and {said} has no such field", hint=_fields(shape)
            )
        (bound,) = binding.rules
        with self.subjects.opened(subject, Rulebook((bound,), beside=binding.beside)) as opened:
            if bound.check in COMPILERS:
                COMPILERS[bound.check](bound, opened.around.sheet())  # its errors are told whole
            judgements, left_out = opened.judge([bound])
            if left_out:
                raise RuleDoesNotFit(
                    f"rule {rule.id} can't be run on {said}: {left_out[0].reason}", hint=_fields(shape)
                )
            (judgement,) = judgements
            shown = examples(opened.connection, judgements, subject.secret)[bound.id]
            notes = (*_not_judged(bound, judgement.total.judged, subject), *_crossing(bound, opened))
        return Trial(
            rule=rule.citation,
            title_zh=bound.title_zh,
            title_en=bound.title_en,
            subject=said,
            rows=subject.version.row_count,
            fields={role: tuple(map(_named, part)) for role, part in bound.fields.items()},
            passing=judgement.total.passing,
            judged=judgement.total.judged,
            failing=judgement.total.failing,
            passed=passed(judgement),
            examples=shown,
            notes=notes,
        )


def _present(shape: Shape, subject: Subject) -> Shape:
    """Return the shape without the fields that the data lacks."""
    fields = {element: name for element, name in shape.fields.items() if name not in subject.lost}
    return replace(shape, fields=fields, key=() if set(shape.key) & subject.lost else shape.key)


def _fields(shape: Shape) -> str:
    said = ", ".join(f"{name} ({element})" for element, name in shape.fields.items())
    return f"its fields: {said or 'none'}"


def _named(column: Column) -> str:
    return column.name if column.dataset is None else f"{column.dataset}.{column.name}"


def _not_judged(rule: BoundRule, judged: int, subject: Subject) -> Iterator[str]:
    rows = subject.version.row_count
    if rule.check in COMPILERS and judged < rows:
        yield (
            f"{rows - judged:,} of {rows:,} rows are not judged: the rule does not speak of them, or a value "
            "it needs is missing or divided by zero"
        )


def _crossing(rule: BoundRule, opened: Opened) -> Iterator[str]:
    """Yield which polygons are none, the first of them: no point lies inside or outside such a one."""
    for column in rule.several("polygon"):
        beside = opened.around.beside.get(column.dataset or "")
        view = "judged_rows" if beside is None else beside.view
        keys = ['"#row" + 1'] if beside is None else [quoted(theirs) for theirs, _ in beside.on]
        name = quoted(column.name)
        query = f"SELECT {', '.join(keys)}, {name} FROM {view} WHERE {name} IS NOT NULL ORDER BY ALL"
        wrong = 0
        for *key, text in opened.connection.execute(query).fetchall():
            if wrong < _SHOWN and (fault := polygons.fault(text)) is not None:
                wrong += 1
                whose = "row" if beside is None else column.dataset
                yield f"the polygon of {whose} {' '.join(map(str, key))} can't be used: {fault}"
