"""When a person asked to be erased, and when they were.

Revision ID: 2026_11_25_erasure
Revises: 2026_11_25_programs
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_erasure"
down_revision = "2026_11_25_programs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    asked = sa.text("leaves_at IS NOT NULL")
    op.create_index("ix_person_leaves_at", "person", ["leaves_at"], sqlite_where=asked, postgresql_where=asked)


def downgrade() -> None:
    op.drop_index("ix_person_leaves_at", "person")
    op.drop_column("person", "erased_at")
    op.drop_column("person", "leaves_at")
