"""Build the contracts: `python -m contracts.compile` rewrites `artifacts/` from `src/`."""

from __future__ import annotations

import json
import posixpath
import re
import sys
from pathlib import Path
from typing import Any

from contracts.artifact import Artifact
from contracts.tools import ToolMissing, node_packages
from standards import digests
from standards.errors import InvalidInput

_SRC = Path(__file__).parent / "src"
_IMPORT = re.compile(r"""^import\s[^;]*?["']([^"']+)["'];""", re.MULTILINE)

CONTRACTS = ("DataRegistry",)

SETTINGS: dict[str, Any] = {
    "evmVersion": "prague",
    "optimizer": {"enabled": True, "runs": 1_000_000},
    "viaIR": True,
    # The code hash readers compare is to change with behaviour, not with a comment.
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode", "storageLayout"]}},
}


class CompileFailed(InvalidInput):
    """The compiler refused the sources."""

    code = "compile-failed"


def build(name: str) -> Artifact:
    """Return the artifact of `src/NAME.sol`, the same for the same sources on every machine.

    Raises CompileFailed with the compiler's words, ToolMissing where the compiler can't be installed.
    """
    packages = node_packages()
    sources = _sources(f"{name}.sol", packages / "node_modules")
    output, version = _compile(sources, packages / "solc.js")
    contract = output["contracts"][f"{name}.sol"][name]
    if contract["evm"]["deployedBytecode"].get("immutableReferences"):
        raise CompileFailed(
            f"{name} has immutables, so its code differs from one deployment to the next",
            hint="keep such values in storage; readers compare the code's hash",
        )
    listed = {path: digests.of_bytes(text.encode()) for path, text in sorted(sources.items())}
    return Artifact(
        name=name,
        compiler=version,
        settings=SETTINGS,
        sources=listed,
        source_digest=digests.of_document(listed),
        abi=tuple(contract["abi"]),
        storage={each["label"]: int(each["slot"]) for each in contract["storageLayout"]["storage"]},
        bytecode="0x" + contract["evm"]["bytecode"]["object"],
        runtime_bytecode="0x" + contract["evm"]["deployedBytecode"]["object"],
    )


def encode(artifact: Artifact) -> bytes:
    """Return the artifact's file: indented JSON, stable so that a rebuild can be compared byte by byte."""
    document = artifact.model_dump(mode="json")
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _sources(entry: str, node_modules: Path) -> dict[str, str]:
    """Return the text of `entry` and of all it imports, by the names the compiler resolves imports to."""
    found: dict[str, str] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        path = node_modules / name if name.startswith("@") else _SRC / name
        try:
            found[name] = path.read_text(encoding="utf-8")
        except OSError as error:
            raise CompileFailed(f"{name} can't be read: {error.strerror}", hint="mend the import") from error
        for target in _IMPORT.findall(found[name]):
            folder = posixpath.dirname(name) if target.startswith(".") else ""
            waiting.append(posixpath.normpath(posixpath.join(folder, target)))
    return found


def _compile(sources: dict[str, str], solc: Path) -> tuple[dict[str, Any], str]:
    import solcx
    from solcx.exceptions import SolcError
    from solcx.wrapper import get_version_str_from_solc_binary

    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": SETTINGS,
    }
    try:
        output = solcx.compile_standard(request, solc_binary=solc)
        version = get_version_str_from_solc_binary(solc)
    except SolcError as error:
        raise CompileFailed(f"solc refused the sources:\n{error}", hint="mend the sources") from error
    except OSError as error:
        raise ToolMissing(f"{solc} can't be run: {error}", hint="install Node.js 20 or newer") from error
    warnings = [each["formattedMessage"] for each in output.get("errors", ()) if _is_ours(each)]
    if warnings:
        raise CompileFailed("solc warns:\n" + "\n".join(warnings), hint="mend the sources")
    return output, version


def _is_ours(message: dict[str, Any]) -> bool:
    """Whether a warning is about our own sources; libraries are as they are."""
    return not message.get("sourceLocation", {}).get("file", "").startswith("@")


def main() -> None:
    """Rebuild every artifact."""
    for name in CONTRACTS:
        artifact = build(name)
        Artifact.path(name).write_bytes(encode(artifact))
        size = len(artifact.runtime_bytecode) // 2 - 1
        print(f"{name}: {size} bytes of code, solc {artifact.compiler}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
