"""The shape of the command line: help, examples, --json, usage errors, what help may import."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from api.reference import DOCS, commands, help_text
from catalog.database import Database
from tests.api.shell import Said, environment, process, quicken, shuize
from tests.builders import an_event
from tests.catalog.orders import an_order_in, close_in

COMMANDS = commands()
HEAVY = {
    "alembic", "calamine", "duckdb", "eth", "eth_account", "fastapi", "jinja2", "pandas", "pyarrow",
    "python_calamine", "requests", "sqlalchemy", "starlette", "uvicorn", "web3", "yaml",
}  # fmt: skip

PREPARED = (
    'party add water-group --name "City Water" --kind organisation',
    'party add li-na --name "Li Na 李娜" --as water-group',
    'party add wang-wei --name "Wang Wei 王伟" --as water-group',
    'party add zhao-min --name "Zhao Min 赵敏" --as water-group',
    'party add hydro-lab --name "Hydro Lab" --kind partner --as water-group',
)
"""Who acts in the examples."""

ORDER = (
    "sample inflow", "sample customers", "sample governance", "sample city", "init",
    "party add", "party token",
    "party list", "standard list", "standard show", "standard diff", "standard export",
    "standard code check", "rule list", "rule show",
    "standard code generate", "dataset example", "dataset register", "change show", "change approve",
    "dataset document", "dataset load", "dataset check", "dataset score", "rule test",
    "order list", "order show", "issue list", "issue show", "order triage", "order triage-all",
    "order dispatch", "order dispatch-all", "order comment", "order accept", "order return",
    "order reject", "order reopen", "order waive", "waiver list", "waiver approve", "waiver revoke",
    "order reassign", "order start", "order submit", "order recheck", "order review", "order close",
    "order verify", "order workload", "order escalate", "order take",
    "report daily", "report weekly", "report monthly", "report verify",
    "dataset list", "dataset show",
    "product build", "product approve", "product publish", "product list", "product show",
    "product export", "grant issue", "grant list", "grant revoke", "verify", "chain status",
    "chain resume", "chain check", "chain move", "lineage import", "lineage show", "lineage level",
    "lineage impact",
    "lineage redraw", "glossary list",
    "glossary show", "glossary export", "glossary import", "glossary history", "glossary remove",
    "search", "reindex", "product withdraw",
    "organisation import", "organisation list", "organisation show", "organisation rename",
    "organisation move", "organisation merge", "organisation close", "organisation post", "role assign",
    "role list", "role who", "role end", "dataset change", "change reject", "product register",
    "change withdraw", "change list", "dataset retire", "dataset reinstate", "product change",
    "product retire", "product reinstate", "standard import",
    "asset example", "asset enter", "asset add", "asset reverse",
    "asset list",
    "asset show", "asset export", "organisation leave", "trail list", "trail head", "trail verify",
    "series add", "series list", "series show", "catalog export", "dataset export", "dataset import",
    "product describe",
    "dataset compare", "dataset suggest", "dataset check-record", "dataset quarantine",
    "sampling plan", "sampling draw", "sampling conclude",
    "evidence add", "evidence list", "evidence show", "evidence export", "evidence verify",
    "correction apply", "correction list", "correction show",
    "inspection create", "inspection list", "inspection show", "inspection record", "inspection figures",
    "experience propose", "experience add", "experience list", "experience show",
)  # fmt: skip
"""The examples in an order in which each has what it needs; `demo` and `serve` have tests of their own."""


def example(command: Any) -> str:
    """Return the example that ends a command's help, on one line."""
    return " ".join(command.help.rsplit("Example:", 1)[1].split())


def test_every_command_that_does_something_is_tried() -> None:
    assert {name for name, _ in COMMANDS} == {f"shuize {each}" for each in (*ORDER, "demo", "serve")}


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_a_command_is_explained_and_documented(name: str, command: Any) -> None:
    text, page = help_text(name, command), (DOCS / "cli.md").read_text("utf-8")
    assert f"## {name}\n" in page
    assert text in page, "run: python -m api.reference"
    assert example(command).startswith(name)
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{parameter.name} is not explained"
        for option in parameter.opts:
            assert option in text


@pytest.mark.parametrize("name", [name for name, _ in COMMANDS])
def test_every_command_offers_json(name: str) -> None:
    assert "--json" in shuize(Path("/nonexistent"), *name.split()[1:], "--help").out


