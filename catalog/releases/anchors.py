"""Where a release or a grant is anchored: the present anchor, and those before it."""

from __future__ import annotations

from typing import Any


def same_anchor(one: dict[str, Any] | None, other: dict[str, Any]) -> bool:
    """Tell whether two anchors are one: the same chain, contract, block and time."""
    names = ("chain_id", "contract", "block", "published_at", "granted_at")
    return one is not None and all(one.get(name) == other.get(name) for name in names)


def after(before: dict[str, Any] | None, chain: dict[str, Any]) -> dict[str, Any]:
    """Return a new anchor that remembers those before it, oldest first, under `earlier`."""
    if before is None:
        return chain
    last = {name: value for name, value in before.items() if name != "earlier"}
    return chain | {"earlier": [*before.get("earlier", ()), last]}


def with_withdrawal(chain: dict[str, Any] | None, outcome: dict[str, Any]) -> dict[str, Any]:
    """Return the anchor with where and why the release was withdrawn."""
    return (chain or {}) | {"withdrawal": outcome}
