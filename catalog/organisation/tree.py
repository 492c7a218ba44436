"""The use cases of the organisation tree; each moves everything it concerns in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog import trail
from catalog.database import Clock, Database
from catalog.organisation.acts import record, writing
from catalog.organisation.rows import (
    BadDay,
    a_posting,
    at_or_below,
    end_postings,
    held,
    index_units,
    insert,
    kind_of,
    of_rows,
    open_state,
    outside_faults,
    present,
    replace,
    require_day,
    require_unit,
    states_below,
    unit_of,
)
from catalog.organisation.units import Unit, UnitDraft, UnitKind, Units, UnitState, require_tree
from catalog.roles import end_roles
from catalog.tables import PostingRow, RoleRow, UnitRow, UnitStateRow
from catalog.trail import Act
from standards import digests
from standards.errors import Conflict, InvalidInput
from standards.texts import is_line


class UnitExists(Conflict):
    """The code is taken, by a unit that is not the same."""

    code = "unit-exists"


class UnitsBelow(Conflict):
    """A unit can't end while units below it go on."""

    code = "units-below"


class Misplaced(InvalidInput):
    """A unit can't stand there: below itself, below its like, or nowhere."""

    code = "misplaced-unit"


class Added(BaseModel):
    """What adding answered: which units are new, and how many were there, just so."""

    model_config = ConfigDict(frozen=True)

    added: tuple[str, ...]
    unchanged: int


