"""People say whether they want the weekly letter, and it is known until when the last one told."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_weekly_letter"
down_revision = "2026_11_25_folder_etags"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("weekly_letter", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("person", sa.Column("weekly_letter_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "weekly_letter_at")
    op.drop_column("person", "weekly_letter")
