"""shuize init and shuize serve: make a home, and open its door."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import frame


def init(json: frame.Json = False) -> None:
    """Make everything ready: catalog, store, keys, chain, contract. Run again, it completes what is missing.

    Example: shuize init
    """
    from api.initialise import initialise
    from api.settings import load

    with frame.progress() as progress:
        made = initialise(load(), progress)
    if json:
        frame.document(made)
        return
    frame.facts(made.items())


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. Default: 8000.")] = None,
) -> None:
    """Serve the API, its documentation and the start page until stopped.

    Example: shuize serve --port 8000
    """
    import uvicorn

    from api.app import create_app

    with frame.platform() as platform:
        settings = platform.settings
        for said in platform.publisher.resume(frame.note):
            frame.note(f"completed from an earlier run: {said}")
        address = (host or settings.host, port or settings.port)
        frame.note(f"serving on http://{address[0]}:{address[1]}, documentation at /docs; Ctrl-C stops")
        uvicorn.run(create_app(platform), host=address[0], port=address[1], log_level="warning")
