"""Locks and dead properties of WebDAV; names under which shares are found there."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_locks_and_properties"
down_revision = "2026_11_25_requests_for_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "item_lock",
        sa.Column("token", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("deep", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_lock_item_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_item_lock")),
    )
    op.create_index("ix_item_lock_item_id", "item_lock", ["item_id"], unique=False)
    op.create_index("ix_item_lock_space_id", "item_lock", ["space_id"], unique=False)
    op.create_table(
        "item_properties",
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("blob_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"], name=op.f("fk_item_properties_blob_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_properties_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_properties")),
    )
    op.create_index("ix_item_properties_blob_id", "item_properties", ["blob_id"], unique=False)
    op.create_table(
        "share_name",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_share_name_item_id")),
        sa.PrimaryKeyConstraint("person_id", "item_id", name=op.f("pk_share_name")),
    )
    op.create_index("ix_share_name_item_id", "share_name", ["item_id"], unique=False)
    op.create_index("uq_share_name_person_id_name", "share_name", ["person_id", "name"], unique=True)


def downgrade() -> None:
    op.drop_table("share_name")
    op.drop_table("item_properties")
    op.drop_table("item_lock")
