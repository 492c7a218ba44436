"""What a wheel holds: every file of the five packages that the repository keeps, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("api", "catalog", "contracts", "products", "standards")
DATA = (
    "api/pages/start.html",
    "catalog/migrations/env.py",
    "contracts/artifacts/DataRegistry.json",
    "contracts/src/DataRegistry.sol",
    "products/recipes/water_use_index/recipe.yaml",
    "products/recipes/water_use_index/records.sql",
    "standards/bundled/handbooks",
)


@pytest.fixture(scope="module")
def held() -> set[str]:
    """Return the paths a wheel would hold, as its builder tells them."""
    return {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}


def test_a_wheel_holds_every_file_the_repository_keeps(held: set[str]) -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("what the repository keeps, only git can tell")
    listed = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    kept = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    assert kept - held == set()


@pytest.mark.parametrize("path", DATA)
def test_a_wheel_holds_the_data_of_each_package(held: set[str], path: str) -> None:
    assert any(name == path or name.startswith(f"{path}/") for name in held)


def test_a_wheel_holds_no_tests_and_no_caches(held: set[str]) -> None:
    assert {name.split("/")[0] for name in held} == set(PACKAGES)
    assert not [name for name in held if name.endswith(".pyc")]
