"""Walks over the edges that held at one moment of event time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.lineage.intervals import FOREVER
from catalog.lineage.nodes import among, chunks, table
from catalog.tables import LineageEdgeRow

NOW = FOREVER - 1
"""The moment after everything that is known."""

EVER = -1
"""Not a moment: every edge there has ever been."""

_EDGE = table(LineageEdgeRow)


class Direction(StrEnum):
    """Which way to walk: to what a node was made from, to what was made from it, or both."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"


@dataclass(frozen=True)
class Step:
    """An edge of a walk."""

    source: int
    target: int
    how: str | None = None


def holding(at: int) -> sa.ColumnElement[bool]:
    """Return the condition on edges that they held at the moment."""
    if at == EVER:
        return sa.true()
    if at == NOW:
        return _EDGE.c.valid_until == FOREVER
    return sa.and_(_EDGE.c.valid_from <= at, _EDGE.c.valid_until > at)


def closure(session: Session, starts: Collection[int], direction: Direction, at: int, most: int) -> set[int]:
    """Return all nodes that can be reached, at most so many; a start only if something leads back to it.

    `UNION` on the id alone: each node is visited once, so that cycles end.
    """
    if direction is Direction.BOTH:
        return closure(session, starts, Direction.UPSTREAM, at, most) | closure(
            session, starts, Direction.DOWNSTREAM, at, most
        )
    here, there = (
        (_EDGE.c.target, _EDGE.c.source)
        if direction is Direction.UPSTREAM
        else (_EDGE.c.source, _EDGE.c.target)
    )
    found: set[int] = set()
    for part in chunks(starts):
        first = sa.select(there.label("node")).where(among(session, here, part), holding(at))
        reached = first.cte("reached", recursive=True)
        reached = reached.union(sa.select(there).where(here == reached.c.node, holding(at)))
        found.update(session.scalars(sa.select(reached.c.node).limit(most)))
    return found


def levels(
    session: Session, starts: Collection[int], direction: Direction, at: int, depth: int, most: int
) -> dict[int, int]:
    """Return each node reached with its distance, starts with 0; level by level, at most so many nodes."""
    found = dict.fromkeys(starts, 0)
    frontier = set(starts)
    for distance in range(1, depth + 1):
        reached = {
            end for step in steps(session, frontier, direction, at) for end in (step.source, step.target)
        }
        frontier = reached - found.keys()
        found |= dict.fromkeys(frontier, distance)
        if not frontier or len(found) >= most:
            break
    return found


def steps(session: Session, ends: Collection[int], direction: Direction, at: int) -> Iterable[Step]:
    """Yield the edges that begin (downstream) or end (upstream) at these nodes."""
    sides = {
        Direction.UPSTREAM: (_EDGE.c.target,),
        Direction.DOWNSTREAM: (_EDGE.c.source,),
        Direction.BOTH: (_EDGE.c.target, _EDGE.c.source),
    }[direction]
    for part in chunks(ends):
        each = (
            sa.select(_EDGE.c.source, _EDGE.c.target, _EDGE.c.how).where(
                among(session, side, part), holding(at)
            )
            for side in sides
        )
        for source, target, how in session.execute(sa.union_all(*each)).all():
            yield Step(source, target, how)
