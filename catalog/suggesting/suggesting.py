"""Name and content together: what each column of a file may mean."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from catalog.engine import engine, one_row
from catalog.loading.readers import ReadOptions, open_source
from catalog.sensing.models import SensitiveKind
from catalog.suggesting import lexicon
from catalog.suggesting.contents import Column, Fit, Sample
from catalog.suggesting.models import ColumnSuggestion, FileSuggestion, NothingToSuggest, Suggestion
from catalog.suggesting.names import Named, Names
from standards.data_elements import DataElement
from standards.documents import RegistrationStatus
from standards.library import Library
from standards.skos import Concept

LEAST: Final = 0.5
"""What is less likely is not suggested: a wrong suggestion costs more than none."""
SHOWN: Final = 3
_BY_NAME: Final = 8
_ZONE: Final = "Asia/Shanghai"

_SAYS_SO: Final = {
    SensitiveKind.RESIDENT_ID: ("customer.resident_id",),
    SensitiveKind.CREDIT_CODE: ("customer.credit_code",),
    SensitiveKind.MOBILE: ("customer.phone",),
    SensitiveKind.LANDLINE: ("customer.phone",),
    SensitiveKind.EMAIL: ("customer.email",),
    SensitiveKind.PERSON_NAME: ("customer.name", "customer.contact_name"),
    SensitiveKind.ADDRESS: ("customer.address",),
}
_WHOLE: Final = 0.95
"""A name that is the header, not only near it."""
_CHECKED: Final = 0.8
"""How sure a check digit makes, where the name says nothing."""


class Suggester:
    """Suggests data elements for the columns of files. `concepts` are those of the glossary."""

    def __init__(self, library: Library, concepts: Callable[[], Iterable[Concept]]) -> None:
        self._library = library
        self._concepts = concepts

    def suggest(self, path: Path, options: ReadOptions | None = None) -> FileSuggestion:
        """Return what the columns of a CSV, Parquet or Excel file may mean; its head is looked at.

        Raises UnreadableFile, UnknownEncoding, NothingToSuggest.
        """
        elements = {
            element.id: element
            for element in self._library.elements()
            if element.status is not RegistrationStatus.RETIRED
        }
        same = lexicon.words()
        names = Names(lexicon.labels(elements.values(), self._concepts(), same), same)
        with tempfile.TemporaryDirectory() as scratch, engine(Path(scratch)) as connection:
            source = open_source(connection, path, options or ReadOptions(), Path(scratch))
            usable = [name for name in source.columns if name not in source.unusable]
            sample = Sample(connection, source.sql, self._library)
            rows: int = one_row(connection, "SELECT count(*) FROM sample")[0]
            if not usable or not rows:
                raise NothingToSuggest(f"{path} has no rows to look at", hint="give a file with data")
            columns = [_column(sample, name, names, elements) for name in usable]
        return FileSuggestion(file=path.name, rows_looked_at=rows, columns=_named_apart(columns))


def _column(sample: Sample, name: str, names: Names, elements: dict[str, DataElement]) -> ColumnSuggestion:
    column = sample.column(name)
    near = {named.element: named for named in names.nearest(name)[:_BY_NAME]}
    certain = _by_content(column)
    wanted = [elements[id_] for id_ in dict.fromkeys((*near, *certain)) if id_ in elements]
    fits = sample.fits(name, wanted)
    found = [_judged(element, near, certain, fits.get(element.id)) for element in wanted]
    likely = sorted((s for s in found if s.score >= LEAST), key=lambda s: -s.score)
    best = likely[0].element if likely else None
    zone = _ZONE if best is not None and sample.needs_zone(name, elements[best]) else None
    return ColumnSuggestion(
        column=name,
        field=_field_name(name, best),
        values=column.values,
        distinct=column.distinct,
        suggestions=tuple(likely[:SHOWN]),
        time_zone=zone,
    )


def _by_content(column: Column) -> dict[str, tuple[float, str]]:
    """Return the elements that the values alone speak for: how surely, and why."""
    found: dict[str, tuple[float, str]] = {}
    for sensed in column.sensed:
        if sensed.share >= 0.5:
            for element in _SAYS_SO.get(sensed.kind, ()):
                why = f"{sensed.share:.0%} of the values look like {sensed.kind.title_en}"
                found.setdefault(element, (sensed.share, why))
    if column.customer_numbers >= 0.9 and column.values >= 5:
        why = f"{column.customer_numbers:.0%} of the values check as customer numbers"
        found["customer.number"] = (column.customer_numbers, why)
    return found


def _judged(
    element: DataElement,
    near: dict[str, Named],
    certain: dict[str, tuple[float, str]],
    fit: Fit | None,
) -> Suggestion:
    """Return the element with its score: the name counts, values that fit add, others take away."""
    named, score, reasons = near.get(element.id), 0.0, []
    if named is not None:
        score = 0.85 * named.score
        reasons.append(f"the {named.how} is near {named.label!r}")
    if element.id in certain:
        share, why = certain[element.id]
        score = max(score, _CHECKED * share) + 0.15 * share
        reasons.append(why)
    elif certain:
        score *= 0.6  # the values say that it is something else
    if fit is None:
        reasons.append("there are no values to look at")
    elif fit.typed < 0.5:  # they can't be loaded
        score *= 0.4
        reasons.append(f"but only {fit.typed:.0%} of the values are {element.type}")
    elif fit.share < 0.5:  # they can, and a rule would find them; a utility may have numbers of its own
        score *= 0.85 if named is not None and named.score >= _WHOLE else 0.7
        reasons.append(f"but only {fit.share:.0%} of the values keep to its form")
    elif fit.says:
        score += fit.says * fit.share
        reasons.append(f"{fit.share:.0%} of the values fit")
    return Suggestion(element=element.id, score=round(min(score, 1.0), 2), reason=", ".join(reasons))


def _field_name(column: str, element: str | None) -> str:
    """Return a field's name: the column's if it is Latin, else the element's."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column)
    latin = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    if plain.isascii() and re.match("[a-z]", latin):
        return latin[:60]
    return element.replace(".", "_") if element else "column"


def _named_apart(columns: list[ColumnSuggestion]) -> tuple[ColumnSuggestion, ...]:
    """Return the columns, each with a field name of its own."""
    taken: set[str] = set()
    apart = []
    for column in columns:
        name, number = column.field, 2
        while name in taken:
            name, number = f"{column.field}_{number}", number + 1
        taken.add(name)
        apart.append(column.model_copy(update={"field": name}))
    return tuple(apart)
