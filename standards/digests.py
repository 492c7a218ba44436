"""SHA-256 digests of bytes, files and documents."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NewType

from standards import canonical_json
from standards.errors import InvalidInput

Digest = NewType("Digest", str)
"""A SHA-256 digest as 64 lower-case hexadecimal characters, never truncated."""

_FORM = re.compile(r"(?:sha256:|0x)?([0-9a-f]{64})")


class MalformedDigest(InvalidInput):
    """A text that was to be a digest is none."""

    code = "malformed-digest"


def parse(text: str) -> Digest:
    """Return the digest written in `text`, with or without the prefix `sha256:` or `0x`."""
    match = _FORM.fullmatch(text.strip().lower())
    if match is None:
        raise MalformedDigest(f"{text!r} is not a SHA-256 digest", hint="give 64 hexadecimal characters")
    return Digest(match.group(1))


def of_bytes(data: bytes) -> Digest:
    """Return the digest of `data`."""
    return Digest(hashlib.sha256(data).hexdigest())


def of_document(document: Mapping[str, object]) -> Digest:
    """Return the digest of the document's canonical JSON."""
    return of_bytes(canonical_json.encode(document))


def of_file(path: Path) -> Digest:
    """Return the digest of the file's bytes, read in blocks. OSError passes to the caller."""
    with path.open("rb") as stream:
        return Digest(hashlib.file_digest(stream, "sha256").hexdigest())
