"""shuize dataset check-record: a record, or a few, against all rules of their dataset."""

from __future__ import annotations

import json as json_text
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import frame
from standards.errors import Fault, InvalidInput

if TYPE_CHECKING:
    from catalog.quality.records.models import Record, RecordsChecked


class MalformedRecords(InvalidInput):
    """The text to check holds no records."""

    code = "malformed-records"


def check_record(
    name: Annotated[str, typer.Argument(help="The dataset's name.")],
    file: Annotated[
        Path,
        typer.Argument(help="JSON: a record, a list of them, or one a line; - is stdin.", allow_dash=True),
    ],
    json: frame.Json = False,
) -> None:
    """Check records against all rules of a dataset.

    Nothing is kept. Exit code 1 when one fails.

    A record holds values by the fields' names; a field left out is missing. What needs the dataset's other
    rows can't be decided here, and is said.

    Example: shuize dataset check-record dma-inflow record.json
    """
    records = _read(file)
    with frame.platform() as platform:
        found = platform.record_checks.check(name, records)
    if json:
        frame.document(found)
    else:
        _show(found)
    if not found.passed:
        raise typer.Exit(1)


def _show(found: RecordsChecked) -> None:
    asked = {rule.rule: rule for rule in found.rules}
    for record in found.records:
        answers = list(record.answers.values())
        counts = ", ".join(f"{answers.count(each)} {each}" for each in sorted(set(answers)))
        frame.line(f"record {record.record}: {'passed' if record.passed else 'FAILED'} ({counts})")
        for wrong in record.wrong:
            frame.line(f"  {wrong.field}: not {wrong.expected}")
        for rule, answer in record.answers.items():
            if answer == "failed":
                said = asked[rule]
                frame.line(
                    f"  {', '.join(said.fields)}: {said.title_zh} {said.title_en} ({rule}, {said.severity})"
                )
    undecided = [rule for rule in found.rules if rule.undecidable]
    if undecided:
        frame.note(f"{len(undecided)} rules need the whole dataset: shuize dataset check {found.dataset}")


def _read(file: Path) -> list[Record]:
    where = "stdin" if str(file) == "-" else str(file)
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedRecords(
            f"{where} can't be read: {error}", hint="give a file of JSON in UTF-8"
        ) from error
    try:
        found = _parsed(text)
    except ValueError as error:
        raise _refused(where, str(error)) from error
    records = found if isinstance(found, list) else [found]
    faults = [
        Fault(f"/{place}", "is no record") for place, each in enumerate(records) if not _is_record(each)
    ]
    if faults:
        raise _refused(where, f"{len(faults)} of its parts are no records", faults[:10])
    return records


def _parsed(text: str) -> Any:
    """Return what the text holds: numbers with a point as they are written, so that 1.10 stays 1.10."""
    try:
        return json_text.loads(text, parse_float=str, parse_constant=str)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        return [json_text.loads(line, parse_float=str, parse_constant=str) for line in lines]


def _is_record(said: object) -> bool:
    return isinstance(said, dict) and all(
        value is None or isinstance(value, bool | int | str) for value in said.values()
    )


def _refused(where: str, why: str, faults: list[Fault] | None = None) -> MalformedRecords:
    return MalformedRecords(
        f"{where} holds no records: {why}",
        hint='write {"FIELD": "value", …}, a list of such, or one a line',
        faults=faults or [],
    )
