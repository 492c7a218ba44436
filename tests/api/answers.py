"""What answers must be."""

from __future__ import annotations

from typing import Any

from api.problems import PROBLEM_JSON


def problem(answer: Any, status: int) -> dict[str, Any]:
    """Return the problem an answer must be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM_JSON
    body: dict[str, Any] = answer.json()
    assert set(body) <= {"type", "title", "status", "detail", "hint", "errors"}
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["type"] == "about:blank" or body["type"].startswith("urn:shuize:problem:")
    return body
