"""The rows of the tree: found, ended and replaced in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.organisation.units import Unit, UnitKind, UnitNotFound, Units, below
from catalog.parties import PartyKind
from catalog.search import entries
from catalog.search import index as search_index
from catalog.tables import PartyRow, PostingRow, Row, UnitRow, UnitStateRow
from standards.errors import Conflict, Fault, InvalidInput

_STATE = UnitStateRow
_AT_A_TIME = 10_000

Change = tuple[UnitStateRow, dict[str, Any]]


class UnitClosed(Conflict):
    """The unit no longer exists on that day."""

    code = "unit-closed"


class BadDay(InvalidInput):
    """A day that is in the future, or before what it is to follow."""

    code = "bad-day"


def require_unit(session: Session, code: str) -> UnitRow:
    """Return the unit's row. Raises UnitNotFound."""
    row = session.get(UnitRow, code)
    if row is None:
        raise UnitNotFound(f"no unit has the code {code!r}", hint="see: shuize organisation list")
    return row


def open_state(session: Session, code: str, on: date) -> UnitStateRow:
    """Return the present state of a unit that exists on the day. Raises UnitNotFound, UnitClosed."""
    row = require_unit(session, code)
    if is_closed(row, on):
        into = f", merged into {row.merged_into}" if row.merged_into else ""
        raise UnitClosed(f"{code} is closed since {row.closed_on}{into}", hint="name a unit that goes on")
    return session.scalars(sa.select(_STATE).where(_STATE.unit == code, present())).one()


def is_closed(row: UnitRow, on: date) -> bool:
    """Tell whether the unit no longer exists on the day."""
    return row.closed_on is not None and row.closed_on <= on


def outside_faults(
    session: Session, units: Units, there: Mapping[str, UnitRow], today: date
) -> Iterator[Fault]:
    """Yield what is wrong with units because of what is there: closed units, parties that are none."""
    kinds = {row.id: row.kind for row in session.execute(sa.select(PartyRow.id, PartyRow.kind))}
    for index, draft in enumerate(units.drafts):
        if draft.code in there:
            continue
        if draft.parent is not None and draft.parent in there and is_closed(there[draft.parent], today):
            yield units.fault(index, "parent", f"can't stand under {draft.parent}, which is closed")
        if draft.party is not None and kinds.get(draft.party) != PartyKind.ORGANISATION:
            what = "is nobody here" if draft.party not in kinds else f"is a {kinds[draft.party]}"
            yield units.fault(index, "party", f"{draft.party} {what}, not an organisation: shuize party list")


def kind_of(session: Session, code: str) -> UnitKind:
    """Return the unit's level. Raises UnitNotFound."""
    return UnitKind(require_unit(session, code).kind)


def present() -> sa.ColumnElement[bool]:
    """Return the condition of a state that holds now."""
    return _STATE.before.is_(None)


def held(on: date) -> sa.ColumnElement[bool]:
    """Return the condition of a state that held on the day."""
    return sa.and_(_STATE.since <= on, sa.or_(_STATE.before.is_(None), _STATE.before > on))


def at_or_below(path: str) -> sa.ColumnElement[bool]:
    """Return the condition of a state at or below a path; it is answered from the index."""
    return sa.or_(_STATE.path == path, is_below(path))


def is_below(path: str) -> sa.ColumnElement[bool]:
    """Return the condition of a state below a path."""
    first, last = below(path)
    return sa.and_(_STATE.path > first, _STATE.path < last)


def units(session: Session, *which: sa.ColumnElement[bool]) -> Iterator[Unit]:
    """Yield units as they now stand, closed ones too."""
    query = sa.select(UnitRow, _STATE).join(_STATE, _STATE.unit == UnitRow.code).where(present(), *which)
    for row, state in session.execute(query):
        yield of_rows(row, state)


def index_units(session: Session, codes: Sequence[str]) -> None:
    """Have the search find units as they now are."""
    for start in range(0, len(codes), _AT_A_TIME):
        some = UnitRow.code.in_(codes[start : start + _AT_A_TIME])
        search_index.write(session, map(entries.of_unit, units(session, some)))


def states_below(session: Session, path: str) -> list[UnitStateRow]:
    """Return the present states below a path, by path."""
    query = sa.select(_STATE).where(present(), is_below(path)).order_by(_STATE.path)
    return list(session.scalars(query))


def unit_of(session: Session, code: str, on: date | None = None) -> Unit:
    """Return a unit as it stands, or stood on a day. Raises UnitNotFound."""
    row = require_unit(session, code)
    query = sa.select(_STATE).where(_STATE.unit == code, present() if on is None else held(on))
    state = session.scalar(query.order_by(_STATE.number.desc()).limit(1))
    if state is None:
        raise UnitNotFound(
            f"unit {code} did not exist on {on}; it opened {row.opened_on}",
            hint="ask for a day on which it was there",
        )
    return of_rows(row, state)


def of_rows(row: UnitRow, state: UnitStateRow) -> Unit:
    """Return the unit that a row and one of its states make."""
    return Unit(
        code=row.code,
        kind=UnitKind(row.kind),
        title=state.title,
        parent=state.parent,
        path=state.path,
        since=state.since,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        merged_into=row.merged_into,
        party=row.party,
    )


def require_day(on: date | None, today: date, states: Iterable[UnitStateRow]) -> date:
    """Return the day from which a change holds, today by default. Raises BadDay.

    It follows what each unit concerned has been, and it is no plan: the present must be one.
    """
    on = on or today
    if on > today:
        raise BadDay(f"{on} is in the future", hint="record the change when its day has come")
    newest = max(states, key=lambda state: state.since)
    if on < newest.since:
        raise BadDay(
            f"{newest.unit} stands so since {newest.since}; a change on {on} would come before",
            hint=f"give {newest.since} or a later day",
        )
    return on


def replace(session: Session, changes: Sequence[Change], on: date, now: datetime) -> None:
    """End the present states with the day before, and let the changed ones follow; it is recorded now."""
    following = [
        {
            "unit": state.unit,
            "number": state.number + 1,
            "title": state.title,
            "parent": state.parent,
            "path": state.path,
            "since": on,
            "before": None,
            "recorded_at": now,
        }
        | change
        for state, change in changes
    ]
    ended = [{"unit": state.unit, "number": state.number, "before": on} for state, _ in changes]
    for start in range(0, len(ended), _AT_A_TIME):
        session.execute(sa.update(_STATE), ended[start : start + _AT_A_TIME])
    insert(session, _STATE, following)


def insert(session: Session, table: type[Row], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, many at a time."""
    for start in range(0, len(rows), _AT_A_TIME):
        session.execute(sa.insert(table), rows[start : start + _AT_A_TIME])


def end_postings(session: Session, on: date, *which: sa.ColumnElement[bool]) -> list[str]:
    """Let postings end the day before, and return whose they were."""
    last = on - timedelta(days=1)
    going_on = sa.or_(PostingRow.valid_until.is_(None), PostingRow.valid_until > last)
    rows = session.scalars(sa.select(PostingRow).where(going_on, *which)).all()
    for row in rows:
        row.valid_until = last
    session.flush()
    return [row.party for row in rows]


def a_posting(since: date, party: str, unit: str) -> dict[str, Any]:
    """Return a posting that goes on."""
    return {"party": party, "unit": unit, "valid_from": since, "valid_until": None}
