"""Many datasets at once, all or none: asked for by one, approved by another, each with its own request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import trail
from catalog.answering import require_all
from catalog.bulk import insert_all, new_numbers, not_collecting
from catalog.changes.acts import approval, asking
from catalog.changes.models import (
    ChangeAct,
    ChangeDecided,
    ChangeNotFound,
    ChangeState,
    GovernedKind,
    OwnRequest,
    RegistrationOpen,
)
from catalog.changes.registering import NOTHING
from catalog.changes.rows import (
    CHANGES,
    REVISIONS,
    Decision,
    Values,
    asked,
    new_request,
    require_reason,
    require_reviewer,
    revision_values,
)
from catalog.changes.subjects import IN_USE, DatasetSubject, InForce, Wanted, responsible, taken
from catalog.database import Clock, Database
from catalog.datasets.models import DatasetDraft, DatasetExists, MalformedDataset, parse_draft
from catalog.datasets.series import require_series
from standards.errors import Fault, InvalidInput

_AT_A_TIME = 5_000
_SHOWN = 100
_OPEN = sa.select(CHANGES.c.subject, CHANGES.c.id).where(
    CHANGES.c.subject_kind == GovernedKind.DATASET.value,
    CHANGES.c.act == ChangeAct.REGISTER.value,
    CHANGES.c.state == ChangeState.OPEN.value,
)
_FOUND = sa.select(CHANGES).where(CHANGES.c.id.in_(sa.bindparam("ids", expanding=True)))


class NotTogether(InvalidInput):
    """Requests that can't be approved together: only first registrations of datasets are."""

    code = "not-together"


class Batches:
    """Many requests at once, for a migration or a harvest: all of them or none."""

    def __init__(self, database: Database, subject: DatasetSubject, clock: Clock) -> None:
        self._database = database
        self._subject = subject
        self._clock = clock

    def ask(self, documents: Sequence[tuple[str, object]], *, by: str, reason: str) -> tuple[int, ...]:
        """Ask that datasets be registered, by documents and where each stands; return the requests' numbers.

        Raises MalformedDataset with every fault of all of them, DatasetExists, RegistrationOpen,
        UnknownParty, CannotAnswer, NoReason.
        """
        require_reason(reason, "a request")
        now = self._clock()
        with not_collecting():
            drafts = _parsed(documents)
            try:
                wanted = self._subject.all_parsed(drafts)
            except MalformedDataset as error:
                raise _placed(error, [where for where, _ in documents]) from error
            with self._database.write() as session:
                return ask_all(session, wanted, by, reason, now)

    def approve(self, numbers: Sequence[int], *, by: str, reason: str = "") -> tuple[int, ...]:
        """Approve requests that datasets be registered, and return their numbers. Raises as `approve_all`."""
        decision = Decision(ChangeState.APPROVED, by, self._clock(), reason, revision=1)
        subject = self._subject.now()
        with not_collecting(), self._database.write() as session:
            return approve_all(session, subject, numbers, decision)


def _placed(error: MalformedDataset, places: Sequence[str]) -> MalformedDataset:
    """Return the error with the files and lines for the numbers of the documents."""
    faults = []
    for fault in error.faults:
        number, _, rest = fault.pointer.removeprefix("/").partition("/")
        where = f"{places[int(number)]} /{rest}" if number.isdecimal() else fault.pointer
        faults.append(Fault(where, fault.detail))
    return MalformedDataset(error.message, hint=error.hint, faults=faults[:_SHOWN])


def _parsed(documents: Sequence[tuple[str, object]]) -> list[DatasetDraft]:
    """Return the datasets that documents describe. Raises MalformedDataset with the faults of all."""
    drafts: list[DatasetDraft] = []
    faults: list[Fault] = []
    for where, document in documents:
        try:
            drafts.append(parse_draft(document, where=where))
        except MalformedDataset as error:
            faults += [Fault(f"{where} {each.pointer}", each.detail) for each in error.faults]
    if faults:
        wrong = len(documents) - len(drafts)
        raise MalformedDataset(
            f"{wrong:,} of {len(documents):,} documents describe no dataset, so nothing is asked for",
            hint="mend the places listed; `shuize dataset example` prints a complete document",
            faults=faults[:_SHOWN],
        )
    return drafts


def ask_all(
    session: Session, wanted: Sequence[Wanted], by: str, reason: str, now: datetime
) -> tuple[int, ...]:
    """Ask that datasets be registered, in the caller's transaction; return the numbers of the requests.

    Raises DatasetExists, RegistrationOpen, with every name, and as one request does.
    """
    trail.lock(session)
    _require_free(session, [each.draft.name for each in wanted])
    _require_fit(session, wanted, by, now)
    numbers = new_numbers(session, CHANGES.c.id, len(wanted))
    rows = []
    for number, each in zip(numbers, wanted, strict=True):
        request = new_request(GovernedKind.DATASET, ChangeAct.REGISTER, each.draft.name, NOTHING, each)
        rows.append({"id": number, **asked(request, by, now, reason)})
    insert_all(session, CHANGES, rows)
    trail.record_all(session, now, map(asking, rows))
    return tuple(numbers)


