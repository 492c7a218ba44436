"""The start page and /docs: whole, readable, and nothing from elsewhere, by text and in a browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from tests.api.shell import City, shuize

LOADING = {"href", "src", "srcset", "data", "poster", "action", "formaction", "background", "manifest"}
NAME = "shuize.example"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class _Addresses(HTMLParser):
    """Collects every address in a page's attributes, scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._raw = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._raw = tag in {"script", "style"}
        self.found += [value for name, value in attrs if name in LOADING and value]

    def handle_endtag(self, tag: str) -> None:
        self._raw = False

    def handle_data(self, data: str) -> None:
        if self._raw:
            self.found += re.findall(r"(?:https?:)?//[\w.-]+|url\([^)]*\)", data)


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_asks_for_nothing_from_elsewhere(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"https?:|\*", policy)
    page = _Addresses()
    page.feed(answer.text)
    assert page.found
    for address in page.found:
        whole = urljoin(f"http://testserver{path}", address)
        assert urlsplit(whole).hostname == "testserver", address
        if not address.startswith("#"):
            assert client.get(whole).status_code == 200, address


def test_the_start_page_shows_releases_datasets_and_how_to_verify(client: TestClient, city: City) -> None:
    page = client.get("/").text
    manifest = json.loads((city.release / "manifest.json").read_bytes())
    for file in manifest["subject"]:
        assert file["digest"]["sha256"] in page
    assert f"--rpc http://testserver/rpc --contract {city.contract}" in page
    assert "城市用水量指数" in page
    assert '<a href="datasets/dma-inflow">' in page
    assert "Traceback" not in page


def test_an_empty_home_s_page_says_what_to_do_first(new_home: Path) -> None:
    platform = Platform(Settings(home=new_home))
    with TestClient(create_app(platform)) as client:
        page = client.get("/").text
    platform.close()
    assert "shuize product build PRODUCT" in page
    assert "shuize dataset example &gt; mine.yaml" in page


def test_what_people_typed_is_text_and_never_markup(own_city: City) -> None:
    document = (own_city.folder / "samples" / "inflow.dataset.yaml").read_text("utf-8")
    evil = document.replace("name: dma-inflow", "name: evil").replace(
        "title: ", "title: <script>alert(1)</script> ", 1
    )
    path = own_city.folder / "evil.yaml"
    path.write_text(evil, "utf-8")
    asked = shuize(own_city.home, "dataset", "register", str(path), "--as", "li-na", "--json").json()
    assert shuize(own_city.home, "change", "approve", str(asked["id"]), "--as", "zhao-min").code == 0
    platform = Platform(Settings(home=own_city.home))
    with TestClient(create_app(platform)) as client:
        page = client.get("/").text
    platform.close()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here; the pages are then tried as text only")
class TestInABrowser:
    """Under a name that is not localhost, with no network: what a page needs must come from its server."""

    @pytest.mark.parametrize(
        ("path", "shows"),
        [("/docs", ["/products/{product}/rows", "Authorize"]), ("/", ["核验", "已发布数据产品"])],
    )
    def test_a_page_is_whole_without_a_network(
        self, address: str, tmp_path: Path, path: str, shows: list[str]
    ) -> None:
        port = urlsplit(address).port
        log, base = tmp_path / "net.json", f"http://{NAME}:{port}"
        page = self._browse(f"{base}{path}", tmp_path, log)
        for text in shows:
            assert text in page
        asked = self._asked_by(base, log)
        assert asked <= {NAME}
        assert asked or path != "/docs", "its script and style must be among what was seen"

    def _browse(self, url: str, folder: Path, log: Path) -> str:
        """Return the page as the browser has it once its scripts have run."""
        assert BROWSER is not None
        quiet = (
            "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
            "--disable-background-networking --disable-component-update --virtual-time-budget=8000 --dump-dom"
        )
        rules = f"MAP {NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        command = [
            *(BROWSER, *quiet.split(), f"--user-data-dir={folder / 'profile'}"),
            *(f"--host-resolver-rules={rules}", f"--log-net-log={log}", url),
        ]
        return subprocess.run(command, capture_output=True, timeout=90, check=True).stdout.decode()

    def _asked_by(self, base: str, log: Path) -> set[str | None]:
        """Return the hosts that the page asked for something (the browser's own requests have no origin)."""
        asked = set()
        for event in json.loads(log.read_text("utf-8"))["events"]:
            parameters = event.get("params", {})
            if parameters.get("initiator") == base and "url" in parameters:
                asked.add(urlsplit(parameters["url"]).hostname)
        return asked
