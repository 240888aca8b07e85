"""For programs: answers kept for a day, errands that say what became of them, uploads put together from pieces."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_programs"
down_revision = "2026_11_25_suspension"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_answer",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(length=60), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answer")),
    )
    op.create_index("uq_kept_answer_key", "kept_answer", ["person_id", "key_hash"], unique=True)
    op.create_index("ix_kept_answer_begun_at", "kept_answer", ["begun_at"])

    with op.batch_alter_table("job") as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.String(length=26), nullable=True))
        batch_op.add_column(sa.Column("outcome", sa.JSON(), nullable=True))

    with op.batch_alter_table("upload") as batch_op:
        batch_op.add_column(sa.Column("reserved", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("concat", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("final_id", sa.String(length=26), nullable=True))
    op.execute("UPDATE upload SET reserved = length, concat = ''")
    with op.batch_alter_table("upload") as batch_op:
        batch_op.alter_column("reserved", existing_type=sa.BigInteger(), nullable=False)
        batch_op.alter_column("concat", existing_type=sa.String(length=8), nullable=False)
        batch_op.create_check_constraint(op.f("ck_upload_concat"), "concat IN ('', 'partial', 'final')")
        batch_op.create_index("ix_upload_final_id", ["final_id"])


def downgrade() -> None:
    # what is being put together cannot be told apart from anything else afterwards
    op.execute("DELETE FROM upload WHERE concat <> ''")
    with op.batch_alter_table("upload") as batch_op:
        batch_op.drop_index("ix_upload_final_id")
        batch_op.drop_constraint(op.f("ck_upload_concat"), type_="check")
        batch_op.drop_column("final_id")
        batch_op.drop_column("concat")
        batch_op.drop_column("reserved")

    with op.batch_alter_table("job") as batch_op:
        batch_op.drop_column("outcome")
        batch_op.drop_column("person_id")

    op.drop_table("kept_answer")
