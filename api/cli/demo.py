"""shuize demo: the main job from raw readings to a verified product, by the public commands alone."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from itertools import count
from pathlib import Path
from typing import Annotated

import typer

from api.cli import frame
from standards.errors import Conflict, InvalidInput

_MARK = ".made-by-shuize-demo"


class FolderInUse(Conflict):
    """The demo's folder holds something that no demo made."""

    code = "folder-in-use"


class StepFailed(Conflict):
    """A command of the demo ended otherwise than it should."""

    code = "demo-step-failed"


class FolderUnusable(InvalidInput):
    """The demo's folder can't be made."""

    code = "folder-unusable"


def demo(
    folder: Annotated[
        Path, typer.Option(help="Folder to work in; an earlier demo there is moved aside.")
    ] = Path("shuize-demo"),
    json: frame.Json = False,
) -> None:
    """Run the whole main job on sample data.

    It uses the commands you would type, and ends with what to try next. Your own settings play no part.
    With --json the story goes to stderr, and stdout says where things lie.

    Example: shuize demo --folder /tmp/shuize-demo
    """
    started = time.monotonic()
    _prepare(folder)
    with redirect_stdout(sys.stderr) if json else nullcontext():
        frame.line(f"Ten steps on sample data, in the folder {folder}. After a $ stands what you would type.")
        with _alone_in(folder):
            _steward()
            _maker()
            _partner_and_regulator()
        _farewell(folder, time.monotonic() - started)
    if json:
        frame.document(_places(folder))


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Work in the folder, with none of the caller's settings: a real catalog must not meet sample data."""
    before, theirs = Path.cwd(), {n: v for n, v in os.environ.items() if n.startswith("SHUIZE_")}
    os.chdir(folder)
    for name in theirs:
        del os.environ[name]
    os.environ["SHUIZE_HOME"] = "home"
    try:
        yield
    finally:
        os.chdir(before)
        del os.environ["SHUIZE_HOME"]
        os.environ.update(theirs)


def _steward() -> None:
    _title("1  A home: catalog, store, keys, embedded chain, contract")
    _shuize("init")
    _title("2  Who is who")
    _shuize('party add water-group --name "City Water Group 城市水务集团" --kind organisation')
    _shuize('party add li-na --name "Li Na 李娜, data owner" --as water-group')
    _shuize('party add wang-wei --name "Wang Wei 王伟, data steward" --as water-group')
    _shuize('party add zhao-min --name "Zhao Min 赵敏, reviewer" --as water-group')
    _shuize(
        'party add hydro-lab --name "Hydro Lab, a partner" --kind partner --token-file hydro-lab.token '
        "--as water-group"
    )
    _title("3  Register two datasets, with a second person's word, and load them: one real, one synthetic")
    samples = (
        ("inflow", "inflow", "dma-inflow"),
        ("customers", "customers-synthetic", "customer-register"),
    )
    for request, (name, stem, dataset) in enumerate(samples, start=1):
        _shuize(f"sample {name} samples")
        _shuize(f"dataset register samples/{stem}.dataset.yaml --as li-na")
        _shuize(f"change approve {request} --as zhao-min")
        _shuize(f"dataset load {dataset} samples/{stem}.csv --as li-na")
    _title("4  Check them against their standards")
    _shuize("dataset check dma-inflow --as wang-wei")
    _shuize("dataset check customer-register --as wang-wei")


def _maker() -> None:
    _title("5  Build two products; every build passes the privacy step")
    _shuize("product build water-use-index --as li-na")
    _shuize("product build customer-industry --as li-na")
    _title("6  Approve and publish: nobody approves their own build")
    _shuize("product approve water-use-index --as li-na", expected=6)
    for product in ("water-use-index", "customer-industry"):
        _shuize(f"product approve {product} --as zhao-min")
        _shuize(f"product publish {product} --as zhao-min")
        _shuize(f"product export {product} releases/{product}")


