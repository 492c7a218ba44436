"""What is meant for the chain, and where the contract lies on it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Document, Row


class IntentRow(Row):
    __tablename__ = "chain_intents"
    __table_args__ = (
        sa.Index(  # one open intent for one aim: two processes can't start the same thing
            "uq_chain_intents_open_aim", "aim", unique=True,
            sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    aim: Mapped[str] = mapped_column(sa.String(160))
    action: Mapped[Document]
    state: Mapped[str] = mapped_column(sa.String(16))
    transaction: Mapped[Document | None]
    outcome: Mapped[Document | None]
    stored_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class DeploymentRow(Row):
    __tablename__ = "deployments"

    chain_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    contract: Mapped[str] = mapped_column(sa.String(42))
    outcome: Mapped[Document]
    deployed_at: Mapped[datetime]
