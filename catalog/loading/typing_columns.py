"""From text to typed values: what counts as a value of a type, said once, in SQL.

Text that is no value of its type is never dropped: it is counted and shown with its row number.
"""

from __future__ import annotations

from catalog.engine import literal, quoted
from catalog.table_types import sql_type
from standards.data_elements import DataElement, DataType

BLANKS = " \t\r\n\v\f\u00a0\u3000\ufeff"  # the last two: the ideographic space, a stray byte order mark
_WHOLE = r"[+-]?\d+(\.0+)?"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_DAY = r"\d{4}(-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})"
_MIDNIGHT = r"[T ]0?0:00(:00(\.0+)?)?"
_HOUR = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?"
_OFFSET = r"(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)"


def typed(column: str, element: DataElement, time_zone: str | None) -> str:
    """Return the SQL of the typed value of a text column: null where the text is no value of the type.

    Text is kept as it stands, blank text is missing. Decimals are rounded half away from zero to the
    element's scale, instants cut to microseconds; see `is_rounded`. A local time that occurs twice, when
    clocks go back, is the later one; one that clocks skip is no value.
    """
    text = _trimmed(column)
    match element.type:
        case DataType.TEXT:
            return f"CASE WHEN {text} != '' AND NOT contains({text}, chr(0)) THEN {quoted(column)} END"
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
            return _date(text)
        case DataType.TIMESTAMP:
            return _instant(text, time_zone)


def is_wrong(column: str, element: DataElement, time_zone: str | None) -> str:
    """Return the SQL that tells whether there is text that is no value of the type."""
    return f"({_trimmed(column)} != '' AND ({typed(column, element, time_zone)}) IS NULL)"


def is_rounded(column: str, element: DataElement) -> str:
    """Return the SQL that tells whether typing dropped digits beyond the element's scale."""
    text = _trimmed(column)
    if element.type is DataType.TIMESTAMP:
        return rf"coalesce(regexp_matches({text}, '\.\d{{6}}0*[1-9]'), false)"
    if element.type is not DataType.DECIMAL:
        return "false"
    digits = rf"\.\d{{{element.scale or 0}}}0*[1-9]"
    fine = f"TRY_CAST({text} AS DECIMAL(38, {min((element.scale or 0) + 10, 30)}))"
    return (
        f"coalesce(CASE WHEN NOT {_is_number(text)} THEN false "
        f"WHEN contains(lower({text}), 'e') THEN {fine} != TRY_CAST({text} AS {sql_type(element)}) "
        f"ELSE regexp_matches({text}, {literal(digits)}) END, false)"
    )


def expectation(element: DataElement, time_zone: str | None) -> str:
    """Return, for people, what a value of the element looks like."""
    match element.type:
        case DataType.TEXT:
            return "text: it holds a NUL character"
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
                return f"a time such as 2021-03-28 01:00:00 that exists in {time_zone}"
            return (
                "a time with UTC offset such as 2021-03-28T01:00:00+01:00 (or declare the field's time_zone)"
            )


def _is_number(text: str) -> str:
    return f"regexp_full_match({text}, {literal(_NUMBER)})"


def _trimmed(column: str) -> str:
    return f"trim({quoted(column)}, {literal(BLANKS)})"


def _date(text: str) -> str:
    day = f"regexp_extract({text}, {literal(_DAY)})"
    return (
        f"CASE WHEN regexp_full_match({text}, {literal(_DAY + '(' + _MIDNIGHT + ')?')}) "
        f"THEN TRY_CAST({day} AS DATE) "
        rf"WHEN regexp_full_match({text}, '\d{{8}}') THEN CAST(try_strptime({text}, '%Y%m%d') AS DATE) "
        rf"WHEN regexp_full_match({text}, '\d{{4}}年\d{{1,2}}月\d{{1,2}}日') "
        f"THEN CAST(try_strptime({text}, '%Y年%m月%d日') AS DATE) END"
    )


def _instant(text: str, time_zone: str | None) -> str:
    stated = literal(_DAY + "[T ]" + _HOUR + r"\s*" + _OFFSET)
    close = rf"regexp_replace(upper({text}), '\s+(Z|[+-])', '\1')"
    found = f"WHEN regexp_full_match(upper({text}), {stated}) THEN TRY_CAST({close} AS TIMESTAMPTZ)"
    if time_zone is None:
        return f"CASE {found} END"
    zone, local = literal(time_zone), literal(_DAY + "([T ]" + _HOUR + ")?")
    plain, packed = f"TRY_CAST({text} AS TIMESTAMP)", f"try_strptime({text}, '%Y%m%d%H%M%S')"
    return (
        f"CASE {found} WHEN regexp_full_match({text}, {local}) THEN {_existing(plain, zone)} "
        rf"WHEN regexp_full_match({text}, '\d{{14}}') THEN {_existing(packed, zone)} END"
    )


def _existing(local: str, zone: str) -> str:
    """Return the SQL of the instant of a local time, null for one that clocks going forward skip."""
    instant = f"timezone({zone}, {local})"
    return f"CASE WHEN timezone({zone}, {instant}) = {local} THEN {instant} END"
