"""The chain for everyone: its status, and the embedded chain's JSON-RPC with CORS."""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from api.problems import BodyTooLarge, documented
from api.routes.asking import Wired
from contracts.chain import ChainStatus
from contracts.words import account_address
from standards.errors import NotFound

router = APIRouter(tags=["chain"])

MAX_BODY_BYTES = 1 << 20
MAX_AT_ONCE = 64
"""How many requests `/rpc` works on at once, in threads of their own; the next is told to wait."""
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}
"""For `/rpc`, its problems too: a page of any origin may ask, and read why it was refused."""


_places = CapacityLimiter(MAX_AT_ONCE)


class NoEmbeddedChain(NotFound):
    """This platform stands on a node of its own; ask that."""

    code = "no-embedded-chain"


class ChainOfPlatform(BaseModel):
    """The chain and the contract that anchors are in."""

    chain: ChainStatus
    contract: str


@router.head("/chain", include_in_schema=False)
@router.get("/chain", responses=documented(404, 409))
def show_chain(platform: Wired) -> ChainOfPlatform:
    """Say which chain and contract to verify against."""
    registry = platform.registry
    return ChainOfPlatform(chain=registry.chain.status(), contract=registry.address)


@router.options("/rpc", include_in_schema=False)
def preflight() -> Response:
    """Let pages of any origin, `file://` too, ask."""
    return Response(status_code=204, headers=CORS)


@router.post(
    "/rpc",
    responses=documented(404, 413) | {code: {"content": {"application/json": {}}} for code in (200, 429)},
    response_class=Response,
)
async def json_rpc(request: Request, platform: Wired) -> Response:
    """Answer Ethereum JSON-RPC, single or batch: reading for everyone, members' signed transactions.

    Whose raw transactions are taken is set by SHUIZE_RPC_TRANSACTIONS: by default those of accounts with a
    role in the registry.

    A call may take a second of work, a batch ten; what asks for more is answered with the error -32005. When
    64 requests are being answered, the next gets the status 429 and the same error.

    `async` only to read the body in bounds; the chain itself is asked in a thread.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge(f"the body is larger than {MAX_BODY_BYTES:,} bytes", hint="split the batch")
    if _places.available_tokens < 1:
        from contracts.embedded.rpc import busy

        full = busy(f"{MAX_AT_ONCE} requests are being answered; try again in a moment")
        return Response(full, 429, {**CORS, "Retry-After": "1"}, "application/json")
    answer = await to_thread.run_sync(_answer, platform, body, limiter=_places)
    return Response(answer, media_type="application/json", headers=CORS)


def _answer(platform: Wired, body: bytes) -> bytes:
    embedded = platform.chain.embedded
    if embedded is None:
        raise NoEmbeddedChain(
            "this platform does not run the embedded chain",
            hint="ask the node whose address the operator names",
        )
    if platform.settings.rpc_transactions == "anyone":
        return embedded.handle_bytes(body, guest=True)
    return embedded.handle_bytes(body, lambda sender: _why_not(platform, sender), guest=True)


def _why_not(platform: Wired, sender: str) -> str | None:
    """Return why a sender's transactions are not taken, or None: blocks cost the sender nothing here."""
    if platform.settings.rpc_transactions == "none":
        return "this server takes no transactions over HTTP"
    if account_address(sender) in platform.registry.role_members():
        return None
    return f"{account_address(sender)} holds no role in the registry, and only its members may send here"
