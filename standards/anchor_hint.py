"""Where a release is said to be anchored: `anchor.json` beside its manifest. A hint for whoever verifies.

It proves nothing, and no part of the manifest speaks of it: which chain and contract to believe is for the
reader to decide. It tells an answer that means something from one asked of the wrong or a lagging node.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from standards import canonical_json
from standards.errors import InvalidInput
from standards.faults import of_validation

FILE_NAME: Final = "anchor.json"
NOTE: Final = (
    "A hint, not a proof: where the publisher says this release is anchored. Take chain and contract from a "
    "source you trust, and ask a node you trust."
)


class NotAnAnchorHint(InvalidInput):
    """The anchor.json beside a manifest does not say where a release is anchored."""

    code = "not-an-anchor-hint"


class AnchorHint(BaseModel):
    """Chain, contract and block of a release's anchor."""

    model_config = ConfigDict(frozen=True)

    note: str = NOTE
    product: str
    version: int
    chain_id: int
    contract: str
    block: Annotated[int, Field(ge=0)]
    block_hash: str | None = None

    def to_bytes(self) -> bytes:
        """Return the hint as JSON."""
        return canonical_json.encode(self.model_dump(mode="json", exclude_none=True))


def parse(data: bytes, *, where: str) -> AnchorHint:
    """Return the hint written in `data`. Raises NotAnAnchorHint."""
    try:
        return AnchorHint.model_validate_json(data)
    except ValidationError as error:
        faults = of_validation(error)
        raise NotAnAnchorHint(
            f"{where} does not say where a release is anchored",
            hint="fetch it again, or put it aside: verifying needs no hint",
            faults=faults,
        ) from error
