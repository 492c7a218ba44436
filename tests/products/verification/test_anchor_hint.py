"""anchor.json and the chain that was asked: what another one does not know is no no."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.chain import WrongChain
from contracts.registry import DataRegistry
from contracts.verification import (
    NodeBehind,
    Outcome,
    WrongContract,
    verify_file,
)
from products.exporting import export
from standards.anchor_hint import AnchorHint, NotAnAnchorHint
from tests.contracts.builders import a_desk
from tests.products.builders import INDEX
from tests.products.homes import Home, a_copy


def hinted(folder: Path, registry: DataRegistry, **changes: Any) -> Path:
    """Put an anchor.json into the folder and return a data file beside it."""
    said: dict[str, Any] = {"product": INDEX, "version": 1, "chain_id": registry.chain.chain_id}
    said |= {"contract": registry.address, "block": registry.release(INDEX, 1).block_number}
    (folder / "anchor.json").write_bytes(AnchorHint(**said | changes).to_bytes())
    return folder / f"{INDEX}.csv"


def test_a_published_release_is_exported_with_where_it_is_anchored(
    published: tuple[Home, Path], registry: DataRegistry, tmp_path: Path
) -> None:
    block = registry.release(INDEX, 1).block_number
    where = {"chain_id": registry.chain.chain_id, "contract": registry.address, "block": block}
    with published[0].open() as platform:
        release = platform.releases.get(INDEX, 1).model_copy(update={"chain": where})
        paths = export(release, platform.store, tmp_path / "out")
        export(release.model_copy(update={"chain": None}), platform.store, tmp_path / "bare")
    assert paths[-1].name == "anchor.json"
    said = json.loads(paths[-1].read_bytes())
    assert said.pop("note").startswith("A hint, not a proof")
    assert said == where | {"product": INDEX, "version": 1}
    assert not (tmp_path / "bare" / "anchor.json").exists()
    manifests = [(tmp_path / each / "manifest.json").read_bytes() for each in ("out", "bare")]
    assert manifests[0] == manifests[1]
    answer = verify_file(tmp_path / "out" / f"{INDEX}.csv", registry)
    assert answer.holds
    assert (answer.head, answer.head.head_number >= block) == (registry.chain.status(), True)


def test_a_genuine_file_asked_of_the_wrong_or_a_lagging_chain_is_no_no(
    folder: Path, registry: DataRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WrongChain, match="anchored on chain 5, in contract 0x"):
        verify_file(hinted(folder, registry, chain_id=5), registry)
    with pytest.raises(NodeBehind, match="block 100000"):
        verify_file(hinted(folder, registry, block=100_000), registry)
    path = hinted(folder, registry)
    assert verify_file(path, registry).holds
    monkeypatch.setattr(type(registry.chain), "is_syncing", lambda _chain: True)
    with pytest.raises(NodeBehind, match="catching up"):
        verify_file(path, registry)


def test_a_hint_makes_no_yes_and_one_for_another_release_is_none(
    folder: Path, registry: DataRegistry
) -> None:
    path = hinted(folder, registry, version=9, chain_id=5)
    assert verify_file(path, registry).holds
    path = hinted(folder, registry)
    path.write_bytes(path.read_bytes() + b"\n")
    assert verify_file(path, registry).outcome is Outcome.NOT_ANCHORED
    (folder / "anchor.json").write_text("{}")
    with pytest.raises(NotAnAnchorHint):
        verify_file(path, registry)


def test_another_registry_knows_nothing_of_the_release(
    published: tuple[Home, Path], folder: Path, registry: DataRegistry, tmp_path: Path
) -> None:
    home = a_copy(published[0], tmp_path / "home")
    with home.open() as platform:
        other = a_desk(platform.chain).registry
        (folder / "anchor.json").unlink()
        answer = verify_file(folder / f"{INDEX}.csv", other)
        assert answer.outcome is Outcome.NOT_ANCHORED
        where = f"in contract {other.address} on chain {other.chain.chain_id}"
        assert [c.found for c in answer.checks if not c.passed] == [f"there is no {INDEX} 1 {where}"]
        path = hinted(folder, registry)
        with pytest.raises(WrongContract, match=registry.address):
            verify_file(path, other)
    hinted(folder, registry, contract=other.address)
    assert verify_file(path, registry).holds  # who is asked knows it, whatever the hint says
