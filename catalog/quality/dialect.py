"""Rules' SQL for Spark: read as DuckDB's, every function checked, the few that differ put in Spark's words.

Raw translation leaves some functions as they are, silently; here whatever is not known to mean the same on
both engines is refused.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.spark import Spark

from catalog.quality.compiling import functions
from standards.errors import ShuizeError


class NotTranslatable(ShuizeError):
    """A statement holds something that Spark is not known to answer as DuckDB does."""

    code = "not-translatable"


class _Spark(Spark):
    """Spark's words, and whole numbers divided as such: the usual way round goes through DOUBLE."""

    class Generator(Spark.Generator):  # type: ignore[misc, valid-type]  # made by a metaclass
        TRANSFORMS: ClassVar[dict[Any, Any]] = {
            **Spark.Generator.TRANSFORMS,
            exp.IntDiv: lambda self, node: self.binary(node, "DIV"),
        }


def for_spark(statement: str) -> str:
    """Return a statement that DuckDB understands in Spark's SQL. Raises NotTranslatable."""
    tree = sqlglot.parse_one(statement, read="duckdb")
    for node in tree.walk():
        if isinstance(node, exp.Func) and not functions.is_known(node):
            raise NotTranslatable(
                f"the function {functions.name(node)} has no known equal in Spark",
                hint="write the rule without it, or add it to functions.py with a test on both engines",
            )
    return tree.transform(_in_spark).sql(dialect=_Spark)


def _in_spark(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Anonymous) and functions.name(node) == "regexp_full_match":
        return _full_match(*node.expressions)
    if isinstance(node, exp.RegexpFullMatch):
        return _full_match(node.this, node.expression)
    if isinstance(node, exp.RegexpReplace):  # Spark replaces every match
        put = node.args["replacement"]
        return exp.RegexpReplace(this=node.this, expression=node.expression, replacement=put)
    return node


def _full_match(text: exp.Expression, pattern: exp.Expression) -> exp.Expression:
    whole = exp.Literal.string(rf"\A(?:{pattern.name})\z")
    return exp.RegexpLike(this=text, expression=whole)
