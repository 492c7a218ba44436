"""Processes that are killed at a chosen step of a use case: the doubles stand at our own borders.

This module is imported by processes that a fork server makes, so it imports what they will need.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

from api.initialise import initialise
from api.settings import Settings
from api.wiring import Platform
from contracts.node import ChainUnavailable
from products.anchoring.anchor import Anchor
from products.anchoring.founder import Founder
from products.anchoring.publisher import Publisher
from products.anchoring.registers import Registers
from standards.errors import ShuizeError
from tests.products.builders import INDEX
from tests.products.homes import now

NEVER = -1

for _name in ("alembic.command", "alembic.script", "contracts.embedded.execution", "web3.providers.rpc"):
    import_module(_name)  # what a run would import late, so that processes start quickly
for _name in ("contracts.embedded.provider", "contracts.embedded.rpc", "contracts.sender", "eth_account"):
    import_module(_name)


class Death:
    """Counts the calls that have come back over our borders, and kills this process after one of them."""

    def __init__(self, after: int) -> None:
        self._left = after

    def passes(self) -> None:
        """Die, or count on."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Mortal:
    """Stands before an object of ours; each of its methods is a step after which the process may die."""

    def __init__(self, inner: Any, death: Death) -> None:
        self._inner = inner
        self._death = death

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def step(*values: Any, **named: Any) -> Any:
            answer = found(*values, **named)
            self._death.passes()
            return answer

        return step


def mortal_publisher(platform: Platform, death: Death) -> Publisher:
    """Return the platform's publisher whose catalog and sender are mortal."""
    parts = (platform.intents, platform.releases, platform.grants)
    registers = Registers(*(Mortal(part, death) for part in parts))
    signing = Mortal(platform.sender, death)
    return replace(
        platform.publisher,
        registers=registers,
        anchor=lambda: Anchor(registers.intents, platform.registry, signing),
    )


def publish(platform: Platform, death: Death, _given: str) -> None:
    """Register the product and publish its release."""
    mortal_publisher(platform, death).publish(INDEX, None, by="bob")


def withdraw(platform: Platform, death: Death, _given: str) -> None:
    """Withdraw the published release."""
    mortal_publisher(platform, death).withdraw(INDEX, 1, reason="meters were swapped", by="bob")


def grant(platform: Platform, death: Death, party: str) -> None:
    """Issue a grant until the end of 2099."""
    last = now().replace(year=2099)
    mortal_publisher(platform, death).grant(
        INDEX, party, purpose="leakage study", not_before=None, not_after=last, by="alice"
    )


def revoke(platform: Platform, death: Death, grant_id: str) -> None:
    """Revoke a grant."""
    mortal_publisher(platform, death).revoke(grant_id, reason="study finished", by="alice")


def resume(platform: Platform, death: Death, _given: str) -> None:
    """Complete what is open."""
    mortal_publisher(platform, death).resume()


def move(platform: Platform, death: Death, _given: str) -> None:
    """Carry everything over to the registry that the settings lead to."""
    mortal = mortal_publisher(platform, death)
    replace(platform.mover, registers=mortal.registers, anchor=mortal.anchor).move(by="alice")


def found(platform: Platform, death: Death, _given: str) -> None:
    """Deploy the registry and give the roles."""
    founder = Founder(Mortal(platform.deployments, death), Mortal(platform.intents, death))
    founder.found(platform.chain, Mortal(platform.sender, death))


def initialised(platform: Platform, _death: Death, _given: str) -> None:
    """Run the whole of `init`."""
    initialise(platform.settings, lambda _step: None)


Deed = Callable[[Platform, Death, str], None]


def live(settings: Settings, deed: Deed, given: str, after: int, start: Any, said: Any) -> None:
    """Run a deed in this process, and die after so many steps. Errors are said by their code."""
    platform = Platform(settings)
    outcome = "done"
    try:
        if start is not None:
            assert platform.sender.address
            assert platform.chain.chain_id
            start.wait(60)
        deed(platform, Death(after), given)
    except ShuizeError as error:
        outcome = error.code
    finally:
        platform.close()
    if said is not None:
        said.put(outcome)
    elif outcome != "done":
        raise SystemExit(outcome)


class Before:
    """Stands before an object of ours and does something, once, before a method of it is called."""

    def __init__(self, inner: Any, method: str, do: Callable[[], object]) -> None:
        self._inner = inner
        self._method = method
        self._do: Callable[[], object] | None = do

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name == self._method and self._do is not None:
            do, self._do = self._do, None
            do()
        return found


class CutOff:
    """A sender whose node does not answer at one step: before it, or after it has done its work."""

    def __init__(self, inner: Any, method: str, *, works: bool) -> None:
        self._inner = inner
        self._method = method
        self._works = works

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name != self._method:
            return found

        def unanswered(*values: Any, **named: Any) -> Any:
            if self._works:
                found(*values, **named)
            raise ChainUnavailable("the node does not answer", hint="try again")

        return unanswered
