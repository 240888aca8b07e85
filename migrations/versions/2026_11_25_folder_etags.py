"""Folders get ETags that change with everything below them."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_folder_etags"
down_revision = "2026_11_22_first_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "folder_change",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder_change")),
    )
    op.create_index("ix_folder_change_space_id", "folder_change", ["space_id"], unique=False)
    op.add_column("item", sa.Column("folder_etag", sa.String(length=26), nullable=True))


def downgrade() -> None:
    op.drop_column("item", "folder_etag")
    op.drop_table("folder_change")
