"""What long work tells while it runs: one short line for each step."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]


def silent(_step: str) -> None:
    """Tell nobody."""
