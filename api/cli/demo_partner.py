"""The partner's part of the demo: a server that ends with it, and asking that server.

Apart from the rest of the demo, so that no other command's help waits for what HTTP needs.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.cli import frame
from api.cli.demo import StepFailed
from standards.errors import Unavailable

_SHOWN = ["area", "month", "volume_m3", "index", "hours_filled"]
_START_SECONDS = 30
_WATCHED = "from api.cli.demo_partner import run_watched; run_watched()"


class ServerDidNotStart(Unavailable):
    """`shuize serve` did not answer in time."""

    code = "server-did-not-start"


@contextmanager
def served() -> Iterator[str]:
    """Yield the address of a `shuize serve` that runs meanwhile."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    frame.line(f"\n$ shuize serve --port {port} &")
    command = [sys.executable, "-c", _WATCHED, "serve", "--port", str(port)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own command
    try:
        _wait_until_answering(server, base)
        yield base
    finally:
        server.terminate()
        server.communicate(timeout=_START_SECONDS)


def run_watched() -> None:
    """Run the command in `sys.argv` until it ends, or until whoever holds the other end of stdin is gone.

    A pipe needs no help of the system that only Linux gives, such as PR_SET_PDEATHSIG.
    """
    from api.cli import main

    def watch() -> None:
        os.read(0, 1)  # nothing is ever written: this returns when the last writer is gone
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    main()


def _wait_until_answering(server: subprocess.Popen[bytes], base: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            ask(f"{base}/products")
        except OSError:  # URLError, or a connection that is dropped while the server starts
            time.sleep(0.1)
        else:
            return
    raise ServerDidNotStart(
        f"no answer from {base} within {_START_SECONDS} seconds",
        hint="look at what the server said above; then try again: shuize demo",
    )


def read_with_pandas(url: str) -> None:
    """Read rows as the README does, and show the receipt."""
    import pandas as pd

    token = Path("hydro-lab.token").read_text("utf-8").strip()
    frame.line("")
    frame.line(">>> import pandas as pd")
    frame.line('>>> auth = {"Authorization": "Bearer " + open("hydro-lab.token").read().strip()}')
    frame.line(f'>>> df = pd.read_csv("{url}", storage_options=auth)')
    frame.line(f">>> df[{_SHOWN}].tail(6)".replace("'", '"'))
    rows = pd.read_csv(url, storage_options={"Authorization": f"Bearer {token}"})
    frame.line(rows[_SHOWN].tail(6).to_string())
    frame.line("")
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - our own
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        frame.facts((name, answer.headers[name]) for name in ("Shuize-Receipt", "Shuize-Receipt-Digest"))


def refused(url: str) -> str:
    """Return what the partner is told when its grant is no more.

    Raises StepFailed where it still reads.
    """
    token = Path("hydro-lab.token").read_text("utf-8").strip()
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - our own
    try:
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
    except urllib.error.HTTPError as refusal:
        with refusal:
            return f"\nthe partner asks again: {refusal.code} {json.loads(refusal.read())['detail']}"
    raise StepFailed("the partner could read after the grant was revoked")


def ask(url: str) -> bytes:
    """Return the body of an answer of our own server."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own server
        body: bytes = answer.read()
    return body
