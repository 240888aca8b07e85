"""Grants and app passwords that a restore has suspended."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_suspension"
down_revision = "2026_11_25_weekly_letter"
branch_labels = None
depends_on = None

SUSPENDED = sa.text("suspended_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("app_password", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("grant_", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_grant_suspended", "grant_", ["suspended_at"], sqlite_where=SUSPENDED, postgresql_where=SUSPENDED
    )


def downgrade() -> None:
    op.drop_index("ix_grant_suspended", "grant_")
    op.drop_column("grant_", "suspended_at")
    op.drop_column("app_password", "suspended_at")
