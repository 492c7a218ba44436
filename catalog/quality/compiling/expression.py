"""A rule's own SQL: read by a parser, and refused unless it is one condition over the row's fields."""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from catalog.quality.compiling import functions
from standards.errors import InvalidInput

_HINT = (
    "write one condition over the fields of the scope, for example: register_m3 >= previous_m3 OR is_swapped"
)
_FORBIDDEN = (
    exp.Query, exp.Subquery, exp.Table, exp.Window, exp.AggFunc, exp.Star, exp.Placeholder, exp.Parameter,
    exp.Lambda, exp.Command, exp.DDL, exp.DML,
)  # fmt: skip
_CONDITIONS = (
    exp.Predicate, exp.And, exp.Or, exp.Not, exp.Boolean, exp.Between, exp.In, exp.Is, exp.RegexpLike,
)  # fmt: skip


class MalformedExpression(InvalidInput):
    """A rule's SQL is no condition over the fields of its dataset."""

    code = "malformed-rule-expression"


def parsed(text: str, columns: Mapping[str, str], rule: str) -> str:
    """Return the expression with each field put as the SQL of `columns`.

    Raises MalformedExpression for what is no condition, names an unknown field or function, or reads
    anything beside the row: decided on the parsed tree, not on the text.
    """
    tree = _tree(text, rule)
    for node in tree.walk():
        if isinstance(node, _FORBIDDEN):
            raise _refused(rule, f"{node.sql('duckdb')!r} reads more than the row", text)
        if isinstance(node, exp.Column):
            _require_field(node, columns, rule, text)
        if isinstance(node, exp.Func) and not functions.is_known(node):
            raise _refused(
                rule, f"the function {functions.name(node)} is not among those that may be used", text
            )
    if not _is_condition(tree):
        raise _refused(rule, "it is a value, not a condition that is true or false", text)
    put = tree.transform(lambda node: _put(node, columns))
    return put.sql("duckdb")


def _tree(text: str, rule: str) -> exp.Expr:
    try:
        trees = sqlglot.parse(text, read="duckdb")
    except SqlglotError as error:
        first = str(error).splitlines()[0]
        raise MalformedExpression(f"rule {rule}: {text!r} is no SQL: {first}", hint=_HINT) from error
    if len(trees) != 1 or trees[0] is None:
        raise _refused(rule, "it is not one expression", text)
    return trees[0]


def _require_field(node: exp.Column, columns: Mapping[str, str], rule: str, text: str) -> None:
    if _named(node) not in columns:
        known = ", ".join(columns)
        raise _refused(rule, f"{node.sql('duckdb')!r} is none of the fields of its scope: {known}", text)


def _named(node: exp.Column) -> str:
    """Return a field's name, or the id of a data element: `read_on`, `reading.read_on`."""
    return ".".join(part.name for part in node.parts)


def _put(node: exp.Expression, columns: Mapping[str, str]) -> exp.Expression:
    if isinstance(node, exp.Column):
        return exp.maybe_parse(columns[_named(node)], dialect="duckdb")
    if isinstance(node, exp.Div | exp.IntDiv | exp.Mod):  # engines differ: an error, infinity or nothing
        node.set("expression", exp.func("nullif", node.expression, exp.Literal.number(0)))
    return node


def _is_condition(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren):
        return _is_condition(node.this)
    if isinstance(node, (exp.And, exp.Or)):
        return _is_condition(node.left) and _is_condition(node.right)
    if isinstance(node, exp.Not):
        return _is_condition(node.this)
    return isinstance(node, (*_CONDITIONS, exp.Column))


def _refused(rule: str, what: str, text: str) -> MalformedExpression:
    return MalformedExpression(f"rule {rule}: in {text!r} {what}", hint=_HINT)