def _partner_and_regulator() -> None:
    from api.cli.demo_partner import ask, read_with_pandas, refused, served

    _title("7  Grant a partner the index for a year")
    until = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 365 * 86_400))
    _shuize(f'grant issue water-use-index hydro-lab --purpose "leakage study" --until {until} --as li-na')
    with served() as base:
        _title("8  The partner reads: three lines of pandas")
        read_with_pandas(f"{base}/products/water-use-index/rows?area=ALL")
        _title("9  The regulator verifies: the file, its manifest, the address of a node and of the contract")
        contract = json.loads(ask(f"{base}/chain"))["contract"]
        where = f"--rpc {base}/rpc --contract {contract}"
        _shuize(f"verify releases/water-use-index/water-use-index.csv {where}")
        _tamper(Path("releases/water-use-index"), Path("tampered"))
        _shuize(f"verify tampered/water-use-index.csv {where}", expected=1)
        _title("10  Revoke: the chain remembers, the door closes")
        grant = _first_grant()
        _shuize(f'grant revoke {grant} --reason "study finished" --as li-na')
        frame.line(refused(f"{base}/products/water-use-index/rows"))


def _title(text: str) -> None:
    frame.line(f"\n=== {text} {'=' * max(0, 92 - len(text))}".rstrip())


def _shuize(command: str, expected: int = 0) -> None:
    """Run a command as it would be typed, in this process to spare the start-up time."""
    from api.cli.app import run

    frame.line(f"\n$ shuize {command}")
    sys.stdout.flush()
    if (code := run(shlex.split(command))) != expected:
        raise StepFailed(
            f"`shuize {command}` ended with exit code {code}, not {expected}",
            hint="what it said stands above; please report it",
        )
    if expected:
        frame.line(f"(exit code {expected}, as it should be)")


def _prepare(folder: Path) -> None:
    if folder.exists() and not (folder / _MARK).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderInUse(f"{folder} is not empty and no demo made it", hint="give another --folder")
    try:
        if folder.exists():
            _move_aside(folder)
        folder.mkdir(parents=True)
        (folder / _MARK).touch()
    except OSError as error:
        raise FolderUnusable(
            f"{folder} can't be made: {error.strerror}", hint="give another --folder"
        ) from error


def _move_aside(folder: Path) -> None:
    """Keep an earlier demo: somebody may have gone on working in it."""
    if not any(folder.iterdir()):
        folder.rmdir()
        return
    aside = next(name for n in count(1) if not (name := Path(f"{folder.absolute()}.{n}")).exists())
    folder.rename(aside)
    frame.note(f"the earlier demo is now in {aside}; remove it when you no longer need it")


def _tamper(source: Path, target: Path) -> None:
    shutil.copytree(source, target)
    path = target / "water-use-index.csv"
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(data)
    frame.line(f"\n(one bit of a copy is changed: {path})")


def _first_grant() -> str:
    from api.cli.app import run

    with redirect_stdout(io.StringIO()) as said:
        run(["grant", "list", "--product", "water-use-index", "--json"])
    grant: str = json.loads(said.getvalue())[0]["id"]
    return grant


def _farewell(folder: Path, seconds: float) -> None:
    _title(f"Done in {seconds:.0f} seconds")
    frame.facts(_places(folder).items())
    command = "shuize" if shutil.which("shuize") else str(Path(sys.executable).parent / "shuize")
    frame.line("\nTry next:")
    frame.line(f"  cd {folder} && export SHUIZE_HOME=home")
    frame.line(f"  {command} dataset show dma-inflow")
    frame.line(f"  {command} product build water-use-index --set base_year=2021 --as li-na")
    frame.line(f"  {command} serve          # then open http://127.0.0.1:8000")
    frame.line(f"  {command} dataset example > mine.yaml   # your own data: register, load, check, build")


def _places(folder: Path) -> dict[str, str]:
    return {
        "catalog": str(folder / "home/catalog.db"),
        "object store": str(folder / "home/store"),
        "chain": str(folder / "home/chain.db"),
        "keys": f"{folder / 'home'}, operator.* and pseudonym.key",
        "samples": str(folder / "samples"),
        "releases": str(folder / "releases"),
        "partner's token": str(folder / "hydro-lab.token"),
    }
