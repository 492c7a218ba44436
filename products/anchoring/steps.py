"""Every kind of step, made again from the intent that was stored for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from products.anchoring.anchor import Step
from products.anchoring.grant_steps import IssueGrant, RevokeGrant
from products.anchoring.moving_steps import MoveGrant, MoveRelease, MoveWithdrawal
from products.anchoring.registers import Registers
from products.anchoring.release_steps import PublishRelease, RegisterProduct, WithdrawRelease
from products.anchoring.role_steps import GiveRole

_MAKERS: dict[str, Callable[[dict[str, Any], Registers], Step]] = {
    "give-role": lambda action, registers: GiveRole(
        registers.intents, action["contract"], action["role"], action["account"]
    ),
    "register-product": lambda action, registers: RegisterProduct(registers, action["product"]),
    "publish": lambda action, registers: PublishRelease(
        registers, registers.releases.get(action["product"], action["version"]), action["by"]
    ),
    "withdraw": lambda action, registers: WithdrawRelease(
        registers,
        registers.releases.get(action["product"], action["version"]),
        action["by"],
        action["reason"],
    ),
    "grant": lambda action, registers: IssueGrant(
        registers, registers.grants.get(action["grant"]), action["party"]
    ),
    "revoke": lambda action, registers: RevokeGrant(
        registers, registers.grants.get(action["grant"]), action["by"], action["reason"]
    ),
    "move-release": lambda action, registers: MoveRelease(
        registers, registers.releases.get(action["product"], action["version"]), action["by"]
    ),
    "move-withdrawal": lambda action, registers: MoveWithdrawal(
        registers,
        registers.releases.get(action["product"], action["version"]),
        action["by"],
        action["reason"],
    ),
    "move-grant": lambda action, registers: MoveGrant(
        registers, registers.grants.get(action["grant"]), action["party"], action["by"]
    ),
}

STEPS = frozenset(_MAKERS)
"""The kinds of step that `again` can make from a stored intent."""


def again(action: dict[str, Any], registers: Registers) -> Step:
    """Return the step that a stored intent was for."""
    return _MAKERS[action["step"]](action, registers)
