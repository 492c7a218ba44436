"""What every change of the organisation has in common: who may make it, one at a time, and its entry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from catalog import trail
from catalog.database import Database
from catalog.parties import require_member
from catalog.trail import Act


@contextmanager
def writing(database: Database, now: datetime, by: str) -> Iterator[tuple[Session, date]]:
    """Yield the only transaction that changes the organisation, and its day, for who may act."""
    with database.write() as session:
        trail.lock(session)
        require_member(session, by, now)
        yield session, now.date()


def record(session: Session, at: datetime, act: Act, on: date) -> None:
    """Write the entry of a change that holds from a day on."""
    trail.record(session, at, replace(act, detail={"on": on.isoformat(), **act.detail}))
