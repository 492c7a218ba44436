"""The contract's interface as bytes: calls packed, answers and errors unpacked.

Types follow the ABI: `bytesN` is bytes, `uintN` int, `address` its text, a struct a tuple.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.abi import collapse_if_tuple, function_signature_to_4byte_selector

from contracts import artifact
from standards.errors import InvalidInput, Unavailable

_SELECTOR_BYTES = 4


class UnreadableAnswer(Unavailable):
    """What the node answered is not what the contract would."""

    code = "unreadable-answer"


@dataclass(frozen=True)
class Signature:
    """A function or an error: its selector (4 bytes), and its arguments and results by name and type."""

    name: str
    selector: bytes
    arguments: tuple[tuple[str, str], ...]
    results: tuple[str, ...]

    def pack(self, *values: Any) -> bytes:
        """Return the call's data. Raises InvalidInput for a value its type can't hold."""
        try:
            return self.selector + encode([kind for _, kind in self.arguments], values)
        except (EncodingError, OverflowError) as error:
            raise InvalidInput(
                f"{self.name} can't be called with these values: {error}",
                hint="give whole numbers that fit the contract's types, and hashes of 32 bytes",
            ) from error

    def unpack(self, answer: bytes) -> Any:
        """Return the result, or a tuple of several. Raises UnreadableAnswer."""
        try:
            values = decode(list(self.results), answer)
        except (DecodingError, OverflowError, UnicodeDecodeError) as error:
            raise UnreadableAnswer(
                f"the answer to {self.name} can't be read ({len(answer)} bytes)",
                hint="check that the address is that of the registry",
            ) from error
        return values[0] if len(values) == 1 else values


@cache
def function(name: str) -> Signature:
    """Return the contract's function called `name`."""
    return _signatures("function")[name]


@cache
def constructor() -> Signature:
    """Return the constructor; its selector is empty."""
    (entry,) = (entry for entry in artifact.load().abi if entry["type"] == "constructor")
    return Signature("constructor", b"", _arguments(entry), ())


def read_error(data: bytes) -> tuple[str, dict[str, Any]] | None:
    """Return the name and the arguments of the contract's error in `data`, or None if it is none of them."""
    for signature in _signatures("error").values():
        if data[:_SELECTOR_BYTES] != signature.selector:
            continue
        try:
            values = decode([kind for _, kind in signature.arguments], data[_SELECTOR_BYTES:])
        except DecodingError:
            return None
        return signature.name, dict(zip((name for name, _ in signature.arguments), values, strict=True))
    return None


@cache
def _signatures(kind: str) -> dict[str, Signature]:
    found = {}
    for entry in artifact.load().abi:
        if entry["type"] == kind:
            arguments = _arguments(entry)
            text = f"{entry['name']}({','.join(type_ for _, type_ in arguments)})"
            results = tuple(collapse_if_tuple(each) for each in entry.get("outputs", ()))
            selector = function_signature_to_4byte_selector(text)
            found[entry["name"]] = Signature(entry["name"], selector, arguments, results)
    return found


def _arguments(entry: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((each["name"], collapse_if_tuple(each)) for each in entry["inputs"])
