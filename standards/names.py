"""Names that people type and chains store: datasets, products, parties."""

from __future__ import annotations

import re

from standards.errors import InvalidInput

MAX_BYTES = 32
"""A name fits one 32-byte word, so the chain holds it in clear."""

_FORM = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class MalformedName(InvalidInput):
    """A text that can't be the name of what it was to name.

    Names of datasets, products and parties must survive a URL, a folder and a 32-byte word.
    """

    code = "malformed-name"


def require_name(text: str, *, what: str = "name") -> str:
    """Return `text` if it is a valid name of a dataset, product or party. Raises MalformedName."""
    if len(text) > MAX_BYTES or not _FORM.fullmatch(text):
        raise MalformedName(
            f"{text!r} is not a valid {what}",
            hint="use lower-case letters, digits and single hyphens, begin with a letter, "
            f"at most {MAX_BYTES} characters: water-use-index",
        )
    return text
