"""Verify: does the chain vouch for this file? Asked of a file, a manifest and a node; of no operator.

What is proved, step by step: the file has the digest that the manifest names; the manifest has the digest
that the contract holds for its product and version; the contract is the one this program knows. What is
not: that the node tells the truth (ask a second one), and that the data were right when they were published.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from contracts.chain import ChainStatus, WrongChain
from contracts.models import ChainRelease
from contracts.registry import DataRegistry
from contracts.words import MalformedName
from standards import anchor_hint, digests, manifest
from standards.anchor_hint import AnchorHint
from standards.digests import Digest
from standards.errors import Conflict, NotFound, Unavailable
from standards.manifest import Manifest


class FileNotReadable(NotFound):
    """The file to verify, or its manifest, can't be read."""

    code = "file-not-readable"


class WrongContract(Conflict):
    """The release is said to be anchored in another contract than the one that was asked."""

    code = "wrong-contract"


class NodeBehind(Unavailable):
    """The node has not caught up with the block that the release is said to be anchored in."""

    code = "node-behind"


class Outcome(StrEnum):
    """The answer. Not being able to ask is no answer: that is an error of its own."""

    ANCHORED = "anchored"
    WITHDRAWN = "withdrawn"
    NOT_ANCHORED = "not anchored"


class Check(BaseModel):
    """One step of a verification and what it found."""

    model_config = ConfigDict(frozen=True)

    what: str
    passed: bool
    found: str