def test_no_summary_in_a_list_of_commands_is_cut_short() -> None:
    groups = {name.split()[1] for name, _ in COMMANDS if len(name.split()) == 3}
    for words in ((), *((group,) for group in sorted(groups))):
        said = shuize(Path("/nonexistent"), *words, "--help")
        assert said.code == 0
        assert not re.search(r"\.\.\.$", said.out.split("Commands:")[1], re.MULTILINE), said.out


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    """All helps in one process, so that the test counts imports and not seconds."""
    program = (
        "import sys, json\n"
        "from api.cli.app import run\n"
        "for words in json.loads(sys.argv[1]): assert run([*words, '--help']) == 0\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))\n"
    )
    helps = json.dumps([[], *(name.split()[1:] for name, _ in COMMANDS)])
    done = subprocess.run(
        [sys.executable, "-c", program, helps],
        env=environment(tmp_path),
        capture_output=True,
        check=True,
        text=True,
    )
    assert not HEAVY & set(json.loads(done.stdout.splitlines()[-1]))


BEFORE = {
    "standard import": ("revise our-standards.xlsx",),
    "order list": (
        "break samples/inflow.csv", "dataset load dma-inflow samples/broken.csv --as li-na",
        "fail dataset check dma-inflow --as li-na",
    ),
    "order submit": (
        "trim samples/inflow.csv", "dataset load dma-inflow samples/trimmed.csv --as li-na",
    ),
    "order recheck": (
        'do order review 1 --send-back "which months?" --as zhao-min',
        'do order submit 1 --done "January 2021" --later --as wang-wei',
    ),
    "evidence add": (
        "do order reopen 1 --reason again --as li-na", "do order dispatch 1 --as li-na",
        "do order accept 1 --as li-na", "do order start 1 --as li-na", "note samples/note.txt",
    ),
    "correction apply": ("mend mended.csv",),
    "experience propose": ("close 1",),
    "experience add": ("learn lesson.yaml",),
    "dataset compare": (
        "halve samples/inflow.csv", "dataset load dma-inflow samples/inflow.csv --as li-na"
    ),
    "dataset check-record": ("record record.json",),
    "dataset change": ("edit samples/inflow.dataset.yaml",),
    "dataset retire": (
        "dataset register samples/customers-synthetic.dataset.yaml --as li-na",
        "change approve 5 --as zhao-min",
    ),
    "dataset reinstate": ("change approve 6 --as zhao-min",),
    "product change": (
        "product register samples/product.yaml --as li-na", "change approve 8 --as zhao-min",
        "edit samples/product.yaml",
    ),
    "product retire": ("change approve 9 --as zhao-min",),
    "product reinstate": ("change approve 10 --as zhao-min",),
}  # fmt: skip
"""What must have happened besides; `break` makes a file with gaps and rows twice, `trim` one that
ends sooner, `fail` runs what answers no, `do` another command;
`edit` gives a document another licence, `revise` a standard another version, `halve` a file half its lines,
`record` makes a file of one record, `order` a work order of somebody's, `note` and `mend` a file to add to it
and one to correct by, `close` ends an order, `learn` says what it taught."""


WRITTEN = {
    "record": '{"area": "DMA-01", "observed_at": "2021-01-01T00:00:00Z", "inflow_l_per_s": 12.5}',
    "note": "the seal of the meter was broken\n",
    "mend": "#row,inflow_l_per_s\n1,7.77\n",
}


def prepare(line: str, folder: Path) -> None:
    """Do a step of BEFORE."""
    verb, path = line.split()[:2]
    if verb == "edit":
        text = (folder / path).read_text("utf-8")
        (folder / path).write_text(re.sub("^licence: .*$", "licence: EUPL-1.2", text, flags=re.M), "utf-8")
    elif verb == "revise":
        book = load_workbook(folder / path)
        book["lifecycle_rules"]["B2"] = "2026-12"
        book.save(folder / path)
    elif verb == "halve":
        lines = (folder / path).read_text("utf-8").splitlines(keepends=True)
        (folder / path).write_text("".join(lines[: len(lines) // 2]), "utf-8")
    elif verb in WRITTEN:
        (folder / path).write_text(WRITTEN[verb], "utf-8")
    elif verb == "order":
        with closing(Database(f"sqlite:///{folder / 'home' / 'catalog.db'}")) as database:
            an_order_in(database, dataset="dma-inflow", responsible=path)
    elif verb == "close":
        with closing(Database(f"sqlite:///{folder / 'home' / 'catalog.db'}")) as database:
            close_in(database, int(path))
    elif verb == "learn":
        words = ("title", "problem", "cause", "fix")
        said = [f"{word}_{tongue}: a seal\n" for word in words for tongue in ("zh", "en")]
        (folder / path).write_text("id: broken-seal\nrule: q01\n" + "".join(said), "utf-8")
    elif verb in ("break", "trim"):
        lines = (folder / path).read_text("utf-8").splitlines(keepends=True)
        kept = lines[:-10] if verb == "trim" else [*lines[:300], *lines[100:103], *lines[400:]]
        name = "trimmed.csv" if verb == "trim" else "broken.csv"
        (folder / path).with_name(name).write_text("".join(kept), "utf-8")
    else:
        words = shlex.split(line.removeprefix("fail ").removeprefix("do "))
        said = shuize(folder / "home", *words, at=folder)
        assert said.code == (1 if verb == "fail" else 0), said.err


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "json"])
def walked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bool, dict[str, Said]]:
    """Return whether --json was given, and what every example said, run in order in one home."""
    folder, by_name, said = tmp_path_factory.mktemp("examples"), dict(COMMANDS), {}
    for name in ORDER:
        line = example(by_name[f"shuize {name}"])
        for step in BEFORE.get(name, ()):
            prepare(step, folder)
        if "$GRANT" in line:
            grants = shuize(folder / "home", "grant", "list", "--json", at=folder).json()
            line = line.replace("$GRANT", grants[0]["id"])
        if name == "lineage import":
            (folder / "events.ndjson").write_text(json.dumps(an_event()) + "\n")
        words = [*shlex.split(line)[1:], *(["--json"] if request.param else [])]
        said[name] = shuize(folder / "home", *words, at=folder)
        if name == "init":
            for prepared in PREPARED:
                assert shuize(folder / "home", *shlex.split(prepared)).code == 0
            quicken(folder / "home")
    return request.param, said


