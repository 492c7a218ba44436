"""The committed artifact is what the committed sources build."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contracts import artifact, tools
from contracts import compile as compiling
from standards import digests

ROOT = Path(compiling.__file__).parent
MAX_CODE_BYTES = 24_576  # EIP-170


@pytest.mark.parametrize("name", compiling.CONTRACTS)
def test_a_rebuild_gives_the_committed_bytes(name: str, node_packages: Path) -> None:
    assert compiling.encode(compiling.build(name)) == artifact.Artifact.path(name).read_bytes()


@pytest.mark.parametrize("name", compiling.CONTRACTS)
def test_the_artifact_names_the_committed_sources(name: str) -> None:
    built = artifact.load(name)
    for file, digest in built.sources.items():
        if not file.startswith("@"):
            assert digests.of_file(ROOT / "src" / file) == digest, "run python -m contracts.compile"
    assert built.source_digest == digests.of_document(built.sources)
    assert built.compiler.startswith("0.8.37+commit.")
    assert len(built.runtime_bytecode) // 2 - 1 <= MAX_CODE_BYTES


def test_sources_the_compiler_refuses_are_told_in_its_words(
    node_packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_SRC", tmp_path)
    (tmp_path / "Broken.sol").write_text("pragma solidity 0.8.37; contract Broken { nonsense }")
    with pytest.raises(compiling.CompileFailed, match="ParserError"):
        compiling.build("Broken")
    (tmp_path / "Sloppy.sol").write_text(
        "pragma solidity 0.8.37; contract Sloppy { function f(uint x) external {} }"
    )
    with pytest.raises(compiling.CompileFailed, match="Warning"):
        compiling.build("Sloppy")
    (tmp_path / "Lost.sol").write_text(
        'pragma solidity 0.8.37; import {X} from "./Nowhere.sol"; contract Lost {}'
    )
    with pytest.raises(compiling.CompileFailed, match=r"Nowhere\.sol"):
        compiling.build("Lost")
    (tmp_path / "Fixed.sol").write_text(
        "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n"
        "contract Fixed { uint256 public immutable X; constructor(uint256 x) { X = x; } }"
    )
    with pytest.raises(compiling.CompileFailed, match="immutables"):
        compiling.build("Fixed")


def test_the_tools_are_pinned_exactly_and_name_no_registry() -> None:
    manifest = json.loads((ROOT / "toolchain/package.json").read_text())
    lock_text = (ROOT / "toolchain/package-lock.json").read_text()
    lock = json.loads(lock_text)["packages"]
    for name, version in (manifest["dependencies"] | manifest["optionalDependencies"]).items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert lock[f"node_modules/{name}"]["version"] == version
    assert all("integrity" in entry for path, entry in lock.items() if path)
    assert '"resolved"' not in lock_text


def test_a_machine_without_node_uses_the_one_in_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert tools.find_npm()[0] == "node"
    assert shutil.which("node") is not None


def test_a_machine_with_neither_is_told_what_is_missing() -> None:
    """Without site-packages the wheel is not to be found either."""
    script = "from contracts import tools; tools.find_npm()"
    root = Path(tools.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        cwd=root,
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "contracts.tools.ToolMissing: node and npm are not on the PATH" in done.stderr


def test_importing_the_room_loads_no_chain_library() -> None:
    script = (
        "import sys, contracts; print({'web3', 'eth', 'eth_account', 'solcx', 'pydantic'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


_DOCUMENTED = re.compile(
    r"((?:^ +///[^\n]*\n)*)^ +(function|event|error) (\w+)\((.*?)\)(.*?);", re.MULTILINE | re.DOTALL
)


def test_all_of_the_interface_is_documented_with_its_parameters_and_results() -> None:
    source = (ROOT / "src" / "IDataRegistry.sol").read_text("utf-8")
    entries = {(kind, name): rest for *rest, kind, name in _entries(source)}
    abi = {(each["type"], each["name"]) for each in artifact.load().abi if "name" in each}
    assert entries.keys() <= abi
    assert len(entries) == len(re.findall(r"^ +(?:function|event|error) ", source, re.MULTILINE))
    for (kind, name), (comment, parameters, result) in entries.items():
        assert "@notice" in comment, (kind, name)
        assert re.findall(r"@param +(\w+) +\S", comment) == parameters, (kind, name)
        assert len(re.findall(r"@return +\S", comment)) == result, (kind, name)


def _entries(source: str) -> list[tuple[str, list[str], int, str, str]]:
    """Return comment, names of parameters, number of results, kind and name of every declaration."""
    return [
        (
            comment,
            [each.split()[-1] for each in listed.split(",") if each.strip()],
            rest.count("returns"),
            *what,
        )
        for comment, *what, listed, rest in _DOCUMENTED.findall(source)
    ]
