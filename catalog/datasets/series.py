"""Series: datasets that belong together and follow one another, such as a survey of every year.

A series is added by name; a dataset joins by the key `series` of its document, which a change request puts in
force. Its members stand in the order of the day from which their data are: `temporal.begin`, or else the day
of registration; then by name. Source: DCAT 3 §12, Dataset series.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Annotated

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from sqlalchemy.orm import Session

from catalog import trail
from catalog.database import Clock, Database, take_turns
from catalog.datasets.models import DatasetDraft, MalformedDataset
from catalog.parties import require_member
from catalog.tables import SeriesMemberRow, SeriesRow
from catalog.trail import Act
from standards import digests
from standards.errors import Conflict, Fault, InvalidInput, NotFound
from standards.faults import of_validation
from standards.names import require_name
from standards.texts import unprintable

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class SeriesNotFound(NotFound):
    """No series of datasets has this name."""

    code = "series-not-found"


class SeriesExists(Conflict):
    """The series' name is taken."""

    code = "series-exists"


class MalformedSeries(InvalidInput):
    """A series that can't be added as described; the faults name the places."""

    code = "malformed-series"


class SeriesDraft(BaseModel):
    """A series to be added."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: Text
    title_zh: Text
    description: Text


class Series(SeriesDraft):
    """A series as it is kept."""

    added_by: str
    added_at: datetime


class Member(BaseModel):
    """A dataset of a series, and the day that gives its place."""

    model_config = ConfigDict(frozen=True)

    dataset: str
    begins_on: date


class SeriesRegister:
    """The register of series."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, draft: SeriesDraft, *, by: str) -> Series:
        """Add a series. Raises MalformedName, SeriesExists, UnknownParty, PartnersDontGovern."""
        require_name(draft.name, what="series name")
        now = self._clock()
        with self._database.write() as session:
            take_turns(session, f"series {draft.name}")
            require_member(session, by, now)
            if session.get(SeriesRow, draft.name):
                raise SeriesExists(
                    f"a series {draft.name} exists already", hint=f"see: shuize series show {draft.name}"
                )
            session.add(row := SeriesRow(**draft.model_dump(), added_by=by, added_at=now))
            session.flush()
            detail = {"sha256": digests.of_document(draft.model_dump(mode="json"))}
            trail.record(session, now, Act("series-added", "series", draft.name, by, detail))
            return _series(row)

    def get(self, name: str) -> Series:
        """Return one series. Raises SeriesNotFound."""
        with self._database.read() as session:
            return _series(_require(session, name))

    def list(self) -> tuple[Series, ...]:
        """Return every series, by name."""
        with self._database.read() as session:
            return tuple(map(_series, session.scalars(sa.select(SeriesRow).order_by(SeriesRow.name))))

    def members(self, name: str) -> tuple[Member, ...]:
        """Return the datasets of a series, in its order. Raises SeriesNotFound."""
        with self._database.read() as session:
            _require(session, name)
            query = sa.select(SeriesMemberRow).where(SeriesMemberRow.series == name)
            rows = session.scalars(query.order_by(SeriesMemberRow.begins_on, SeriesMemberRow.dataset))
            return tuple(Member(dataset=row.dataset, begins_on=row.begins_on) for row in rows)


def parse_series(document: object) -> SeriesDraft:
    """Return the series described by a parsed document. Raises MalformedSeries with every fault."""
    try:
        draft = SeriesDraft.model_validate(document)
    except ValidationError as error:
        raise MalformedSeries(
            "this does not describe a series of datasets",
            hint="give a name, a title in English and in Chinese, and a description",
            faults=of_validation(error),
        ) from error
    if faults := list(unprintable(document)):
        raise MalformedSeries(
            "the series holds control characters", hint="mend the places listed", faults=faults
        )
    return draft


def require_series(session: Session, drafts: Iterable[tuple[str, DatasetDraft]]) -> None:
    """Raise MalformedDataset for documents that name a series that is not there; a place goes before each."""
    named = [(place, draft) for place, draft in drafts if draft.series is not None]
    wanted = {draft.series for _, draft in named}
    known = set(session.scalars(sa.select(SeriesRow.name))) if wanted else set()
    faults = [
        Fault(f"{place}/series", f"no series is called {draft.series!r}")
        for place, draft in named
        if draft.series not in known
    ]
    if faults:
        raise MalformedDataset(
            "the series named is not there" if len(faults) == 1 else "series named are not there",
            hint="see: shuize series list; or add it first: shuize series add NAME",
            faults=faults,
        )


def join_series(
    session: Session, drafts: Iterable[tuple[DatasetDraft, datetime]], *, changed: Collection[str] = ()
) -> None:
    """Write which series datasets belong to, each with the instant it was registered at.

    Those `changed` were there before, and leave the series that they were in.
    """
    if changed:
        session.execute(sa.delete(SeriesMemberRow).where(SeriesMemberRow.dataset.in_(changed)))
    rows = [
        {"dataset": draft.name, "series": draft.series, "begins_on": draft.begins_on(registered_at.date())}
        for draft, registered_at in drafts
        if draft.series is not None
    ]
    if rows:
        session.execute(sa.insert(SeriesMemberRow), rows)


def _require(session: Session, name: str) -> SeriesRow:
    row = session.get(SeriesRow, name)
    if row is None:
        raise SeriesNotFound(f"no series is called {name!r}", hint="see: shuize series list")
    return row


def _series(row: SeriesRow) -> Series:
    return Series.model_validate({name: getattr(row, name) for name in Series.model_fields})
