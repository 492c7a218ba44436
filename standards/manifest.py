"""The manifest of a release: an in-toto Statement v1 whose canonical bytes are what the chain anchors.

Subjects are the release's files; the predicate says what they were made of and how.
Source: in-toto attestation framework, Statement layer v1; bytes after RFC 8785.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Final, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from standards import canonical_json, digests
from standards.digests import Digest
from standards.errors import InvalidInput
from standards.faults import of_validation

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:shuize:release:1"
FILE_NAME = "manifest.json"

_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
"""Brackets, and strings, so that those within strings are passed over."""
_DEEPEST = 32

HexDigest = Annotated[Digest, Field(pattern="^[0-9a-f]{64}$")]


class NotAManifest(InvalidInput):
    """Bytes that were to be a release manifest are none."""

    code = "not-a-manifest"


class _Document(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )


class Sha256(_Document):
    """A digest set with its one algorithm."""

    sha256: HexDigest


class Subject(_Document):
    """A file of the release."""

    name: str
    digest: Sha256


class StandardUsed(_Document):
    """A standard the product's fields refer to, as it stood."""

    id: str
    version: str
    digest: HexDigest


class InputUsed(_Document):
    """A dataset version the release was made from."""

    dataset: str
    version: int
    digest: HexDigest
    rows: int


class RecipeUsed(_Document):
    """The recipe, by the digest of its folder's files, with the parameters given to it."""

    name: str
    digest: HexDigest
    parameters: dict[str, str | int | bool]


class QualitySummary(_Document):
    """What the quality report, a file of the release, says in short."""

    report: HexDigest
    rules: int
    rules_failed: int


class PrivacySummary(_Document):
    """What the privacy report, a file of the release, says in short."""

    report: HexDigest
    release_model: str
    k: int
    smallest_class: int | None
    rows_suppressed: int


class Release(_Document):
    """The predicate: product, contents, origins, reports."""

    product: str
    version: int = Field(ge=1)
    title: str
    title_zh: str
    rows: int
    content_root: HexDigest
    standards: tuple[StandardUsed, ...]
    inputs: tuple[InputUsed, ...]
    recipe: RecipeUsed
    quality: QualitySummary
    privacy: PrivacySummary
    data_contract: HexDigest
    built_with: dict[str, str]


class Manifest(_Document):
    """The whole statement."""

    type: Literal["https://in-toto.io/Statement/v1"] = Field(default=STATEMENT_TYPE, alias="_type")
    subject: tuple[Subject, ...]
    predicate_type: Literal["urn:shuize:release:1"] = PREDICATE_TYPE
    predicate: Release

    def to_bytes(self) -> bytes:
        """Return the canonical bytes; their SHA-256 is the manifest digest."""
        return canonical_json.encode(self.model_dump(mode="json", by_alias=True))

    def digest(self) -> Digest:
        """Return the SHA-256 of the canonical bytes."""
        return digests.of_bytes(self.to_bytes())

    def file_digest(self, name: str) -> Digest | None:
        """Return the digest of the subject called `name`, or None."""
        return next((s.digest.sha256 for s in self.subject if s.name == name), None)


def parse(data: bytes, *, where: str = "manifest") -> Manifest:
    """Return the manifest written in `data`.

    The bytes need not be canonical: whoever anchored a digest anchored the canonical form, and a
    reformatted copy says the same. Nothing else may differ: a number written as text, a key under another
    name or left out, a key that appears twice would be read as one thing here and as another elsewhere.
    Raises NotAManifest.
    """
    try:
        document = json.loads(
            _shallow(data.decode("utf-8-sig")), object_pairs_hook=_unique, parse_constant=_no_constant
        )
        manifest = Manifest.model_validate(document)
        is_same = canonical_json.encode(document) == manifest.to_bytes()
    except ValidationError as error:
        faults = of_validation(error)
        raise NotAManifest(
            f"{where} is not a release manifest",
            faults=faults,
            hint="give the manifest.json that lay beside the release's files, unchanged",
        ) from error
    except canonical_json.NotCanonical as error:
        raise NotAManifest(
            f"{where} holds what canonical JSON can't: {error}",
            hint="give the manifest.json that lay beside the release's files, unchanged",
        ) from error
    except (ValueError, RecursionError) as error:
        raise NotAManifest(
            f"{where} is not JSON: {error}",
            hint="give the manifest.json that lay beside the release's files, unchanged",
        ) from error
    if not is_same:
        raise NotAManifest(
            f"{where} says things in a form that a release manifest does not have",
            hint="fetch the manifest again; only white space and the order of keys may differ",
        )
    return manifest


def _shallow(text: str) -> str:
    """Return the text if it nests no deeper than a manifest does.

    The decoder recurses in C up to the interpreter's limit, which libraries raise to where the stack ends.
    """
    depth = 0
    for bracket in _BRACKETS.findall(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(bracket, 0)
        if depth > _DEEPEST:
            raise ValueError(f"it nests deeper than {_DEEPEST} levels")
    return text


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key appears twice in one object")
    return document


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
