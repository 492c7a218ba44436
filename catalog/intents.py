"""Chain intents: what is about to be sent to the chain, kept before it is sent.

An intent is stored first, then its signed transaction, then the outcome. Whoever finds an open
intent after a crash knows exactly what to send again; the chain refuses to do it twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.database import Clock, Database, take_turns
from catalog.tables import IntentRow
from standards.errors import Conflict, NotFound

State = Literal["open", "done", "failed"]


class IntentNotFound(NotFound):
    """No chain intent has this number."""

    code = "intent-not-found"


class IntentClosed(Conflict):
    """The intent has its outcome."""

    code = "intent-closed"


class Intent(BaseModel):
    """An intended change on the chain. `aim` names it: at most one open intent per aim.

    `transaction` is what was signed for it (raw bytes and hash, no key); `outcome` what came of it.
    """

    model_config = ConfigDict(frozen=True)

    id: int
    aim: str
    action: dict[str, Any]
    state: State
    transaction: dict[str, Any] | None
    outcome: dict[str, Any] | None
    stored_at: datetime
    settled_at: datetime | None


class Intents:
    """The journal of intents."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def open(self, aim: str, action: dict[str, Any]) -> Intent:
        """Return the open intent with this aim, storing it if there is none."""
        with self._database.write() as session:
            return _intent(begin(session, aim, action, self._clock()))

    def pending(self) -> tuple[Intent, ...]:
        """Return every open intent, oldest first."""
        with self._database.read() as session:
            query = sa.select(IntentRow).where(IntentRow.state == "open").order_by(IntentRow.id)
            return tuple(map(_intent, session.scalars(query)))

    def attach(self, intent_id: int, transaction: dict[str, Any], *, seen: Intent | None = None) -> Intent:
        """Keep the signed transaction that is about to be sent, in place of an earlier one that can't be.

        `seen` is the intent as it was when this one was signed. If another process has attached one since,
        that stays and is in the answer: both send the same bytes, which the chain takes once. Raises
        IntentClosed if another process has settled the intent: then nothing is to be sent.
        """
        with self._database.write() as session:
            row = _require(session, intent_id)
            if row.state != "open":
                raise IntentClosed(f"another process has settled {row.aim}", hint="look at the outcome")
            if seen is None or row.transaction == seen.transaction:
                row.transaction = transaction
                session.flush()
            return _intent(row)

    def retarget(self, intent: Intent, left: dict[str, Any]) -> None:
        """Let go of the transaction signed for another registry: what it aimed at is still to be done.

        `left` says what it was; it joins the action's `left`, and the raw bytes are not kept.
        """
        with self._database.write() as session:
            row = _require(session, intent.id)
            if row.state == "open" and row.transaction == intent.transaction:
                row.action = row.action | {"left": [*row.action.get("left", ()), left]}
                row.transaction = None

    def settle(self, intent_id: int, outcome: dict[str, Any], *, state: State = "done") -> Intent:
        """Close the intent with its outcome; a closed one keeps the first."""
        with self._database.write() as session:
            return _intent(close(session, intent_id, outcome, self._clock(), state=state))


def begin(session: Session, aim: str, action: dict[str, Any], now: datetime) -> IntentRow:
    """Open an intent in the caller's transaction, or return the open one with this aim."""
    take_turns(session, f"aim {aim}")
    row = session.scalar(_open(aim))
    if row is None:
        row = IntentRow(aim=aim, action=action, state="open", stored_at=now)
        session.add(row)
        session.flush()
    return row


def is_open(session: Session, aim: str) -> bool:
    """Tell whether an intent with this aim is open; none is opened before the caller's transaction ends."""
    take_turns(session, f"aim {aim}")
    return session.scalar(_open(aim)) is not None


def close(
    session: Session, intent_id: int, outcome: dict[str, Any], now: datetime, *, state: State = "done"
) -> IntentRow:
    """Close an intent in the caller's transaction, so that its effect is recorded with it or not at all."""
    row = _require(session, intent_id)
    if row.state == "open":
        row.state, row.outcome, row.settled_at = state, outcome, now
        session.flush()
    return row


def _open(aim: str) -> sa.Select[IntentRow]:
    return sa.select(IntentRow).where(IntentRow.aim == aim, IntentRow.state == "open")


def _require(session: Session, intent_id: int) -> IntentRow:
    row = session.get(IntentRow, intent_id, with_for_update=True)
    if row is None:
        raise IntentNotFound(
            f"there is no chain intent {intent_id}", hint="see what is open: shuize chain status"
        )
    return row


def _intent(row: IntentRow) -> Intent:
    return Intent.model_validate({name: getattr(row, name) for name in Intent.model_fields})
