"""Answers that are errors of JSON-RPC. They stay inside this package: `rpc` puts them into JSON."""

from __future__ import annotations


class RpcFailure(Exception):
    """An error answer: code and message as in JSON-RPC 2.0 and EIP-1474, `data` in hexadecimal if any."""

    code = -32603
    data: str | None = None


class UnknownMethod(RpcFailure):
    """There is no such method."""

    code = -32601


class BadParams(RpcFailure):
    """The parameters don't fit the method."""

    code = -32602


class Refused(RpcFailure):
    """A raw transaction that can't be mined, with the reason in words common to Ethereum nodes."""

    code = -32000


class Halted(RpcFailure):
    """Code ended in another way than it should, or could not begin."""

    code = -32000


class BlockMissing(RpcFailure):
    """The block asked for is not there."""

    code = -32001


class LimitExceeded(RpcFailure):
    """The question asks for more than one answer may hold."""

    code = -32005


class Reverted(RpcFailure):
    """Code ended with REVERT and gave back `output`."""

    code = 3

    def __init__(self, output: bytes) -> None:
        super().__init__(_revert_message(output))
        self.data = "0x" + output.hex()


_ERROR_STRING = bytes.fromhex("08c379a0")  # the selector of Error(string)


def _revert_message(output: bytes) -> str:
    """Return what other nodes say, with the reason where the code gave one as text."""
    if output[:4] != _ERROR_STRING:
        return "execution reverted"
    length = int.from_bytes(output[36:68], "big")
    return f"execution reverted: {output[68 : 68 + length].decode('utf-8', 'replace')}"
