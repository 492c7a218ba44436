"""The use cases: write an entry, find those of a rule, propose one from what an order's people said."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import trail
from catalog.database import Clock, Database, take_turns
from catalog.experience.models import Experience, ExperienceDraft, ExperienceNotFound, NothingLearnt
from catalog.parties import require_member
from catalog.search import entries, index
from catalog.stewardship import transitions
from catalog.stewardship.states import OrderState
from catalog.stewardship.transitions import WorkOrderNotFound
from catalog.tables import ExperienceRow, RemarkRow, WorkOrderRow
from catalog.trail import Act, Detail
from standards import digests
from standards.errors import NotFound
from standards.library import Library
from standards.names import require_name
from standards.rules import Rule

_SAID_OF_THE_FIX = ("submitted", "corrected", "reviewed", "closed")
_TO_WRITE = "…"


class ExperienceLibrary:
    """What was learnt of problems, by rule."""

    def __init__(self, database: Database, library: Library, clock: Clock) -> None:
        self._database = database
        self._library = library
        self._clock = clock

    def add(self, draft: ExperienceDraft, *, by: str) -> Experience:
        """Keep an entry, or the next version of the one with its id; written again unchanged, nothing.

        Raises MalformedName, UnknownParty, WorkOrderNotFound.
        """
        require_name(draft.id, what="experience id")
        now = self._clock()
        with self._database.write() as session:
            take_turns(session, f"experience {draft.id}")
            require_member(session, by, now)
            for number in draft.orders:
                transitions.require_order(session, number)
            before = _newest(session, draft.id)
            if before is not None and ExperienceDraft.model_validate(_said(before)) == draft:
                return before
            version = 1 if before is None else before.version + 1
            kept = Experience(**draft.model_dump(), version=version, written_by=by, written_at=now)
            document = kept.model_dump(mode="json")
            session.add(
                ExperienceRow(
                    id=kept.id, version=version, rule=kept.rule, document=document, written_by=by,
                    written_at=now,
                )
            )  # fmt: skip
            session.flush()
            index.write(session, [entries.of_experience(kept)])
            detail: Detail = {"version": version, "sha256": digests.of_document(document)}
            trail.record(session, now, Act("experience-written", "experience", kept.id, by, detail))
            return kept

    def get(self, id_: str, version: int | None = None) -> Experience:
        """Return an entry, its newest version by default. Raises ExperienceNotFound."""
        with self._database.read() as session:
            if version is None:
                found = _newest(session, id_)
            else:
                row = session.get(ExperienceRow, (id_, version))
                found = None if row is None else Experience.model_validate(row.document)
        if found is None:
            what = id_ if version is None else f"{id_} version {version}"
            raise ExperienceNotFound(f"there is no experience {what}", hint="see: shuize experience list")
        return found

    def list(self, rule: str | None = None) -> tuple[Experience, ...]:
        """Return the entries, of one rule if it is given: those learnt in most orders first, then by id."""
        with self._database.read() as session:
            return of_rule(session, rule)

    def propose(self, order: int) -> ExperienceDraft:
        """Return an entry to be edited, of what was said in a closed order. Raises NothingLearnt.

        Raises WorkOrderNotFound. What its people wrote may name somebody: an entry is for everybody.
        """
        with self._database.read() as session:
            row = session.get(WorkOrderRow, order)
            if row is None:
                raise WorkOrderNotFound(f"there is no work order {order}", hint="see: shuize order list")
            if row.state != OrderState.CLOSED:
                raise NothingLearnt(
                    f"work order {order} is {row.state}", hint="propose from one that is closed"
                )
            remarks = sa.select(RemarkRow.number, RemarkRow.text).where(RemarkRow.work_order == order)
            said = {each.number: each.text for each in session.execute(remarks)}
            log = transitions.entries(session, order)
            fixes = [said[e.number] for e in log if e.act in _SAID_OF_THE_FIX and e.number in said]
            rule = row.rule
        return self._draft(order, rule, "\n".join(fixes) or _TO_WRITE)

    def _draft(self, order: int, rule: str, fix: str) -> ExperienceDraft:
        title_zh = title_en = problem_zh = problem_en = _TO_WRITE
        try:
            known = self._library.get(rule)
        except NotFound:
            known = None
        if isinstance(known, Rule):
            title_zh, title_en = known.name_zh, known.name_en
            problem_zh, problem_en = known.definition_zh, known.definition
        return ExperienceDraft(
            id=f"order-{order}", rule=rule, title_zh=title_zh, title_en=title_en, problem_zh=problem_zh,
            problem_en=problem_en, cause_zh=_TO_WRITE, cause_en=_TO_WRITE, fix_zh=fix, fix_en=fix,
            orders=(order,),
        )  # fmt: skip


def of_rule(session: Session, rule: str | None = None) -> tuple[Experience, ...]:
    """Return the newest version of each entry, of one rule if it is given, in the caller's transaction."""
    newest = sa.select(ExperienceRow.id, sa.func.max(ExperienceRow.version).label("version"))
    latest = newest.group_by(ExperienceRow.id).subquery()
    same = sa.and_(ExperienceRow.id == latest.c.id, ExperienceRow.version == latest.c.version)
    query = sa.select(ExperienceRow).join(latest, same)
    if rule is not None:
        query = query.where(ExperienceRow.rule == rule)
    found = (Experience.model_validate(row.document) for row in session.scalars(query))
    return tuple(sorted(found, key=lambda each: (-len(each.orders), each.id)))


def _newest(session: Session, id_: str) -> Experience | None:
    query = sa.select(ExperienceRow).where(ExperienceRow.id == id_)
    row = session.scalar(query.order_by(ExperienceRow.version.desc()).limit(1))
    return None if row is None else Experience.model_validate(row.document)


def _said(kept: Experience) -> dict[str, object]:
    return kept.model_dump(include=set(ExperienceDraft.model_fields))
