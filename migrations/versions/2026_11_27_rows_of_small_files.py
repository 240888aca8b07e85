"""PostgreSQL: a small file stays in its row. Beside it, in pieces of two kilobytes with an index of their own, it would
cost six writes more to put in and four reads more to open."""

from alembic import op

revision = "2026_11_27_rows_of_small_files"
down_revision = "2026_11_26_texts_as_they_are"
branch_labels = None
depends_on = None

AS_MUCH_AS_A_PAGE_HOLDS = 8160


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE blob SET (toast_tuple_target = {AS_MUCH_AS_A_PAGE_HOLDS})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE blob RESET (toast_tuple_target)")
