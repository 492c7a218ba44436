"""Numbers of persons amid other words, as in a remark: in how many rows, and whether chance would do it.

A long number is many things. One of a text counts only where it stands by itself, no part of a longer number
or a code; and a column counts only where its numbers are more like people's than like any others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import duckdb

from catalog.engine import one_row
from catalog.sensing import checks
from catalog.sensing.models import SensitiveKind

LEAST_SHARE: Final = 0.001
"""One row in a thousand: a code that stands in fewer is a stray value, for quality rules to find."""
LEAST_RATIO: Final = 0.5
_FEWEST_NUMBERS, _MOST_PREFIXES = 5, 8


@dataclass(frozen=True)
class Written:
    """A kind that stands within texts: in how many rows; `values` are its numbers, taken out of the texts."""

    kind: SensitiveKind
    count: int
    values: str
    condition: str = "true"


def written_within(connection: duckdb.DuckDBPyConnection, values: str, rows: int) -> Iterator[Written]:
    """Yield resident identity numbers and mobile numbers if some stand amid other words.

    `values` is a table expression with the columns `v` and `n`, the rows that have the value.
    """
    yield from _resident_ids(connection, values, rows)
    yield from _mobiles(connection, values, rows)


def _resident_ids(connection: duckdb.DuckDBPyConnection, values: str, rows: int) -> Iterator[Written]:
    """A date, a province and a check digit stand in it, so one value will do."""
    within, valid_one = checks.resident_id_within("v"), checks.is_resident_id("v")
    held = f"SELECT {within} AS held, n, strlen(v) > 18 AS longer FROM {values} WHERE strlen(v) >= 18"
    numbers = f"(SELECT held AS v, n, longer FROM ({held}) WHERE held <> '')"
    shaped, valid, longer = one_row(
        connection,
        f"SELECT coalesce(sum(n), 0)::BIGINT, coalesce(sum(n) FILTER ({valid_one}), 0)::BIGINT, "
        f"coalesce(bool_or(longer AND {valid_one}), false) FROM {numbers}",
    )
    if longer and valid >= max(1, LEAST_SHARE * rows) and valid >= LEAST_RATIO * shaped:
        yield Written(SensitiveKind.RESIDENT_ID, valid, numbers, valid_one)


def _mobiles(connection: duckdb.DuckDBPyConnection, values: str, rows: int) -> Iterator[Written]:
    """They have no check digit: one number of eleven digits in twenty looks like one.

    So either words announce them (电话, call), or at least half of the texts with such a number hold one that
    looks like a mobile number, and their prefixes vary as among people, and they are no customer numbers.
    """
    held = f"SELECT v, n, {checks.mobile_within('v')} AS held FROM {values} WHERE strlen(v) >= 11"
    texts = f"(SELECT held AS v, n, v AS said FROM ({held}) WHERE held <> '')"
    least = max(1, LEAST_SHARE * rows)
    count, amid, cued, numbers, prefixes, customers = one_row(
        connection,
        f"SELECT coalesce(sum(n), 0)::BIGINT, coalesce(sum(n) FILTER (said <> v), 0)::BIGINT, "
        f"coalesce(sum(n) FILTER ({checks.has_cued_mobile('said')}), 0)::BIGINT, count(DISTINCT v), "
        f"count(DISTINCT {checks.mobile_prefix('v')}), "
        f"coalesce(sum(n) FILTER ({checks.is_customer_number('v')}), 0)::BIGINT FROM {texts}",
    )
    if amid < least:
        return
    elevens = one_row(
        connection,
        f"SELECT coalesce(sum(n), 0)::BIGINT FROM {values} WHERE strlen(v) >= 11 "
        f"AND {checks.has_eleven_digits('v')}",
    )[0]
    varied = numbers >= _FEWEST_NUMBERS and prefixes >= min(_MOST_PREFIXES, numbers // 3 + 1)
    if varied and count >= LEAST_RATIO * elevens and customers < 0.9 * count:
        yield Written(SensitiveKind.MOBILE, count, texts)
    elif cued >= least:
        yield Written(SensitiveKind.MOBILE, cued, texts, checks.has_cued_mobile("said"))
