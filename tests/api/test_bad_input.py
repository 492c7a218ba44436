"""Bad input: what, where, how to mend; the right exit code; nothing half-written."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.api.shell import City, Said, shuize

SILENT = "http://u:s3cret@127.0.0.1:9/s3cret?k=s3cret"
ISSUE = "grant issue water-use-index hydro-lab --as li-na --purpose p"
REGISTER = "dataset register {} --as li-na"
LOAD = "dataset load dma-inflow {} --as li-na"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, city: City) -> Path:
    """Return a folder of files that are each wrong in one way."""
    folder = tmp_path_factory.mktemp("bad")
    header = "area,observed_at,inflow_l_per_s\n"
    good = (city.folder / "samples" / "inflow.dataset.yaml").read_text("utf-8")
    texts = {
        "empty.csv": "",
        "header.csv": header,
        "column.csv": "area,observed_at\nDMA-01,2021-01-01T00:00:00+01:00\n",
        "type.csv": header + "DMA-01,2021-01-01T00:00:00+01:00,1.5\nDMA-02,2021-01-01T00:00:00+01:00,much\n",
        "bad.yaml": "name: [1\n",
        "deep.yaml": "[" * 20_000,
        "text.yaml": "just words",
        "parts.yaml": "name: x\n",
        "element.yaml": good.replace("dma-inflow", "other").replace("area.code", "area.kode"),
        "name.yaml": good.replace("name: dma-inflow", "name: DMA Inflow"),
        "twice.yaml": good,
        "key.yaml": good + "title: another\n",
        "keystore.json": "{}",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "noise.csv").write_bytes(bytes(range(256)) * 8)
    (folder / "gbk.yaml").write_bytes("name: 城市\n".encode("gbk"))
    (folder / "folder.csv").mkdir()
    return folder


def mended(said: Said, code: int, *told: str) -> None:
    """Assert a refusal a person can work with."""
    assert said.code == code, said.err
    assert "Traceback" not in said.err
    assert "\nerror: " in f"\n{said.err}"
    assert said.out == ""
    for text in told:
        assert text in said.err


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        (LOAD.format("nothere.csv"), 3, "nothere.csv can't be read: No such file"),
        (LOAD.format("folder.csv"), 3, "folder.csv is not a regular file"),
        (LOAD.format("empty.csv"), 3, "empty.csv is empty"),
        (LOAD.format("header.csv"), 3, "header and no rows"),
        (LOAD.format("column.csv"), 3, "/fields/inflow_l_per_s"),
        (LOAD.format("type.csv"), 3, "file row 3, column inflow_l_per_s: 'much'"),
        (LOAD.format("noise.csv"), 3, "noise.csv"),
        (LOAD.format("type.csv") + " --encoding klingon", 3, "no text encoding 'klingon'"),
        ("dataset load nosuch type.csv --as li-na", 4, "no dataset is called 'nosuch'"),
        ("dataset load dma-inflow type.csv --as nobody", 4, "no party has the id 'nobody'"),
        ("dataset load dma-inflow type.csv", 3, "who acts"),
        (REGISTER.format("nothere.yaml"), 3, "nothere.yaml can't be read"),
        (REGISTER.format("bad.yaml"), 3, "bad.yaml is not YAML or JSON that can be read: line 2, column 1"),
        (REGISTER.format("deep.yaml"), 3, "nested deeper than 100 levels"),
        (REGISTER.format("key.yaml"), 3, "'title' stands twice"),
        (REGISTER.format("gbk.yaml"), 3, "gbk.yaml is not UTF-8 text"),
        (REGISTER.format("text.yaml"), 3, "does not describe a dataset"),
        (REGISTER.format("parts.yaml"), 3, "/title: is missing"),
        (REGISTER.format("element.yaml"), 3, "/fields/0/element: no data element has the id 'area.kode'"),
        (REGISTER.format("name.yaml"), 3, "'DMA Inflow' is not a valid dataset name"),
        (REGISTER.format("twice.yaml"), 5, "registered already"),
        ("dataset show nosuch", 4, "shuize dataset list"),
        ("dataset show dma-inflow --version 99999999999999999999", 4, "no version 99999999999999999999"),
        ("product build nosuch --as li-na", 4, "no recipe makes"),
        ("product build water-use-index --as li-na --set base_year=x", 3, "whole number"),
        ("product build water-use-index --as li-na --set no=1", 3, "its parameters: base_year"),
        ("product build water-use-index --as li-na --input inflow=customer-register", 3, "can't serve"),
        ("product publish water-use-index --as li-na", 5, "published already"),
        ("product approve water-use-index --as zhao-min", 5, "not a draft"),
        ("product show water-use-index --version 7", 4, "no release 7"),
        ("product export water-use-index folder.csv", 5, "folder.csv exists already"),
        (f"{ISSUE} --until 2020-01-01", 3, "window is empty"),
        (f"{ISSUE} --from 2031-01-01 --until 2030-01-01", 3, "window is empty"),
        (f"{ISSUE} --until soon", 3, "'soon' is neither a day nor an instant"),
        (f"{ISSUE} --until 2099-01-01T00:00:00", 3, "does not say its UTC offset"),
        (ISSUE.replace("hydro-lab", "nobody") + " --until 2099-01-01", 4, "no party has the id 'nobody'"),
        (ISSUE.replace("water-use-index", "nosuch") + " --until 2099-01-01", 4, "no recipe makes"),
        ("grant revoke nosuch --reason r --as li-na", 4, "no grant has the id"),
        ("party add hydro-lab --name x --as li-na", 5, "exists already"),
        ("party add 'A B' --name x --as li-na", 3, "'A B' is not a valid party id"),
        ("party add ab --name ' ' --as li-na", 3, "has no name"),
        ("party add ab --name x --address 0x12 --as li-na", 3, "'0x12' is not an account address"),
        ("party add a --name x --kind system --token-file type.csv --as li-na", 5, "type.csv exists already"),
        ("party add ab --name x --kind partner --token-file type.csv/x --as li-na", 8, "can't be written"),
        ("party token hydro-lab --token-file type.csv --as li-na", 5, "type.csv exists already"),
        ("party token water-group --as li-na", 3, "its people have"),
        ("verify nothere.csv", 4, "nothere.csv can't be read"),
        ("verify type.csv", 4, "--manifest"),
        ("verify type.csv --manifest bad.yaml", 3, "bad.yaml is not JSON"),
        ("standard show nosuch", 4, "known ids"),
        ("sample customers --count 0", 3, "0 customers"),
        ("sample customers type.csv", 3, "type.csv can't be made"),
        ("sample city --customers 10", 3, "10 customers"),
        ("sample city --rate 1", 3, "without a defect"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_where_and_how_to_mend(
    city: City, files: Path, line: str, code: int, told: str
) -> None:
    mended(shuize(city.home, *shlex.split(line), at=files), code, told)


@pytest.mark.parametrize(
    ("settings", "line", "code", "told"),
    [
        ({"home": "nowhere"}, "dataset list", 4, "shuize init"),
        ({"home": "type.csv"}, "dataset list", 8, "SHUIZE_HOME"),
        ({"home": "type.csv"}, "init", 8, "SHUIZE_HOME"),
        ({"home": "type.csv/x"}, "init", 8, "SHUIZE_HOME"),
        ({"password": "s3cret"}, f"{ISSUE} --until 2099-01-01", 6, "the password does not open"),
        ({"password_file": "nowhere"}, f"{ISSUE} --until 2099-01-01", 4, "SHUIZE_PASSWORD"),
        ({"keystore": "nowhere"}, f"{ISSUE} --until 2099-01-01", 4, "no keystore at nowhere"),
        ({"keystore": "keystore.json"}, f"{ISSUE} --until 2099-01-01", 3, "keystore.json is no keystore"),
        ({"chain": SILENT}, "chain status", 8, "http://127.0.0.1:9 can't"),
        ({"chain": SILENT}, "init", 8, "http://127.0.0.1:9 can't"),
        ({"chain": "ftp://s3cret"}, "chain status", 3, "http://"),
        ({"chain_id": "1"}, "chain status", 5, "chain 1 was expected"),
        ({"chain_id": "one"}, "chain status", 3, "SHUIZE_CHAIN_ID"),
        ({"contract": "0x" + "00" * 19 + "01"}, "chain status", 5, "no contract at 0x"),
        ({"contract": "0x" + "00" * 19 + "01"}, "init", 5, "no contract at 0x"),
        ({"contract": "home"}, "chain status", 3, "'home' is not an account's address"),
        ({"store": "type.csv"}, "dataset load dma-inflow SAMPLE --as li-na", 8, "SHUIZE_STORE"),
        ({"database_url": "s3cret"}, "dataset list", 3, "sqlite:///"),
        ({"database_url": "sqlite:///noise.csv"}, "dataset list", 3, "is damaged or is not a catalog"),
        ({"database_url": "mysql://u:s3cret@h/x"}, "dataset list", 3, "database URL"),
        ({"database_url": "sqlite:///nowhere/s.db"}, "dataset list", 8, "did not answer"),
    ],
)  # fmt: skip
def test_a_setting_that_does_not_fit_is_told_without_its_secrets(
    city: City, files: Path, settings: dict[str, str], line: str, code: int, told: str
) -> None:
    line = line.replace("SAMPLE", str(city.folder / "samples" / "inflow.csv"))
    said = shuize(city.home, *shlex.split(line), at=files, **settings)
    mended(said, code, told)
    assert "s3cret" not in said.err
    assert not (files / "nowhere").exists()


def test_refusals_leave_nothing_behind(city: City, files: Path) -> None:
    """After all of the above: the parties, versions, releases, grants and files of before, and no draft."""
    assert [p["id"] for p in shuize(city.home, "party", "list", "--json").json()] == [
        "hydro-lab", "li-na", "wang-wei", "water-group", "zhao-min",
    ]  # fmt: skip
    assert {
        d["document"]["name"]: d["versions"] for d in shuize(city.home, "dataset", "list", "--json").json()
    } == {
        "customer-register": 1,
        "dma-inflow": 1,
    }
    states = [grant["state"] for grant in shuize(city.home, "grant", "list", "--json").json()]
    assert states == ["revoked", "active"]
    assert shuize(city.home, "chain", "status", "--json").json()["pending"] == []
    assert (files / "type.csv").read_text().startswith("area,")
    assert not [path for path in files.iterdir() if path.name.startswith((".", "tmp"))]


def test_a_changed_byte_is_a_no_and_a_silent_chain_is_not(city: City, tmp_path: Path) -> None:
    folder = city.release
    file, manifest = folder / "water-use-index.csv", str(folder / "manifest.json")
    assert shuize(city.home, "verify", str(file)).code == 0
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    changed = tmp_path / file.name
    changed.write_bytes(data)
    said = shuize(city.home, "verify", str(changed), "--manifest", manifest)
    assert said.code == 1
    assert "NOT ANCHORED" in said.out
    as_json = shuize(city.home, "verify", str(changed), "--manifest", manifest, "--json")
    assert as_json.code == 1
    assert as_json.json()["outcome"] == "not anchored"
    for path in (file, changed):
        silent = shuize(city.home, "verify", str(path), "--manifest", manifest, chain="http://127.0.0.1:9")
        mended(silent, 8, "can't be reached")


def test_a_regulator_needs_no_home(address: str, city: City, tmp_path: Path) -> None:
    words = ("verify", str(city.release / "water-use-index.csv"))
    where = ("--rpc", f"{address}/rpc", "--contract", city.contract)
    said = shuize(tmp_path / "none", *words, *where, "--json")
    assert said.code == 0, said.err
    assert said.json()["release"]["product"] == "water-use-index"
    told = shuize(tmp_path / "none", *words, *where, "--chain-id", "13376").out
    assert "chain id" in told
    assert "head" in told
    mended(shuize(tmp_path / "none", *words, *where, "--chain-id", "5"), 5, "chain 5 was expected")
    mended(shuize(tmp_path / "none", *words, *where, chain_id="5"), 5, "chain 5 was expected")
    mended(shuize(city.home, *words, "--chain-id", "5"), 5, "chain 5 was expected")
    wrong = ("--rpc", f"{address}/rpc", "--contract", "0x" + "00" * 19 + "01")
    mended(shuize(tmp_path / "none", *words, *wrong), 5, "no contract at")
    for path in ("", "/nothing"):
        off = ("--rpc", f"{address}{path}", "--contract", city.contract)
        mended(shuize(tmp_path / "none", *words, *off), 8, "HTTP status 40", "ends with /rpc")


def test_a_regulator_who_names_no_chain_is_told_what_to_name(city: City, tmp_path: Path) -> None:
    beside = str(city.release / "water-use-index.csv")
    hint = f"anchor.json says, as a hint: contract {city.contract} on chain 13376"
    mended(shuize(tmp_path / "none", "verify", beside), 4, "--rpc NODE --contract ADDRESS", hint)
    assert not (tmp_path / "none").exists()
    (tmp_path / "manifest.json").write_bytes((city.release / "manifest.json").read_bytes())
    said = shuize(tmp_path / "none", "verify", beside, "--manifest", str(tmp_path / "manifest.json"))
    mended(said, 4, "--rpc NODE --contract ADDRESS of a node you trust\n")


@pytest.mark.parametrize("line", [LOAD.format("no\udcff.csv"), "party add p --name \udce9"])
def test_bytes_that_are_no_text_are_refused_at_the_door(city: City, line: str) -> None:
    mended(shuize(city.home, *line.split()), 3, "holds bytes that are no text", "hint: type it")


def test_nothing_that_is_shown_steers_the_terminal(city: City, tmp_path: Path) -> None:
    named = shuize(city.home, "party", "add", "red", "--name", "\x1b[31mred", "--as", "li-na")
    mended(named, 3, "control characters")
    header = "are\x1b[2Ja,observed_at\nDMA-01,2021-01-01T00:00:00+01:00\n"
    (tmp_path / "steers.csv").write_text(header, "utf-8")
    said = shuize(city.home, *LOAD.format(tmp_path / "steers.csv").split())
    mended(said, 3, "are\\u001b[2Ja")
    assert "\x1b" not in said.err
    document = (city.folder / "samples" / "inflow.dataset.yaml").read_text("utf-8")
    titled = document.replace("licence: MIT", 'licence: "\\e[2J"')
    (tmp_path / "titled.yaml").write_text(titled, "utf-8")
    said = shuize(city.home, *REGISTER.format(tmp_path / "titled.yaml").split())
    mended(said, 3, "/licence: holds the control character \\u001b; take it out")
