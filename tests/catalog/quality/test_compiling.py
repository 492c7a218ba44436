"""Every rule of the library is bound to the datasets of a utility, compiled, and run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import duckdb
import pytest

from catalog.engine import quoted
from catalog.quality.binding import Shape, bind
from catalog.quality.compiling.kinds import COMPILERS
from catalog.quality.compiling.sheet import ROWS, Sheet
from catalog.quality.compiling.values import ADDRESS_PARTS
from catalog.quality.running import BY_QUERY, judge
from catalog.quality.wholes import WHOLES
from catalog.table_types import sql_type
from standards.checks import KINDS, CheckFamily
from standards.checks import settings as forms
from standards.data_elements import DataType
from standards.rules import NullMeaning, Rule
from tests.catalog.quality.judging import LIBRARY, TODAY

RULES = tuple(each for each in LIBRARY.documents() if isinstance(each, Rule))
RULES_BY_ROW = tuple(each for each in RULES if each.check in COMPILERS)
NOT_BY_ROW = {"complete-period", "reconciles", "recent"}
"""Coverage that is decided by other means than row by row."""

KEYS = {
    "account_card": "number", "area": "code", "asset": "number", "bill": "number", "contract": "number",
    "customer": "number", "district": "code", "meter": "number", "meter_book": "number",
    "organisation": "code", "tariff": "code", "terminal": "number",
}  # fmt: skip

_SOME = {
    DataType.TEXT: ("'1'", "'POLYGON((0 0, 1 1, 1 0, 0 1))'"),
    DataType.INTEGER: ("0", "20"),
    DataType.DECIMAL: ("0", "1.5"),
    DataType.BOOLEAN: ("true", "false"),
    DataType.DATE: ("'2021-02-28'", "'2026-11-22'"),
    DataType.TIMESTAMP: ("'2021-02-28T23:59:59Z'", "'2026-11-22T00:00:00Z'"),
}


def shapes() -> dict[str, Shape]:
    """Return one dataset for each business object, with all of its data elements."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for element in LIBRARY.elements():
        name, _, field = element.id.partition(".")
        found[name][element.id] = field
    keys = {name: (key,) for name, key in KEYS.items()}
    return {name: Shape(name, fields, keys.get(name, ())) for name, fields in found.items()}


SHAPES = shapes()


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection with a table for each dataset, typed as its elements say: one row of nulls."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for shape in SHAPES.values():
            columns = [
                f"{quoted(field)} {sql_type(LIBRARY.element(element))}"
                for element, field in shape.fields.items()
            ]
            connection.execute(f"CREATE TABLE {quoted(shape.name)} ({', '.join(columns)})")
            connection.execute(
                f"INSERT INTO {quoted(shape.name)} VALUES ({', '.join(['NULL'] * len(columns))})"
            )
        yield connection


def by_row() -> list[str]:
    """Return the objects that rules are about which are judged row by row."""
    return sorted({each.scope[0].partition(".")[0] for each in RULES_BY_ROW})


def test_every_check_is_carried_out_by_one_room_of_the_engine() -> None:
    rooms = [set(COMPILERS), set(BY_QUERY), set(WHOLES)]
    assert set.union(*rooms) == set(KINDS)
    assert sum(map(len, rooms)) == len(KINDS)
    assert set(WHOLES) == {name for name, kind in KINDS.items() if kind.family is CheckFamily.DATASET}


@pytest.mark.parametrize("name", by_row())
def test_every_rule_about_an_object_is_bound_compiled_and_run(
    connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    others = [shape for shape in SHAPES.values() if shape.name != name]
    binding = bind(SHAPES[name], others, RULES_BY_ROW, LIBRARY)
    assert [(each.rule.id, each.reason) for each in binding.left_out] == []
    connection.execute(f'CREATE OR REPLACE VIEW {ROWS} AS SELECT *, 0 AS "#row" FROM {quoted(name)}')
    found = judge(connection, binding.rules, Sheet(LIBRARY, TODAY, binding.beside))
    expected = [rule.id for rule in RULES_BY_ROW if rule.scope[0].startswith(f"{name}.")]
    assert [each.rule.id for each in found] == expected
    # what is not there fails the rules that say so, and no others; a condition on it is not met
    failing = {each.rule.id for each in found if each.total.failing}
    strict = [each for each in RULES_BY_ROW if each.null_means is NullMeaning.FAILS and each.where is None]
    assert failing == {each.id for each in strict if each.id in expected and each.check != "all-or-none"}


def test_every_rule_runs_over_rows_that_hold_something(connection: duckdb.DuckDBPyConnection) -> None:
    """The same value in every field of a type: nonsense, which must be judged without an error."""
    for name in by_row():
        others = [shape for shape in SHAPES.values() if shape.name != name]
        binding = bind(SHAPES[name], others, RULES_BY_ROW, LIBRARY)
        elements = [LIBRARY.element(element) for element in SHAPES[name].fields]
        for place in range(2):
            values = ", ".join(f"{_SOME[each.type][place]}::{sql_type(each)}" for each in elements)
            connection.execute(f"INSERT INTO {quoted(name)} VALUES ({values})")
        numbered = f'SELECT *, row_number() OVER () - 1 AS "#row" FROM {quoted(name)}'
        connection.execute(f"CREATE OR REPLACE VIEW {ROWS} AS {numbered}")
        for each in judge(connection, binding.rules, Sheet(LIBRARY, TODAY, binding.beside)):
            assert 0 <= each.total.failing <= each.total.judged <= 3, each.rule.id


def test_what_is_not_judged_by_row_is_known() -> None:
    whole = {name for name, kind in KINDS.items() if kind.family is CheckFamily.DATASET}
    assert set(KINDS) - set(COMPILERS) == whole | NOT_BY_ROW


def test_the_parts_of_an_address_are_those_that_a_rule_may_ask_for() -> None:
    assert tuple(ADDRESS_PARTS) == forms.ADDRESS_PARTS


def test_every_object_that_is_referred_to_has_a_key_here() -> None:
    cited = {each.refers_to for each in LIBRARY.elements() if each.refers_to}
    assert cited <= {f"{name}.{key}" for name, key in KEYS.items()}


def test_a_condition_two_references_away_is_kept_by_a_check_of_groups(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """The groups are found by a query of its own: it must see the same rows as the scan around it."""
    rule = next(each for each in RULES if each.id == "q160-picture-used-once")
    asked = Rule.model_validate(rule.model_dump() | {"where": "customer.type in 11"})
    connection.execute("DELETE FROM reading; DELETE FROM account_card; DELETE FROM customer")
    connection.execute("INSERT INTO customer (number, type) VALUES ('home', '11'), ('firm', '21')")
    cards = "('a', 'home'), ('b', 'firm'), ('c', 'home')"
    connection.execute(f"INSERT INTO account_card (number, customer_number) VALUES {cards}")
    rows = "('a', 'one'), ('b', 'one'), ('a', 'two'), ('c', 'two'), ('b', 'two')"
    connection.execute(f"INSERT INTO reading (account_number, picture) VALUES {rows}")
    connection.execute(
        f'CREATE OR REPLACE VIEW {ROWS} AS SELECT *, row_number() OVER () - 1 AS "#row" FROM reading'
    )
    others = [SHAPES["account_card"], SHAPES["customer"]]
    binding = bind(SHAPES["reading"], others, [asked], LIBRARY)
    (found,) = judge(connection, binding.rules, Sheet(LIBRARY, TODAY, binding.beside))
    assert (found.total.judged, list(found.rows)) == (3, [2, 3])  # 0 shares its picture with a firm only