def approve_all(
    session: Session, subject: DatasetSubject, numbers: Sequence[int], decision: Decision
) -> tuple[int, ...]:
    """Approve requests that datasets be registered, in the caller's transaction; return how many there are.

    They are judged again, all together. Raises ChangeNotFound, ChangeDecided, NotTogether, OwnRequest,
    NotAReviewer, DatasetExists, MalformedDataset, with every fault.
    """
    trail.lock(session)
    now, by = decision.at, decision.by
    rows = _open(session, numbers, by)
    drafts = [DatasetDraft.model_validate(row["document"]) for row in rows]
    wanted = subject.all_parsed(drafts)
    _require_free(session, [draft.name for draft in drafts], asked_too=False)
    _require_fit(session, wanted, by, now)
    for row in {(row["document"]["organisation"], row["requested_by"]): row for row in rows}.values():
        require_reviewer(session, row, row["document"], by, now)
    coming = [
        InForce(each, 1, IN_USE, row["requested_by"], now, now)
        for each, row in zip(wanted, rows, strict=True)
    ]
    subject.put_in_force(session, coming)
    decided = decision.columns()
    for some in _parts([row["id"] for row in rows]):
        session.connection().execute(sa.update(CHANGES).where(CHANGES.c.id.in_(some)).values(decided))
    rows = [row | decided for row in rows]
    revisions = [revision_values(row, each) for row, each in zip(rows, coming, strict=True)]
    insert_all(session, REVISIONS, revisions)
    trail.record_all(session, now, (approval(row, made) for row, made in zip(rows, revisions, strict=True)))
    return tuple(row["id"] for row in rows)


def _open(session: Session, numbers: Sequence[int], by: str) -> list[Values]:
    """Return the requests, which are open, of others, and all to register a dataset."""
    found: dict[int, dict[str, Any]] = {}
    for some in _parts(numbers):
        rows = session.connection().execute(_FOUND, {"ids": some}).mappings()
        found |= {row["id"]: dict(row) for row in rows}
    if missing := [number for number in numbers if number not in found]:
        raise ChangeNotFound(
            f"there is no change request {missing[0]}", hint="see: shuize change list",
            faults=_faults((number, "is not there") for number in missing),
        )  # fmt: skip
    rows_ = [found[number] for number in dict.fromkeys(numbers)]
    register = (GovernedKind.DATASET.value, ChangeAct.REGISTER.value)
    checks = (
        (NotTogether, "is no registration of a dataset", "approve it by itself",
         [r for r in rows_ if (r["subject_kind"], r["act"]) != register]),
        (ChangeDecided, "is decided", "leave out what is decided: shuize change list --state open",
         [r for r in rows_ if r["state"] != ChangeState.OPEN]),
        (OwnRequest, f"was made by {by}", "ask another party: shuize change approve … --as PARTY",
         [r for r in rows_ if r["requested_by"] == by]),
    )  # fmt: skip
    for refusal, what, hint, wrong in checks:
        if wrong:
            raise refusal(
                f"{len(wrong)} of {len(rows_)} requests can't be approved: request {wrong[0]['id']} {what}",
                hint=hint, faults=_faults((row["id"], what) for row in wrong),
            )  # fmt: skip
    return rows_


def _require_free(session: Session, names: Sequence[str], *, asked_too: bool = True) -> None:
    if there := taken(session, names):
        raise DatasetExists(
            f"{len(there)} of these datasets are registered already: {', '.join(sorted(there)[:3])}",
            hint="leave them out, or register under other names",
            faults=_faults((name, "is registered already") for name in names if name in there),
        )
    open_ = {row.subject: row.id for row in session.connection().execute(_OPEN)} if asked_too else {}
    if asked_for := [name for name in names if name in open_]:
        raise RegistrationOpen(
            f"of {len(asked_for)} of these datasets somebody asks already that they be registered",
            hint=f"see: shuize change show {open_[asked_for[0]]}; have them decided, or leave them out",
            faults=_faults((name, f"request {open_[name]}") for name in asked_for),
        )


def _require_fit(session: Session, wanted: Sequence[Wanted], by: str, now: datetime) -> None:
    drafts = [each.draft for each in wanted if isinstance(each.draft, DatasetDraft)]
    require_series(session, ((f"/{index}", draft) for index, draft in enumerate(drafts)))
    require_all(session, [by], (one for each in wanted for one in responsible(each.document)), now)


def _faults(wrong: Iterator[tuple[object, str]]) -> list[Fault]:
    found = [Fault(f"/{place}", what) for place, what in wrong]
    return found[:_SHOWN]


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _AT_A_TIME):
        yield numbers[start : start + _AT_A_TIME]
