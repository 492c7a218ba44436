"""What all rows share: the declarative base, instants in UTC, documents as JSON, references to parties."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Document = dict[str, Any]
JSON = sa.JSON(none_as_null=True)


class Instant(sa.TypeDecorator[datetime]):
    """An instant in UTC, aware in Python on every database; SQLite itself knows no zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Store UTC; a naive time is a bug of the caller."""
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return an aware time in UTC."""
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


class Row(DeclarativeBase):
    """Base of all rows: constraint names are predictable, so migrations can speak of them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, Document: JSON, list[Any]: JSON}  # noqa: RUF012


def a_party() -> Mapped[str]:
    """Return a column that names a party."""
    return mapped_column(sa.ForeignKey("parties.id"))