class Verification(BaseModel):
    """The whole answer. `release` and `standards` are there when the chain vouches for the manifest."""

    model_config = ConfigDict(frozen=True)

    file: str
    file_digest: Digest
    outcome: Outcome
    checks: tuple[Check, ...]
    chain_id: int
    head: ChainStatus
    contract: str
    release: ChainRelease | None
    title: str | None
    standards: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the file is, byte for byte, part of a release that stands."""
        return self.outcome is Outcome.ANCHORED


def verify_file(path: Path, registry: DataRegistry, manifest_path: Path | None = None) -> Verification:
    """Return what the chain says of the file.

    The manifest is `manifest.json` beside the file unless another is given; the file may be the manifest
    itself, and then only its canonical bytes are those that were published. Raises FileNotReadable,
    NotAManifest for a manifest beside the file, and ChainUnavailable when the chain can't be asked.

    An `anchor.json` beside the manifest is a hint where to ask. It never makes a yes; it keeps what another
    chain, another contract or a node that lags does not know from being taken for a no: WrongChain,
    WrongContract, NodeBehind. Raises NotAnAnchorHint if it is none.
    """
    place = manifest_path or (path if path.name == manifest.FILE_NAME else path.parent / manifest.FILE_NAME)
    file_digest, text = _digest(path), _read(place)
    is_manifest = path.samefile(place)
    try:
        document = manifest.parse(text, where=str(place))
    except manifest.NotAManifest as error:
        if not is_manifest:
            raise
        checks = [Check(what="the file is a release manifest", passed=False, found=error.message)]
        return _answer(path, file_digest, registry, None, None, checks)
    hint = _hint(place.with_name(anchor_hint.FILE_NAME), document)
    _require_fit(registry, hint)
    checks = [_names_the_file(path, file_digest, document, is_manifest=is_manifest)]
    anchor, seen = _anchor(registry, document)
    checks.append(seen)
    if anchor is None and hint is not None and hint.contract != registry.address:
        raise WrongContract(
            f"{seen.found}; the release is said to be anchored in contract {hint.contract} on chain "
            f"{hint.chain_id}",
            hint=f"if you trust that one: --contract {hint.contract}",
        )
    if anchor is not None and anchor.content_root != document.predicate.content_root:
        anchor = None
        checks.append(Check(what="content root", passed=False, found="another one is on the chain"))
    return _answer(path, file_digest, registry, document, anchor, checks)


def _answer(
    path: Path, file_digest: Digest, registry: DataRegistry, document: Manifest | None,
    anchor: ChainRelease | None, checks: list[Check],
) -> Verification:  # fmt: skip
    outcome = Outcome.NOT_ANCHORED
    if all(check.passed for check in checks) and anchor is not None:
        outcome = Outcome.ANCHORED if anchor.withdrawn is None else Outcome.WITHDRAWN
    return Verification(
        file=path.name,
        file_digest=file_digest,
        outcome=outcome,
        checks=tuple(checks),
        chain_id=registry.chain.chain_id,
        head=registry.chain.status(),
        contract=registry.address,
        release=anchor,
        title=document.predicate.title if anchor and document else None,
        standards=tuple(f"{s.id} {s.version}" for s in document.predicate.standards)
        if anchor and document
        else (),
    )


def _hint(path: Path, document: Manifest) -> AnchorHint | None:
    """Return the hint beside the manifest; one for another release is none."""
    if not path.exists():
        return None
    hint, release = anchor_hint.parse(_read(path), where=str(path)), document.predicate
    return hint if (hint.product, hint.version) == (release.product, release.version) else None


def _require_fit(registry: DataRegistry, hint: AnchorHint | None) -> None:
    """Raise WrongChain or NodeBehind where a no would say nothing."""
    chain = registry.chain
    if hint is not None and hint.chain_id != chain.chain_id:
        raise WrongChain(
            f"{chain.label} is chain {chain.chain_id}, and the release is said to be anchored on chain "
            f"{hint.chain_id}, in contract {hint.contract}",
            hint=f"if you trust that one, ask a node of its chain: --rpc URL --contract {hint.contract}; if "
            "the release was moved, fetch a new export",
        )
    if chain.is_syncing():
        raise NodeBehind(
            f"{chain.label} is still catching up with chain {chain.chain_id}",
            hint="ask again, or another node",
        )
    if hint is not None and (head := chain.number("eth_blockNumber")) < hint.block:
        raise NodeBehind(
            f"{chain.label} is at block {head}, and the release is said to be in block {hint.block}",
            hint="ask again, or another node",
        )


def _names_the_file(path: Path, digest: Digest, document: Manifest, *, is_manifest: bool) -> Check:
    what = "the manifest names this file's digest"
    if is_manifest:
        canonical = document.digest()
        same = digest == canonical
        found = "the file is the manifest itself"
        if not same:
            found += f", in other bytes than those published, which have the digest {canonical}"
        return Check(what=what, passed=same, found=found)
    for subject in document.subject:
        if subject.digest.sha256 == digest:
            return Check(what=what, passed=True, found=f"as {subject.name}")
    expected = document.file_digest(path.name)
    if expected is None:
        return Check(what=what, passed=False, found="no file of the release has this digest")
    return Check(what=what, passed=False, found=f"for {path.name} it names {expected}")


def _anchor(registry: DataRegistry, document: Manifest) -> tuple[ChainRelease | None, Check]:
    product, version, digest = document.predicate.product, document.predicate.version, document.digest()
    what = f"the chain holds this manifest as {product} {version}"
    try:
        count = registry.release_count(product)
    except MalformedName as error:  # the chain can't hold such a name
        return None, Check(what=what, passed=False, found=error.message)
    if version > count:
        return None, Check(what=what, passed=False, found=_absent(registry, product, version))
    anchor = registry.release(product, version)
    if anchor.manifest_digest != digest:
        found = f"it holds another manifest, {anchor.manifest_digest}"
        return None, Check(what=what, passed=False, found=found)
    return anchor, Check(what=what, passed=True, found=f"in block {anchor.block_number}")


def _absent(registry: DataRegistry, product: str, version: int) -> str:
    return (
        f"there is no {product} {version} in contract {registry.address} on chain {registry.chain.chain_id}"
    )


def _digest(path: Path) -> Digest:
    try:
        return digests.of_file(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> FileNotReadable:
    hint = "check the path and its permissions"
    if path.name == manifest.FILE_NAME:
        hint = f"put the release's {manifest.FILE_NAME} beside the file, or name it with --manifest"
    return FileNotReadable(f"{path} can't be read: {error.strerror}", hint=hint)
