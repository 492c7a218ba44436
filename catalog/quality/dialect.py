"""Rules' SQL for Spark: read as DuckDB's, every function checked, the few that differ put in Spark's words.

Raw translation leaves some functions as they are, silently; here whatever is not known to mean the same on
both engines is refused.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.spark import Spark

from catalog.quality.compiling import functions
from standards.errors import ShuizeError

_JAVA = "java"
"""The mark of a pattern that is in Java's words already."""
_DOLLAR = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", re.DOTALL)
"""What is escaped, a class of characters, or a dollar sign that is neither."""
_BLANKS = " \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
"""The blanks that DuckDB trims: Unicode's separators of words. Spark would trim the first one alone."""


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
    for node in reversed(list(tree.walk(bfs=False))):  # what is inside of another first
        put = _in_spark(node)
        if put is not node:
            tree = put if node is tree else tree
            node.replace(put)
    return tree.sql(dialect=_Spark)


def _in_spark(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and functions.name(node) == "regexp_full_match":
        return _full_match(*node.expressions)
    if isinstance(node, exp.RegexpFullMatch):
        return _full_match(node.this, node.expression)
    if isinstance(node, exp.RegexpReplace):  # Spark replaces every match
        put = node.args["replacement"]
        return exp.RegexpReplace(this=node.this, expression=_java(node.expression), replacement=put)
    if isinstance(node, exp.RegexpLike) and not node.expression.meta.get(_JAVA):
        return exp.RegexpLike(this=node.this, expression=_java(node.expression))
    if isinstance(node, exp.Trim) and node.expression is None:
        return exp.Trim(this=node.this, expression=exp.Literal.string(_BLANKS), position="BOTH")
    return node


def _java(pattern: exp.Expr) -> exp.Expr:
    """Return a pattern of RE2 in Java's words: only a line feed ends a line, and `$` is the very end."""
    if not isinstance(pattern, exp.Literal):
        raise NotTranslatable(
            f"the pattern {pattern.sql('duckdb')} is no constant",
            hint="write the pattern itself into the rule",
        )
    found = exp.Literal.string("(?d)" + _DOLLAR.sub(lambda m: m[0] if m[0] != "$" else r"\z", pattern.name))
    found.meta[_JAVA] = True
    return found


def _full_match(text: exp.Expr, pattern: exp.Expr) -> exp.Expr:
    whole = exp.Literal.string(rf"\A(?:{pattern.name})\z")
    return exp.RegexpLike(this=text, expression=_java(whole))
