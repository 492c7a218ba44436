"""The functions that rules may use: those that both engines have and answer alike."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

KNOWN: Final = frozenset(
    {
        "abs", "and", "array_agg", "avg", "between", "case", "cast", "ceil", "coalesce", "concat",
        "cos", "count", "datediff", "day", "extract", "floor", "greatest", "hour", "if", "instr",
        "lag", "least", "left", "length", "list", "lower", "lpad", "max", "min", "month", "nullif",
        "or", "pad", "regexp_full_match", "regexp_like", "regexp_matches", "regexp_replace", "replace",
        "right", "round", "row_number", "str_position", "substr", "substring", "sum", "translate",
        "trim", "try_cast", "upper", "xor", "year",
    }
)  # fmt: skip


def name(node: exp.Func) -> str:
    """Return a function's name as it is written."""
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    return node.sql_name().lower()


def is_known(node: exp.Func) -> bool:
    """Say whether rules may use a function."""
    return name(node) in KNOWN
