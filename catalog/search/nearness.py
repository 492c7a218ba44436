"""Nearness: identifiers that a mistyped one may have meant, within one or two edits."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.tables import SearchEntryRow as Row

NEIGHBOURS = 400
"""Identifiers that are compared on each side of the mistyped one, in order from the front and the back."""

SHORTEST = 5


def tolerance(identifier: str) -> int:
    """Return how many edits are forgiven: none below five characters, one below eight, else two."""
    return 0 if len(identifier) < SHORTEST else 1 if len(identifier) < 8 else 2


def distance(one: str, other: str, most: int) -> int:
    """Return how many characters to insert, delete, replace or swap with the next; most + 1 if more.

    Optimal string alignment, only within `most` of the diagonal.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    one, other = _unlike_parts(one, other)
    beyond = most + 1
    before: list[int] = []
    last = [each if each <= most else beyond for each in range(len(other) + 1)]
    for i, letter in enumerate(one, 1):
        row = [beyond] * (len(other) + 1)
        if i <= most:
            row[0] = i
        for j in range(max(1, i - most), min(len(other), i + most) + 1):
            same = letter == other[j - 1]
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (not same))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == other[j - 1]:
                best = min(best, before[j - 2] + 1)
            row[j] = min(best, beyond)
        if min(row) > most:
            return beyond
        before, last = last, row
    return last[-1]


def _unlike_parts(one: str, other: str) -> tuple[str, str]:
    """Return two texts without what they begin and end with alike: no edit is needed there."""
    shorter = min(len(one), len(other))
    begin = next((at for at in range(shorter) if one[at] != other[at]), shorter)
    one, other = one[begin:], other[begin:]
    shorter -= begin
    end = next((at for at in range(shorter) if one[-1 - at] != other[-1 - at]), shorter)
    return (one[:-end], other[:-end]) if end else (one, other)


def near(session: Session, identifier: str) -> dict[int, int]:
    """Return the ids of entries whose identifiers are near, with their distances.

    The first edit leaves what stands before it alone, and the last one what stands behind it: so a near
    identifier is a neighbour, in the order of identifiers or in the order of their reversals.
    """
    most = tolerance(identifier)
    if not most:
        return {}
    found: dict[int, int] = {}
    for id_, other in _neighbours(session, identifier):
        if id_ not in found and (steps := distance(identifier, other, most)) <= most:
            found[id_] = steps
    return found


def _neighbours(session: Session, identifier: str) -> Iterator[tuple[int, str]]:
    for column, text in ((Row.identifier, identifier), (Row.identifier_reversed, identifier[::-1])):
        query = sa.select(Row.id, Row.identifier)
        up = query.where(column >= text).order_by(column, Row.id)
        down = query.where(column < text).order_by(column.desc(), Row.id)
        for side in (up, down):
            yield from ((row.id, row.identifier) for row in session.execute(side.limit(NEIGHBOURS)))
