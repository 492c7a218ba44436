"""What every answer tells the browser and the caches between, in one place: problems and faults too."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of what is no page: it loads nothing and stands in no frame. Pages add what they need."""


class SafeHeaders:
    """Wraps an application; a header that an answer has already stays as it is.

    Source: Fetch §3.6 (nosniff), CSP 3, Referrer Policy, RFC 9111 §5.2.2.5 (no-store).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the headers besides."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_token = "authorization" in Headers(scope=scope)

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("Content-Security-Policy", NOTHING)
                if has_token or message["status"] >= 400:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_safely)
