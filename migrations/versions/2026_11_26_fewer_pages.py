"""A small file touches fewer pages: two indexes that no question uses go, two tables of SQLite become their key."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_fewer_pages"
down_revision = "2026_11_25_webhooks"
branch_labels = None
depends_on = None

FOLDER_CHANGE = {name: sa.String(length=26) for name in ("space_id", "id", "item_id")}
WRAPPED_KEY = {
    "blob_id": sa.String(length=26),
    "space_id": sa.String(length=26),
    "wrapped": sa.LargeBinary(length=60),
}


def upgrade() -> None:
    op.drop_index("ix_blob_sha256", "blob")
    op.drop_index("ix_fact_person", "fact")
    op.drop_index("ix_folder_change_space_id", "folder_change")
    if op.get_bind().dialect.name == "postgresql":
        _other_key("folder_change", ["space_id", "id"])
        return
    _made_anew("folder_change", FOLDER_CHANGE, ["space_id", "id"], keyed=True)
    _wrapped_keys(keyed=True)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _other_key("folder_change", ["id"])
    else:
        _wrapped_keys(keyed=False)
        _made_anew("folder_change", FOLDER_CHANGE, ["id"], keyed=False)
    op.create_index("ix_folder_change_space_id", "folder_change", ["space_id"])
    op.create_index("ix_fact_person", "fact", ["person_id", "id"])
    op.create_index("ix_blob_sha256", "blob", ["sha256"])


def _other_key(name: str, key: list[str]) -> None:
    op.drop_constraint(f"pk_{name}", name)
    op.create_primary_key(f"pk_{name}", name, key)


def _wrapped_keys(*, keyed: bool) -> None:
    op.drop_index("ix_wrapped_key_space_id", "wrapped_key")
    _made_anew("wrapped_key", WRAPPED_KEY, ["blob_id", "space_id"], keyed=keyed)
    op.create_index("ix_wrapped_key_space_id", "wrapped_key", ["space_id"])


def _made_anew(name: str, types: dict[str, sa.types.TypeEngine[object]], key: Sequence[str], *, keyed: bool) -> None:
    """The table of SQLite with another primary key, its rows in it; `keyed`: stored as its key, without a rowid."""
    columns = [sa.Column(column, kind, nullable=False) for column, kind in types.items()]
    op.rename_table(name, f"{name}_old")
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")), sqlite_with_rowid=not keyed)
    op.execute(
        sa.insert(sa.table(name, *map(sa.column, types))).from_select(
            list(types), sa.select(*map(sa.column, types)).select_from(sa.table(f"{name}_old"))
        )
    )
    op.drop_table(f"{name}_old")
