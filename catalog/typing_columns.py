"""From text to typed values: what counts as a value of a type, said once, in SQL.

Text that is no value of its type is never dropped: it is counted and shown with its row number.
"""

from __future__ import annotations

from catalog.engine import literal, quoted
from catalog.table_types import sql_type
from standards.data_elements import DataElement, DataType

_WHOLE = r"[+-]?\d+(\.0+)?"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_WITH_OFFSET = r":\d{2}(?:\.\d+)?\s*(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"
_DATES = "['%Y-%m-%d', '%Y/%m/%d', '%Y%m%d', '%Y-%m-%dT00:00:00', '%Y-%m-%d 00:00:00', '%Y年%m月%d日']"
_LOCAL_TIMES = (
    "['%Y-%m-%dT%H:%M:%S', '%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M', '%Y-%m-%d %H:%M', "
    "'%Y-%m-%dT%H:%M:%S.%f', '%Y-%m-%d %H:%M:%S.%f', "
    "'%Y/%m/%d %H:%M:%S', '%Y/%m/%d %H:%M', '%Y%m%d%H%M%S', '%Y-%m-%d']"
)


def typed(column: str, element: DataElement, time_zone: str | None) -> str:
    """Return the SQL of the typed value of a text column: null where the text is no value of the type.

    Decimals are rounded half away from zero to the element's scale; see `is_rounded`.
    """
    text = f"trim({quoted(column)})"
    match element.type:
        case DataType.TEXT:
            return quoted(column)
        case DataType.INTEGER:
            exact = f"TRY_CAST(TRY_CAST({text} AS DECIMAL(38, 6)) AS BIGINT)"
            return f"CASE WHEN regexp_full_match({text}, {literal(_WHOLE)}) THEN {exact} END"
        case DataType.DECIMAL:
            return f"CASE WHEN {_is_number(text)} THEN TRY_CAST({text} AS {sql_type(element)}) END"
        case DataType.BOOLEAN:
            return (
                f"CASE WHEN lower({text}) IN ('true', 't', '1', 'yes', 'y', '是') THEN true "
                f"WHEN lower({text}) IN ('false', 'f', '0', 'no', 'n', '否') THEN false END"
            )
        case DataType.DATE:
            return f"CAST(try_strptime({text}, {_DATES}) AS DATE)"
        case DataType.TIMESTAMP:
            return _instant(text, time_zone)


def is_rounded(column: str, element: DataElement) -> str:
    """Return the SQL that tells whether typing dropped decimals beyond the element's scale."""
    if element.type is not DataType.DECIMAL:
        return "false"
    text = f"trim({quoted(column)})"
    fine = f"TRY_CAST({text} AS DECIMAL(38, {min((element.scale or 0) + 10, 30)}))"
    return f"coalesce({_is_number(text)} AND {fine} != TRY_CAST({text} AS {sql_type(element)}), false)"


def expectation(element: DataElement, time_zone: str | None) -> str:
    """Return, for people, what a value of the element looks like."""
    match element.type:
        case DataType.TEXT:
            return "text"
        case DataType.INTEGER:
            return "a whole number such as 1250"
        case DataType.DECIMAL:
            whole = (element.precision or 0) - (element.scale or 0)
            return f"a plain number such as 12.5, at most {whole} digits before the point"
        case DataType.BOOLEAN:
            return "true or false"
        case DataType.DATE:
            return "a date such as 2021-03-28"
        case DataType.TIMESTAMP:
            if time_zone:
                return f"a time such as 2021-03-28 01:00:00, read as {time_zone}"
            return (
                "a time with UTC offset such as 2021-03-28T01:00:00+01:00 (or declare the field's time_zone)"
            )


def _is_number(text: str) -> str:
    return f"regexp_full_match({text}, {literal(_NUMBER)})"


def _instant(text: str, time_zone: str | None) -> str:
    stated = f"TRY_CAST({text} AS TIMESTAMPTZ)"
    local = f"try_strptime({text}, {_LOCAL_TIMES})"
    has_offset = f"regexp_matches({text}, {literal(_WITH_OFFSET)})"
    otherwise = f"timezone({literal(time_zone)}, {local})" if time_zone else "NULL"
    return f"CASE WHEN {has_offset} THEN {stated} ELSE {otherwise} END"
