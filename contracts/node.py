"""Questions to a node over JSON-RPC, through a provider of web3.py.

Answers are taken as the JSON they come in: web3.py's own reading refuses chains whose headers differ from
Ethereum's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from standards.errors import Unavailable

if TYPE_CHECKING:
    from web3.providers.base import JSONBaseProvider

Request = tuple[str, list[Any]]
BATCH_REQUESTS = 100

_WHOLE_ADDRESS = "check the whole address of the node: of a Shuize server it ends with /rpc"
_HTTP_HINTS: dict[int | str, str] = {
    404: _WHOLE_ADDRESS,
    405: _WHOLE_ADDRESS,
    429: "the node is asked too much at the moment; try again later",
}


class ChainUnavailable(Unavailable):
    """The node did not answer, or not as a node does."""

    code = "chain-unavailable"


class NodeError(Exception):
    """An error answer of the node. It stays inside this package: callers say what it means to them."""

    def __init__(self, message: str, code: int, data: bytes | None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.data = data
        """What code that reverted gave back, if the node passed it on."""


class Node:
    """One node. `label` names it in messages and holds no secret."""

    def __init__(self, provider: JSONBaseProvider, label: str) -> None:
        self.provider = provider
        self.label = label

    def ask(self, method: str, *params: Any) -> Any:
        """Return the result of one request. Raises ChainUnavailable or NodeError."""
        from web3.types import RPCEndpoint

        with self._reached():
            answer = self.provider.make_request(RPCEndpoint(method), list(params))
            return self._result(answer)

    def ask_all(self, requests: Sequence[Request]) -> list[Any]:
        """Return the results of many requests in their order, sent in batches of up to a hundred.

        Raises ChainUnavailable or NodeError.
        """
        from web3.types import RPCEndpoint

        results: list[Any] = []
        for start in range(0, len(requests), BATCH_REQUESTS):
            batch = [(RPCEndpoint(name), params) for name, params in requests[start : start + BATCH_REQUESTS]]
            with self._reached():
                answers = self.provider.make_batch_request(batch)
                if not isinstance(answers, list):
                    self._result(answers)  # one error for the whole batch
                    answers = []
                # web3.py orders answers by their id, and by hope where one has none.
                numbered = [each for each in answers if isinstance(each, dict) and each.get("id") is not None]
                if len(numbered) != len(batch):
                    raise self.unreadable(f"{len(numbered)} answers to {len(batch)} requests")
                results += [self._result(answer) for answer in answers]
        return results

    def unreadable(self, what: str) -> ChainUnavailable:
        """Return the error for an answer no node would give."""
        return ChainUnavailable(
            f"{self.label} answers, but not as an Ethereum node does: {what}",
            hint="check that the address is that of a node's JSON-RPC",
        )

    @contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """Take apart an answer. One that lacks what it must hold raises ChainUnavailable."""
        try:
            yield
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise self.unreadable(f"{what} can't be read") from error

    def _result(self, answer: Any) -> Any:
        if isinstance(answer, dict) and isinstance(error := answer.get("error"), dict):
            code = error.get("code")
            message = str(error.get("message"))
            raise NodeError(message, code if isinstance(code, int) else 0, _revert_data(error.get("data")))
        if not isinstance(answer, dict) or "result" not in answer:
            raise self.unreadable("no result")
        return answer["result"]

    @contextmanager
    def _reached(self) -> Iterator[None]:
        import requests
        from web3.exceptions import Web3Exception

        try:
            yield
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else "an error"
            raise ChainUnavailable(
                f"{self.label} answers with HTTP status {status}",
                hint=_HTTP_HINTS.get(status, "check the address of the node"),
            ) from None  # the cause would name the whole address, which may hold a secret
        except requests.Timeout:
            raise ChainUnavailable(f"{self.label} does not answer in time", hint="try again later") from None
        except requests.JSONDecodeError:
            raise self.unreadable("no JSON") from None
        except requests.RequestException:
            raise ChainUnavailable(
                f"{self.label} can't be reached", hint="check that the node runs and the address is right"
            ) from None
        except (Web3Exception, ValueError, TypeError, KeyError, AttributeError, RuntimeWarning) as error:
            raise self.unreadable(type(error).__name__) from None


def _revert_data(data: Any) -> bytes | None:
    """Return the bytes a node gave as `error.data`; some wrap them in one more object."""
    if isinstance(data, dict):
        data = data.get("data")
    if not isinstance(data, str) or not data.startswith("0x"):
        return None
    try:
        return bytes.fromhex(data[2:])
    except ValueError:
        return None
