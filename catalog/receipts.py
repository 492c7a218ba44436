"""Receipts: what was answered to whom, under which grant."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from catalog.database import Database
from catalog.parties import require_party
from catalog.tables import ReceiptRow
from standards import digests
from standards.digests import Digest
from standards.errors import NotFound


class ReceiptNotFound(NotFound):
    """No receipt has this id."""

    code = "receipt-not-found"


def no_receipt(receipt_id: str) -> ReceiptNotFound:
    """Return the refusal, in the same words for a receipt that is not there and for another party's."""
    return ReceiptNotFound(
        f"no receipt has the id {receipt_id!r}",
        hint="take the id from the header Shuize-Receipt of an answer that you were given",
    )


class Receipt(BaseModel):
    """One answered query. `answer_digest` is the SHA-256 of the bytes that were sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    party: str
    product: str
    version: int
    manifest_digest: Digest
    grant: str
    query: str
    rows: int
    answer_digest: Digest
    issued_at: datetime

    def digest(self) -> Digest:
        """Return the digest of the receipt's canonical document."""
        return digests.of_document(self.model_dump(mode="json"))


class Receipts:
    """The register of receipts; nothing in it ever changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, receipt: Receipt) -> Receipt:
        """Keep a receipt, before the answer is sent. Raises UnknownParty."""
        with self._database.write() as session:
            require_party(session, receipt.party)
            session.add(
                ReceiptRow(
                    id=receipt.id, party=receipt.party, product=receipt.product,
                    document=receipt.model_dump(mode="json"), digest=receipt.digest(),
                    issued_at=receipt.issued_at,
                )
            )  # fmt: skip
        return receipt

    def get(self, receipt_id: str) -> Receipt:
        """Return the receipt. Raises ReceiptNotFound."""
        with self._database.read() as session:
            row = session.get(ReceiptRow, receipt_id)
            if row is None:
                raise no_receipt(receipt_id)
            return Receipt.model_validate(row.document)

    def list(self, *, party: str | None = None) -> tuple[Receipt, ...]:
        """Return the receipts, oldest first."""
        query = sa.select(ReceiptRow).order_by(ReceiptRow.issued_at, ReceiptRow.id)
        if party is not None:
            query = query.where(ReceiptRow.party == party)
        with self._database.read() as session:
            return tuple(Receipt.model_validate(row.document) for row in session.scalars(query))
