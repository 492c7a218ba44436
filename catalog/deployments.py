"""Where this catalog's registry contract lies, chain by chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog import intents, trail
from catalog.database import Clock, Database, take_turns
from catalog.parties import SYSTEM
from catalog.tables import DeploymentRow
from catalog.trail import Act
from standards.errors import NotFound


class NoDeployment(NotFound):
    """No registry of this catalog is known on the chain."""

    code = "no-deployment"


class Deployment(BaseModel):
    """A registry in use: the address of its contract on one chain."""

    model_config = ConfigDict(frozen=True)

    chain_id: int
    contract: str
    outcome: dict[str, Any]
    deployed_at: datetime


class Deployments:
    """The register of contract addresses; one per chain, replaced only if the chain was reset."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def get(self, chain_id: int) -> Deployment:
        """Return the registry on the chain. Raises NoDeployment."""
        with self._database.read() as session:
            row = session.get(DeploymentRow, chain_id)
            if row is None:
                raise NoDeployment(
                    f"this catalog has no registry contract on chain {chain_id}",
                    hint="deploy one: shuize init; or set SHUIZE_CONTRACT to the address of an existing one",
                )
            return _deployment(row)

    def list(self) -> tuple[Deployment, ...]:
        """Return every registry of this catalog, by chain id."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(DeploymentRow).order_by(DeploymentRow.chain_id))
            return tuple(map(_deployment, rows))

    def keep(
        self, chain_id: int, contract: str, outcome: dict[str, Any], *,
        intent: int | None = None, instead_of: Deployment | None = None,
    ) -> Deployment:  # fmt: skip
        """Record the contract and close its intent, together; a recorded one stays.

        `instead_of` is one that is gone with its chain: it goes to the end of `outcome["earlier"]`.
        """
        with self._database.write() as session:
            take_turns(session, f"deployment {chain_id}")
            row = session.get(DeploymentRow, chain_id)
            now = self._clock()
            is_new = row is None
            if row is None:
                row = DeploymentRow(chain_id=chain_id, contract=contract, outcome=outcome, deployed_at=now)
                session.add(row)
            elif is_new := instead_of is not None and _deployment(row) == instead_of:
                last = {"contract": row.contract, "deployed_at": row.deployed_at.isoformat()} | row.outcome
                earlier = [*last.pop("earlier", ()), last]
                row.contract, row.outcome, row.deployed_at = contract, outcome | {"earlier": earlier}, now
            if intent is not None:
                intents.close(session, intent, outcome, now)
            if is_new:
                _record(session, row, now)
            return _deployment(row)


def _record(session: Session, row: DeploymentRow, now: datetime) -> None:
    """Write to the trail that the home has a registry now: what `init` does, nobody else acts yet."""
    detail = {"chain": str(row.chain_id)}  # a chain's id may be larger than JSON's numbers are exact
    trail.record(session, now, Act("registry-founded", "registry", row.contract, SYSTEM, detail))


def _deployment(row: DeploymentRow) -> Deployment:
    return Deployment.model_validate({name: getattr(row, name) for name in Deployment.model_fields})
