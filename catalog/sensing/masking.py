"""Examples that show what a field holds and nobody's value.

A mask keeps at most what groups of people share (a prefix, a surname, a city), and is shown only if at least
FEWEST different values have it; else everything is starred. So no example can be led back to one value.
"""

from __future__ import annotations

from typing import Final

import duckdb

from catalog.engine import literal
from catalog.sensing import words
from catalog.sensing.models import SensitiveKind
from standards.security import ReleaseModel

FEWEST: Final = ReleaseModel.CONTROLLED.k
SHOWN: Final = 3
_LOOKED_AT: Final = 100_000

_KEPT: Final = {SensitiveKind.RESIDENT_ID: 4, SensitiveKind.CREDIT_CODE: 2, SensitiveKind.BANK_CARD: 6}
_LENGTHS: Final = {
    SensitiveKind.RESIDENT_ID: 18, SensitiveKind.CREDIT_CODE: 18, SensitiveKind.ORGANISATION_CODE: 9,
    SensitiveKind.BANK_CARD: 16, SensitiveKind.MOBILE: 11, SensitiveKind.LANDLINE: 11,
    SensitiveKind.EMAIL: 12, SensitiveKind.PERSON_NAME: 3, SensitiveKind.ADDRESS: 12,
}  # fmt: skip


def examples(
    connection: duckdb.DuckDBPyConnection, values: str, kind: SensitiveKind, condition: str
) -> tuple[str, ...]:
    """Return the commonest masks of the values for which the condition on `v` holds.

    `values` is a table expression with the columns `v` and `n`, the rows that have the value; its first
    100,000 that fit are looked at.
    """
    found = connection.execute(
        f"SELECT {_mask(kind)} AS mask FROM (SELECT v, n FROM {values} WHERE {condition} LIMIT {_LOOKED_AT}) "
        f"GROUP BY mask HAVING count(DISTINCT v) >= {FEWEST} ORDER BY sum(n) DESC, mask LIMIT {SHOWN}"
    ).fetchall()
    return tuple(row[0] for row in found) or ("*" * _LENGTHS[kind],)


def _mask(kind: SensitiveKind) -> str:
    match kind:
        case SensitiveKind.PERSON_NAME:
            return f"CASE WHEN contains(v, '·') THEN '***' ELSE {words.surname('v')} || '**' END"
        case SensitiveKind.ADDRESS:
            return f"{words.region('v')} || '***'"
        case SensitiveKind.EMAIL:
            return "'***' || substr(v, strpos(v, '@'))"
        case SensitiveKind.MOBILE:
            return r"regexp_extract(v, '(1[0-9]{2})[- ]?[0-9]{4}[- ]?[0-9]{4}$', 1) || '********'"
        case SensitiveKind.LANDLINE | SensitiveKind.ORGANISATION_CODE:
            return literal("*" * _LENGTHS[kind])
        case _:
            kept = _KEPT[kind]
            return f"left(v, {kept}) || repeat('*', length(v) - {kept})"
