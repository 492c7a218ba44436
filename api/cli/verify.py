"""shuize verify: what the chain says of a file."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame
from standards.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.models import ChainRelease
    from contracts.registry import DataRegistry
    from contracts.verification import Verification


class NoChainNamed(NotFound):
    """There is no home that says which chain to ask, and the command does not either."""

    code = "no-chain-named"


def verify(
    file: Annotated[Path, typer.Argument(help="A file of a release, or its manifest.json.")],
    manifest: Annotated[Path | None, typer.Option(help="Default: manifest.json beside the file.")] = None,
    rpc: Annotated[
        str | None, typer.Option(help="A node's JSON-RPC address. Default: the settings'.")
    ] = None,
    contract: Annotated[str | None, typer.Option(help="The registry. Default: the settings'.")] = None,
    chain_id: Annotated[
        int | None, typer.Option(help="The chain id to insist on. Default: SHUIZE_CHAIN_ID.")
    ] = None,
    json: frame.Json = False,
) -> None:
    """Ask the chain whether it vouches for a file.

    No operator is asked: with --rpc and --contract nothing of one is even read.

    An anchor.json beside the manifest is a hint where to ask, not a proof: it keeps the answer of another
    chain or contract, or of a node that lags, from being taken for a no. Without one, give --chain-id: a no
    is the answer of the one contract that was asked.

    Exit code 0: anchored. 1: not anchored, or withdrawn. 5: another chain or contract than expected, and 8:
    the chain could not be asked, which say nothing.

    Example: shuize verify out/water-use-index/water-use-index.csv
    """
    from contracts.verification import verify_file

    with _registry(rpc, contract, chain_id, manifest or file) as registry:
        answer = verify_file(file, registry, manifest)
    if json:
        frame.document(answer)
    else:
        _show(answer)
    if not answer.holds:
        raise typer.Exit(1)


@contextmanager
def _registry(
    rpc: str | None, contract: str | None, chain_id: int | None, manifest: Path
) -> Iterator[DataRegistry]:
    """Yield the contract to ask: with --rpc and --contract nothing of an operator's is read."""
    if rpc and contract:
        from api import settings
        from contracts.chain import open_chain
        from contracts.registry import DataRegistry

        expected = settings.load().chain_id if chain_id is None else chain_id
        with open_chain(rpc, expected_chain_id=expected) as chain:
            yield DataRegistry(chain, contract)
        return
    if rpc or contract:
        raise typer.BadParameter("give --rpc and --contract together")
    _require_home(manifest)
    with frame.platform() as platform:
        platform.chain.require_id(chain_id)
        yield platform.registry


def _require_home(manifest: Path) -> None:
    """Raise NoChainNamed where no home says which chain to ask."""
    from api import settings

    loaded = settings.load()
    if loaded.chain is not None or loaded.chain_file.exists():
        return
    raise NoChainNamed(
        f"no chain to ask: there is none in the home {loaded.home}, and no --rpc and --contract are given",
        hint="give --rpc NODE --contract ADDRESS of a node you trust" + _hinted(manifest),
    )


def _hinted(manifest: Path) -> str:
    from standards import anchor_hint

    place = manifest.with_name(anchor_hint.FILE_NAME)
    try:
        hint = anchor_hint.parse(place.read_bytes(), where=str(place))
    except (OSError, anchor_hint.NotAnAnchorHint):
        return ""
    return f"; {place} says, as a hint: contract {hint.contract} on chain {hint.chain_id}"


def _show(answer: Verification) -> None:
    head = answer.head
    where = "" if answer.release else f" in contract {answer.contract} on chain {answer.chain_id}"
    frame.line(f"{answer.file}: {answer.outcome.upper()}{where}")
    frame.line("")
    for check in answer.checks:
        frame.line(f"{'yes' if check.passed else 'NO '}  {check.what}: {check.found}")
    frame.line("")
    frame.facts(
        [
            ("file sha-256", answer.file_digest),
            ("chain id", answer.chain_id),
            ("head", f"{head.head_number}, {head.head_time:%Y-%m-%d %H:%M:%S} UTC, {head.head_hash}"),
            ("contract", answer.contract),
        ],
    )
    if answer.release is None:
        frame.note(
            f"this is the answer of one contract on chain {answer.chain_id} up to block {head.head_number} "
            f"of {head.head_time:%Y-%m-%d %H:%M} UTC, and says nothing of any other; if the release is said "
            "to be anchored elsewhere, ask there: --rpc URL --contract ADDRESS --chain-id ID"
        )
        return
    if answer.outcome == "not anchored":
        frame.note("the manifest is that of a published release; this file is not one of its files")
        return
    _show_release(answer, answer.release)


def _show_release(answer: Verification, release: ChainRelease) -> None:
    frame.facts(
        [
            ("product", f"{release.product} ({answer.title})"),
            ("release", release.version),
            ("publisher", release.publisher),
            ("published", f"{release.published_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("block", release.block_number),
            ("manifest", release.manifest_digest),
            ("content root", release.content_root),
            ("standards", ", ".join(answer.standards)),
        ]
    )
    if release.withdrawn:
        frame.line(f"withdrawn {release.withdrawn.withdrawn_at:%Y-%m-%d}: {release.withdrawn.reason}")
    frame.note(
        "proved: these bytes are those published. Not proved: that the node tells the truth (ask a second "
        "one), nor that the data were right."
    )
