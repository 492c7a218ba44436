"""Canonical JSON (RFC 8785): the one byte form of a document, so that its digest means something."""

from __future__ import annotations

from collections.abc import Mapping

import rfc8785

from standards.errors import InvalidInput


class NotCanonical(InvalidInput):
    """The document has no canonical form."""

    code = "not-canonical"


def encode(document: Mapping[str, object]) -> bytes:
    """Return the document's canonical UTF-8 bytes.

    Raises NotCanonical for NaN, infinity, integers beyond 2^53 - 1, halves of surrogate pairs and values
    JSON does not know.
    Source: RFC 8785 §3.2.
    """
    try:
        return rfc8785.dumps(document)  # type: ignore[arg-type]  # the library types JSON values invariantly
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise NotCanonical(
            f"the document can't be written as canonical JSON: {error}",
            hint="use strings for large or exact numbers, and null for a missing value",
        ) from error
