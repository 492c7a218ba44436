"""Alembic's entry: it works on the connection that `Database.upgrade` opened, and on nothing else."""

from typing import Any, Literal

from alembic import context

from catalog.search.native import is_ours
from catalog.tables import Instant, Row


def _render(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """A migration must not change when our types do: it says what they are on the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    render_as_batch=True,
    render_item=_render,
    compare_type=True,
    include_name=lambda name, kind, _parents: kind != "table" or not is_ours(name),
)
with context.begin_transaction():
    context.run_migrations()
