"""Reports of figures, as JSON, a page or a workbook by Accept; for the people of the utility alone."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.problems import documented
from api.reports.page import page, style
from api.reports.workbook import workbook
from api.routes.accepting import preferred
from api.routes.asking import Member, Wired
from api.routes.pages import policy_of_style
from catalog.figures import PeriodKind, StewardshipReport

router = APIRouter(prefix="/reports", tags=["reports"])


class Form(StrEnum):
    """The forms of a report."""

    JSON = "json"
    HTML = "html"
    EXCEL = "xlsx"


_MEDIA_TYPES = {
    Form.JSON: ("application/json",),
    Form.HTML: ("text/html",),
    Form.EXCEL: ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
}
_ANSWERS: dict[int | str, dict[str, Any]] = documented(401, 403, 404) | {
    200: {"model": StewardshipReport, "content": {types[0]: {} for types in _MEDIA_TYPES.values()}}
}


@router.get("/{kind}", responses=_ANSWERS)
def show_report(
    kind: PeriodKind, request: Request, platform: Wired, member: Member,
    org: Annotated[str | None, Query(description="The unit, by path or code. Default: all.")] = None,
    day: Annotated[
        date | None, Query(alias="date", description="A day of the period. Default: the last that is over.")
    ] = None,
    form: Annotated[Form | None, Query(alias="format", description="Default: by Accept.")] = None,
) -> Response:  # fmt: skip
    """Report a day, a week or a month of a unit and all below it."""
    report = platform.figures.report(kind, org, day)
    form = form or preferred(request.headers.get("Accept", ""), _MEDIA_TYPES)
    headers = {"Vary": "Accept"}
    match form:
        case Form.JSON:
            return Response(report.model_dump_json(), media_type=_MEDIA_TYPES[form][0], headers=headers)
        case Form.HTML:
            headers |= policy_of_style(style())
            return Response(page(report), media_type="text/html; charset=utf-8", headers=headers)
        case Form.EXCEL:
            name = f"shuize-{kind.value}-{report.period.label}.xlsx"
            headers["Content-Disposition"] = f'attachment; filename="{name}"'
            return Response(workbook(report), media_type=_MEDIA_TYPES[form][0], headers=headers)