@pytest.mark.parametrize("name", ORDER)
def test_the_example_in_the_help_works(walked: tuple[bool, dict[str, Said]], name: str) -> None:
    as_json, said = walked[0], walked[1][name]
    assert said.code == 0, said.err
    assert said.out.strip()
    assert "Traceback" not in said.err
    assert "\x1b" not in said.out + said.err, "colour, and nobody has a terminal"
    if as_json:
        assert said.json() is not None
    else:
        assert not said.out.lstrip().startswith(("{", "["))


def test_the_demo_tells_its_story_on_stderr_and_with_json_says_where_things_lie(
    demo: tuple[Path, Said],
) -> None:
    folder, said = demo
    assert said.code == 0, said.err
    places = said.json()
    assert all(Path(places[name]).exists() for name in places if name != "keys")
    assert "product build water-use-index --set base_year=2021" in said.err
    assert ": ANCHORED" in said.err
    assert ": NOT ANCHORED" in said.err
    assert "(exit code 6, as it should be)" in said.err
    assert "Traceback" not in said.err
    for digest in re.findall(r"\b[0-9a-f]{20,}\b", said.err):
        assert len(digest) in {40, 64}, f"{digest} is cut short"
    assert (folder / "hydro-lab.token").read_text("utf-8").strip() not in said.err


def test_the_demo_replaces_a_demo_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    for target in (tmp_path / "mine", tmp_path / "mine" / "thesis.txt"):
        said = shuize(tmp_path / "home", "demo", "--folder", str(target))
        assert said.code == 5
        assert "no demo made it" in said.err
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    assert shuize(tmp_path / "home", "demo", "--folder", str(tmp_path / "mine/thesis.txt/x")).code == 3


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("nosuch", "No such command 'nosuch'"),
        ("dataset nosuch", "No such command 'nosuch'"),
        ("dataset load", "Missing argument 'name'"),
        ("dataset load a b c", "unexpected extra argument"),
        ("grant issue a b --porpose x", "--purpose"),
        ("grant issue a b", "Missing option '--purpose'"),
        ("party add a --name b --kind c", "'person', 'organisation', 'partner', 'system'"),
        ("party add a --name b --token-file c", "--kind partner"),
        ("dataset show a --version x", "--version"),
        ("product build a --set x", "--set wants NAME=VALUE"),
        ("product build a --input =x", "--input wants NAME=VALUE"),
        ("serve --port 70000", "65535"),
        ("verify a --rpc http://127.0.0.1:9", "together"),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_says_what_to_look_at(
    tmp_path: Path, line: str, told: str
) -> None:
    said = shuize(tmp_path / "home", *line.split())
    assert said.code == 2
    assert told in said.err
    assert "Usage: shuize" in said.err
    assert "hint: see `shuize" in said.err
    assert said.out == ""
    assert "Traceback" not in said.err


@pytest.mark.parametrize("words", [(), ("dataset",), ("chain",)])
def test_a_noun_alone_shows_what_it_offers(tmp_path: Path, words: tuple[str, ...]) -> None:
    said = shuize(tmp_path, *words)
    assert said.code == 2
    assert "Commands:" in said.err


def test_the_version_is_told(tmp_path: Path) -> None:
    assert re.fullmatch(r"shuize \d+\.\d+\.\d+\n", shuize(tmp_path, "--version").out)


def test_the_module_and_the_command_are_the_same(tmp_path: Path) -> None:
    installed = Path(sys.executable).parent / "shuize"
    if not installed.exists():
        pytest.skip("the package is not installed beside this Python")
    done = subprocess.run([installed, "--help"], env=environment(tmp_path), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, process(tmp_path, "--help").out)
