"""Checks of a dataset as a whole: what the catalog knows of it, and whether its data can be had.

Each is a list of things asked, B, of which A hold; what does not is said in words. All of them together are
one failing object, the dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from catalog.datasets.fitting import element_levels
from catalog.datasets.models import DatasetDraft, DatasetVersion
from catalog.quality.bound import BoundRule
from catalog.quality.compiling.sheet import ROW, ROWS, Ask
from catalog.quality.judgement import Absence, Judgement, Tally
from catalog.quality.rulebook import columns_of
from catalog.table_types import arrow_type
from standards.library import Library

DAYS = {
    "realtime": 1, "hourly": 1, "daily": 1, "weekly": 7, "monthly": 31, "bimonthly": 62, "quarterly": 92,
    "annual": 366,
}  # fmt: skip
"""How many days an update frequency lets pass. What is updated at no fixed time is always fresh."""

Asked = tuple[str, bool]
"""What is asked, in the words that say that it does not hold, and whether it holds."""


@dataclass(frozen=True)
class Facts:
    """What is known of a dataset beside its rows.

    `schema` is that of the version's file, None if its bytes can't be had; `damage` then says why. `newest`
    is the dataset's newest version. `people` are owner and steward, None where nobody is there.
    """

    draft: DatasetDraft
    newest: DatasetVersion
    schema: Mapping[str, pa.DataType] | None
    damage: str | None
    today: date
    people: Mapping[str, str | None]
    library: Library
    is_held: Callable[[str], bool]
    """Whether the object store has the bytes of a digest."""


def judge_whole(rule: BoundRule, facts: Facts, ask: Ask) -> Judgement:
    """Return what one of these rules says of the dataset; with a scope, of each of its rows."""
    if rule.columns:
        return _listed_files(rule, facts, ask)
    asked = list(WHOLES[rule.check](rule, facts))
    failing = [said for said, holds in asked if not holds]
    tally = Tally(len(asked), len(failing))
    absences = (Absence((), None, "; ".join(failing)),) if failing else ()
    return Judgement(rule, tally, {None: tally}, absences=absences)


def _described(rule: BoundRule, facts: Facts) -> Iterator[Asked]:
    draft = facts.draft
    for name in ("title", "title_zh", "description", "owner", "steward", "source"):
        yield f"it has no {name}", bool((getattr(draft, name) or "").strip())
    known = columns_of(draft, facts.library)
    for each in draft.fields:
        yield f"nobody knows the data element {each.element} of {each.name}", each.name in known


def _schema(rule: BoundRule, facts: Facts) -> Iterator[Asked]:
    for column in columns_of(facts.draft, facts.library).values():
        wanted = arrow_type(column.element)
        if facts.schema is None:
            yield f"{column.name} can't be read", False
        elif (there := facts.schema.get(column.name)) is None:
            yield f"the data has no field {column.name}", False
        else:
            yield f"{column.name} is {there}, and {column.element.id} is {wanted}", there == wanted


def _fresh(rule: BoundRule, facts: Facts) -> Iterator[Asked]:
    loaded, allowed = facts.newest.loaded_at.date(), DAYS.get(facts.draft.update_frequency)
    grace = int(rule.settings["days"])
    said = f"version {facts.newest.number} was loaded on {loaded}, and it is to be updated "
    said += f"{facts.draft.update_frequency}, {grace} days of grace included"
    yield said, allowed is None or loaded >= facts.today - timedelta(days=allowed + grace)


def _retrievable(rule: BoundRule, facts: Facts) -> Iterator[Asked]:
    yield facts.damage or "", facts.damage is None


def _classified(rule: BoundRule, facts: Facts) -> Iterator[Asked]:
    level = facts.draft.security_level
    for name, wanted in element_levels(facts.draft, facts.library).items():
        yield f"it is {level}, and {name} is {wanted}", wanted <= level


def _answered_for(rule: BoundRule, facts: Facts) -> Iterator[Asked]:
    for role, party in facts.people.items():
        yield f"nobody who is there is its {role}", party is not None


def _listed_files(rule: BoundRule, facts: Facts, ask: Ask) -> Judgement:
    """Judge the rows of a list of files: each names a digest, the last field, whose bytes are to be there."""
    digest = rule.columns[-1].name
    rows = ask(f'SELECT {ROW}, "{digest}" FROM {ROWS} ORDER BY 1')
    held = {text: text is not None and facts.is_held(text) for text in {text for _, text in rows}}
    failing = np.array([row for row, text in rows if not held[text]], np.int64)
    tally = Tally(len(rows), len(failing))
    return Judgement(rule, tally, {None: tally}, failing)


WHOLES: Mapping[str, Callable[[BoundRule, Facts], Iterator[Asked]]] = {
    "described": _described,
    "schema": _schema,
    "fresh": _fresh,
    "retrievable": _retrievable,
    "classified": _classified,
    "answered-for": _answered_for,
}
