"""Runs migrations over the connection that `workspace.db.migrations` opened. Knows the tables of all rooms."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import types
from sqlalchemy.schema import SchemaItem

import workspace.accounts.models
import workspace.bodies.models
import workspace.cases.models
import workspace.cloud.models
import workspace.db.epochs
import workspace.db.facts
import workspace.db.folder_changes
import workspace.db.leases
import workspace.db.outbox
import workspace.exchange.models
import workspace.mail.models
import workspace.sharing.models
import workspace.trust.models  # noqa: F401 - their tables are what counts
from workspace.db.base import Base, Instant


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write plain types: a migration must not change when our own column types do."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, types.LargeBinary) and item.length:
        return f"sa.LargeBinary(length={item.length})"
    return False


def compare_type(_context: Any, _column: Any, kept: Any, _metadata_column: Any, wanted: Any) -> bool | None:
    """SQLite forgets the length of binary columns and the zone of times; that is no difference."""
    if isinstance(wanted, Instant) and isinstance(kept, types.DateTime):
        return False
    if isinstance(wanted, types.LargeBinary) and isinstance(kept, types.LargeBinary | types.BLOB):
        return False
    return None


def include_object(_item: SchemaItem, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    return not (kind == "table" and name == "alembic_version")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=render_item,
    compare_type=compare_type,
    include_object=include_object,
    # SQLite cannot change a table in place: alembic makes it anew
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
