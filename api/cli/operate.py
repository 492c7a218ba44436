"""shuize init and shuize serve: make a home, and open its door."""

from __future__ import annotations

import errno
import os
import shlex
import signal
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame
from standards.errors import Conflict, InvalidInput, Unavailable

if TYPE_CHECKING:
    from api.wiring import Platform


class AddressInUse(Conflict):
    """Another program listens on the port."""

    code = "address-in-use"


class CannotListen(InvalidInput):
    """The address or port is none that this machine lets us listen on."""

    code = "cannot-listen"


def init(
    new_pseudonym_key: Annotated[
        bool, typer.Option("--new-pseudonym-key", help="Put the key aside and make another: new pseudonyms.")
    ] = False,
    new_operator: Annotated[
        bool, typer.Option("--new-operator", help="Make another key where the operator's keystore is lost.")
    ] = False,
    refound: Annotated[
        bool, typer.Option("--refound", help="Deploy the contract anew on a chain that was reset.")
    ] = False,
    raise_fee: Annotated[
        bool, typer.Option("--raise-fee", help="Offer more for a transaction that waits.")
    ] = False,
    json: frame.Json = False,
) -> None:
    """Make all ready: catalog, store, keys, chain, contract. Run again, it completes what is missing.

    It replaces no secret by itself: a lost keystore, password or pseudonym key is an error that says what to
    do. So is a chain that was reset; after --refound, `shuize chain move` carries over what was anchored.

    Example: shuize init
    """
    from api.initialise import initialise, open_to_others
    from api.settings import load

    settings = load()
    with frame.progress() as progress:
        made = initialise(
            settings, progress, new_operator=new_operator, new_pseudonym_key=new_pseudonym_key,
            refound=refound, raise_fee=raise_fee,
        )  # fmt: skip
    for path in open_to_others(settings):
        mode = f"{path.stat().st_mode & 0o777:03o}"
        frame.note(f"warning: other accounts of this machine may enter or read {path} (mode {mode})")
        frame.note(f"hint: unless you want that: chmod go= {shlex.quote(str(path))}")
    if json:
        frame.document(made)
        return
    frame.facts(made.items())
    frame.note('next: shuize party add YOUR-ID --name "Your Name", then shuize dataset example')


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: SHUIZE_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one. Default: SHUIZE_PORT.")
    ] = None,
    json: frame.Json = False,
) -> None:
    """Serve the API, its documentation and the start page.

    It runs until Ctrl-C or SIGTERM. With --json, stdout says where, once it listens.

    Example: shuize serve --port 8000
    """
    import uvicorn

    from api.app import create_app

    with frame.platform() as platform:
        settings = platform.settings
        listening = _listen(settings.host if host is None else host, settings.port if port is None else port)
        with listening:
            _complete(platform)
            _announce(listening, json)
            signal.signal(signal.SIGTERM, lambda _number, _frame: None)  # uvicorn stops, then raises it again
            config = uvicorn.Config(create_app(platform), log_level="warning")
            uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises AddressInUse, CannotListen."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(1024)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AddressInUse(
                f"port {port} of {host} is in use",
                hint="stop the other program, or choose another: shuize serve --port 0",
            ) from error
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise CannotListen(
            f"can't listen on {host} port {port}: {why}",
            hint="give --host an address of this machine, such as 127.0.0.1, and --port one above 1023",
        ) from error
    return listening


def _complete(platform: Platform) -> None:
    """Complete what an earlier run left open; a chain that does not answer must not keep the door shut."""
    try:
        for said in platform.publisher.resume(frame.note):
            frame.note(f"completed from an earlier run: {said}")
    except Unavailable as error:
        frame.note(f"not completed yet: {error.message}")
        frame.note("hint: once the chain answers: shuize chain resume")


def _announce(listening: socket.socket, json: bool) -> None:
    host, port = listening.getsockname()[:2]
    base = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    frame.note(f"serving on {base}, documentation at {base}/docs; Ctrl-C stops")
    if json:
        frame.document({"address": base, "documentation": f"{base}/docs", "rpc": f"{base}/rpc"})
