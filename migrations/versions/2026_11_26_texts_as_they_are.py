"""First lines are read from the text itself: what was kept of them goes, the blobs with the next sweep."""

from alembic import op

revision = "2026_11_26_texts_as_they_are"
down_revision = "2026_11_26_fewer_pages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM preview WHERE size_name = 'text'")


def downgrade() -> None:
    """Nothing: the worker of an older program makes them for what is put in from then on."""
