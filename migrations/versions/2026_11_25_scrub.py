"""Where the round of reading everything stands, and what it has found damaged."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_scrub"
down_revision = "2026_11_25_erasure"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scrub",
        sa.Column("name", sa.String(length=12), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cursor", sa.String(length=26), nullable=False),
        sa.Column("blobs", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("all_blobs", sa.BigInteger(), nullable=False),
        sa.Column("all_size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_scrub")),
    )
    op.create_table(
        "damage",
        sa.Column("blob_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("blob_id", name=op.f("pk_damage")),
    )


def downgrade() -> None:
    op.drop_table("damage")
    op.drop_table("scrub")