class Organisation:
    """The organisation tree and the people in it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, drafts: Units | Iterable[UnitDraft], *, by: str, where: str = "the list") -> Added:
        """Add units, all or none; what is there just so is left as it is.

        Raises MalformedOrganisation with every fault, UnitExists with every unit that differs.
        """
        units = Units.of(drafts)
        with writing(self._database, self._clock(), by) as (session, today):
            there = {row.code: row for row in session.scalars(sa.select(UnitRow))}
            states = {s.unit: s for s in session.scalars(sa.select(UnitStateRow).where(present()))}
            kinds = {code: UnitKind(row.kind) for code, row in there.items()}
            ordered = require_tree(units, kinds, where, outside_faults(session, units, there, today))
            _require_alike(units, there, states)
            new = [draft for draft in ordered if draft.code not in there]
            paths = {code: state.path for code, state in states.items()}
            rows, opened = [], []
            for draft in new:
                above = f"{paths[draft.parent]}/" if draft.parent else ""
                paths[draft.code] = above + draft.code
                since = draft.opened_on or today
                rows.append(draft.model_dump(include={"code", "kind", "party"}) | {"opened_on": since})
                state = draft.model_dump(include={"title", "parent"}) | {"unit": draft.code, "number": 1}
                place = {"path": paths[draft.code], "since": since, "before": None}
                opened.append(state | place | {"recorded_at": self._clock()})
            insert(session, UnitRow, rows)
            insert(session, UnitStateRow, opened)
            if new:
                index_units(session, [draft.code for draft in new])
                _record_added(session, self._clock(), new, by)
            return Added(added=tuple(draft.code for draft in new), unchanged=len(ordered) - len(new))

    def rename(self, code: str, title: str, *, by: str, on: date | None = None) -> Unit:
        """Give a unit another name from a day on. Raises UnitNotFound, UnitClosed, BadDay."""
        if not title.strip():
            raise Misplaced(f"unit {code} needs a name", hint="give its title")
        if not is_line(title):
            raise Misplaced(f"unit {code}'s new name holds control characters", hint="give one line of text")
        with writing(self._database, self._clock(), by) as (session, today):
            state = open_state(session, code, today)
            on = require_day(on, today, [state])
            replace(session, [(state, {"title": title.strip()})], on, self._clock())
            index_units(session, [code])
            record(session, self._clock(), Act("unit-renamed", "unit", code, by), on)
            return unit_of(session, code)

    def move(self, code: str, parent: str, *, by: str, on: date | None = None) -> Unit:
        """Put a unit, with everything below it, under another one from a day on.

        Raises UnitNotFound, UnitClosed, Misplaced (below itself or its like), BadDay.
        """
        with writing(self._database, self._clock(), by) as (session, today):
            state, above = open_state(session, code, today), open_state(session, parent, today)
            if above.path == state.path or above.path.startswith(f"{state.path}/"):
                raise Misplaced(
                    f"{parent} stands below {code}, so {code} can't move there: the tree would be a circle",
                    hint="move the lower one out first",
                )
            kind, kind_above = kind_of(session, code), kind_of(session, parent)
            if kind_above.rank >= kind.rank:
                raise Misplaced(
                    f"{code} is a {kind} and can't stand under the {kind_above} {parent}",
                    hint="a unit stands under one of a higher level: " + " > ".join(UnitKind),
                )
            moved = [state, *states_below(session, state.path)]
            on = require_day(on, today, moved)
            cut = state.path.rfind("/") + 1
            changes = [(each, {"path": f"{above.path}/{each.path[cut:]}"}) for each in moved]
            changes[0][1]["parent"] = parent
            replace(session, changes, on, self._clock())
            record(
                session,
                self._clock(),
                Act("unit-moved", "unit", code, by, {"to": parent, "units": len(moved)}),
                on,
            )
            return unit_of(session, code)

    def merge(self, code: str, into: str, *, by: str, on: date | None = None) -> Unit:
        """Let a unit become part of another of its level; what stands below it and its people go there.

        Roles on it end the day before. Returns the unit that goes on. Raises UnitNotFound, UnitClosed,
        Misplaced, BadDay.
        """
        with writing(self._database, self._clock(), by) as (session, today):
            state, target = open_state(session, code, today), open_state(session, into, today)
            if code == into or kind_of(session, code) is not kind_of(session, into):
                raise Misplaced(
                    f"{code} can't become part of {into}", hint="merge two different units of one level"
                )
            moved = states_below(session, state.path)
            on = require_day(on, today, [state, target, *moved])
            cut = len(state.path) + 1
            changes: list[tuple[UnitStateRow, dict[str, Any]]] = []
            for each in moved:
                change = {"path": f"{target.path}/{each.path[cut:]}"}
                changes.append((each, change | ({"parent": into} if each.parent == code else {})))
            replace(session, changes, on, self._clock())
            row = require_unit(session, code)
            row.closed_on, row.merged_into = on, into
            index_units(session, [code])
            end_roles(session, on, RoleRow.subject_kind == "unit", RoleRow.subject == code)
            people = end_postings(session, on, PostingRow.unit == code)
            insert(session, PostingRow, [a_posting(on, party, into) for party in people])
            detail: dict[str, str | int] = {"into": into, "units": len(moved), "people": len(people)}
            record(session, self._clock(), Act("unit-merged", "unit", code, by, detail), on)
            return unit_of(session, into)

    def close(self, code: str, *, by: str, on: date | None = None) -> Unit:
        """Let a unit end with the day before `on`, which may be in the future; its roles and postings too.

        Raises UnitNotFound, UnitClosed, UnitsBelow, BadDay.
        """
        with writing(self._database, self._clock(), by) as (session, today):
            state, row = open_state(session, code, today), require_unit(session, code)
            on = on or today
            if on < state.since:
                raise BadDay(
                    f"{code} stands so since {state.since}; it can't close on {on}",
                    hint=f"give {state.since} or a later day",
                )
            below_it = [each.unit for each in states_below(session, state.path)]
            goes_on = sa.or_(UnitRow.closed_on.is_(None), UnitRow.closed_on > on)
            going_on = sa.select(UnitRow.code).where(UnitRow.code.in_(below_it), goes_on).limit(5)
            if found := session.scalars(going_on).all():
                raise UnitsBelow(
                    f"units below {code} go on: {', '.join(sorted(found))}",
                    hint="move them, merge the unit into another, or close them first",
                )
            row.closed_on = on
            index_units(session, [code])
            end_roles(session, on, RoleRow.subject_kind == "unit", RoleRow.subject == code)
            end_postings(session, on, PostingRow.unit == code)
            record(session, self._clock(), Act("unit-closed", "unit", code, by), on)
            return unit_of(session, code)

    def get(self, code: str, on: date | None = None) -> Unit:
        """Return a unit as it stands, or stood on a day. Raises UnitNotFound."""
        with self._database.read() as session:
            return unit_of(session, code, on)

    def above(self, code: str, on: date | None = None) -> tuple[Unit, ...]:
        """Return the units that a unit stands under, from the top. Raises UnitNotFound."""
        with self._database.read() as session:
            codes = unit_of(session, code, on).path.split("/")[:-1]
            return tuple(unit_of(session, each, on) for each in codes)

    def list(
        self, under: str | None = None, *, kind: UnitKind | None = None, on: date | None = None,
        after: str | None = None, limit: int | None = None,
    ) -> tuple[Unit, ...]:  # fmt: skip
        """Return the units that exist, today or on a day, by path; `under` one, itself included.

        At most `limit`, and only those whose paths come after one, where asked for.

        Raises UnitNotFound.
        """
        on = on or self._clock().date()
        with self._database.read() as session:
            query = sa.select(UnitRow, UnitStateRow).join(UnitStateRow, UnitStateRow.unit == UnitRow.code)
            query = query.where(held(on), sa.or_(UnitRow.closed_on.is_(None), UnitRow.closed_on > on))
            if under is not None:
                query = query.where(at_or_below(unit_of(session, under, on).path))
            if kind is not None:
                query = query.where(UnitRow.kind == kind.value)
            if after is not None:
                query = query.where(UnitStateRow.path > after)
            found = session.execute(query.order_by(UnitStateRow.path).limit(limit))
            return tuple(of_rows(unit, state) for unit, state in found)

    def history(self, code: str) -> tuple[UnitState, ...]:
        """Return every name and place a unit had, oldest first. Raises UnitNotFound."""
        with self._database.read() as session:
            require_unit(session, code)
            states = session.scalars(
                sa.select(UnitStateRow).where(UnitStateRow.unit == code).order_by(UnitStateRow.number)
            )
            return tuple(
                UnitState.model_validate({name: getattr(s, name) for name in UnitState.model_fields})
                for s in states
            )


def _require_alike(units: Units, rows: Mapping[str, UnitRow], states: Mapping[str, UnitStateRow]) -> None:
    faults = []
    for index, draft in enumerate(units.drafts):
        if draft.code not in rows:
            continue
        row, state = rows[draft.code], states[draft.code]
        pairs = (
            ("kind", row.kind, draft.kind.value),
            ("title", state.title, draft.title),
            ("parent", state.parent, draft.parent),
            ("party", row.party, draft.party or row.party),
            ("opened_on", row.opened_on, draft.opened_on or row.opened_on),
        )
        different = [(name, f"{name} is {is_!r}, not {said!r}") for name, is_, said in pairs if is_ != said]
        if different:
            detail = "; ".join(each for _, each in different)
            faults.append(units.fault(index, different[0][0], detail))
    if faults:
        raise UnitExists(
            f"{len(faults):,} units are there already and are not the same; nothing was added",
            hint="change them one by one: shuize organisation rename | move | merge | close",
            faults=faults[:100],
        )


def _record_added(session: Session, at: datetime, new: Sequence[UnitDraft], by: str) -> None:
    """One entry for a few units by name, one for a whole file: ten thousand entries would hide the rest."""
    digest = digests.of_document({"units": [draft.model_dump(mode="json") for draft in new]})
    detail: dict[str, str | int] = {"units": len(new), "sha256": digest}
    name = new[0].code if len(new) == 1 else new[0].code + " and others"
    trail.record(session, at, Act("units-added", "unit", name, by, detail))
