"""What is wrong with a document, place by place, in words of the field and not of the program."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from standards.errors import Fault

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "has no meaning here; look for a misspelling, or leave it out",
    "string_type": "should be text; what looks like a number or a date needs quotes",
    "tuple_type": "should be a list",
    "list_type": "should be a list",
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "should be names with values"),
}


def of_validation(error: ValidationError) -> list[Fault]:
    """Return what pydantic found, each under its JSON pointer."""
    return [Fault("/" + "/".join(map(str, each["loc"])), in_words(each)) for each in error.errors()]


def in_words(found: Any) -> str:
    """Return what one of `ValidationError.errors()` says."""
    return _WORDS.get(found["type"]) or str(found["msg"]).removeprefix("Value error, ")
