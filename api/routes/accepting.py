"""Which form of an answer a reader likes best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

_Form = TypeVar("_Form")


def preferred(accept: str, forms: Mapping[_Form, Sequence[str]]) -> _Form:
    """Return the form whose media types an Accept header likes best; among equals, and if none, the first.

    Source: RFC 9110 §12.5.1.
    """
    ranges = _ranges(accept)
    return max(forms, key=lambda form: max(_weight(kind, ranges) for kind in forms[form]))


def _weight(kind: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the weight of the narrowest range that a media type is in."""
    for range_ in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        weights = [weight for said, weight in ranges if said == range_]
        if weights:
            return max(weights)
    return 0


def _ranges(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.split(","):
        kind, *parameters = (word.strip().lower() for word in part.split(";"))
        weight = next((word[2:] for word in parameters if word.startswith("q=")), "1")
        try:
            found.append((kind, float(weight)))
        except ValueError:
            continue
    return found
