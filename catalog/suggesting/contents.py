"""Do a column's values fit a data element: its type, its pattern, its codes, its bounds?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from catalog.engine import literal, one_row, quoted
from catalog.loading.typing_columns import typed
from catalog.sensing import checks, words
from catalog.sensing.detecting import Asked, detect_in
from catalog.sensing.models import Sensed
from standards.data_elements import DataElement, DataType
from standards.library import Library

LOOKED_AT: Final = 100_000
"""Rows at the head of the file that are looked at."""
_ZONE: Final = "Asia/Shanghai"
"""Where local times are taken to be from, until a person says otherwise."""


@dataclass(frozen=True)
class Column:
    """A text column of a sample, and what was seen in it; shares are of values that are not blank."""

    name: str
    values: int
    distinct: int
    sensed: tuple[Sensed, ...]
    customer_numbers: float


@dataclass(frozen=True)
class Fit:
    """The share of values that are of an element's type, and that also keep to its pattern, codes and bounds.

    `says` how much that counts: much for codes of a list, nothing where nearly any text would fit.
    """

    typed: float
    share: float
    says: float


class Sample:
    """The head of a file, as a table of text columns on a connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: str, library: Library) -> None:
        self._connection = connection
        self._library = library
        connection.execute(f"CREATE TEMP TABLE sample AS SELECT * FROM {source} LIMIT {LOOKED_AT}")

    def column(self, name: str) -> Column:
        """Return what a column holds."""
        numbers, values, distinct = one_row(
            self._connection,
            f"SELECT count(*) FILTER ({checks.is_customer_number('v')}), count(v), count(DISTINCT v) "
            f"FROM {self._values(name)}",
        )
        sensed = tuple(detect_in(self._connection, self._values(name), Asked(name, words.hints(name))))
        return Column(name, values, distinct, sensed, numbers / values if values else 0.0)

    def fits(self, name: str, elements: Sequence[DataElement]) -> dict[str, Fit]:
        """Return how well a column fits each element; none for a column without values."""
        conditions = [condition for element in elements for condition in self._fitting(name, element)]
        counted = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions)
        if not counted:
            return {}
        blank = f"trim({quoted(name)}) = ''"
        values, *found = one_row(
            self._connection,
            f"SELECT count(*), {counted} FROM sample WHERE {quoted(name)} IS NOT NULL AND NOT ({blank})",
        )
        if not values:
            return {}
        return {
            element.id: Fit(found[2 * i] / values, found[2 * i + 1] / values, _says(element))
            for i, element in enumerate(elements)
        }

    def needs_zone(self, name: str, element: DataElement) -> bool:
        """Tell whether most values are local times, which only a declared zone makes instants."""
        if element.type is not DataType.TIMESTAMP:
            return False
        local, stated = (typed(name, element, zone) for zone in (_ZONE, None))
        with_zone, without = one_row(
            self._connection,
            f"SELECT count(*) FILTER (({local}) IS NOT NULL), count(*) FILTER (({stated}) IS NOT NULL) "
            "FROM sample",
        )
        return bool(with_zone > 2 * without)

    def _values(self, name: str) -> str:
        return f"(SELECT nullif(trim({quoted(name)}), '') AS v FROM sample)"

    def _fitting(self, name: str, element: DataElement) -> tuple[str, str]:
        """Return the conditions of being of the element's type, and of fitting it whole."""
        value = typed(name, element, _ZONE if element.type is DataType.TIMESTAMP else None)
        parts = [f"({value}) IS NOT NULL"]
        if element.max_length is not None:
            parts.append(f"length(({value})) <= {element.max_length}")
        if element.pattern is not None:
            parts.append(f"regexp_full_match(({value}), {literal(element.pattern)})")
        if element.code_list is not None:
            codes = self._library.code_list(element.code_list).codes
            listed = ", ".join(literal(c.code) for c in codes if element.code_level in (None, c.level))
            parts.append(f"CAST(({value}) AS VARCHAR) IN ({listed})")
        for sign, bound in ((">=", element.minimum), ("<=", element.maximum)):
            if bound is not None:
                parts.append(f"({value}) {sign} {bound:f}")
        return parts[0], " AND ".join(parts)


def _says(element: DataElement) -> float:
    if element.code_list is not None:
        return 0.25
    return 0.15 if element.pattern is not None or element.type is not DataType.TEXT else 0.0
