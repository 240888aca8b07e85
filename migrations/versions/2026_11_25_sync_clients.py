"""What sync clients bring along: when a file was last changed at home, uploads as folders of chunks, their login."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_sync_clients"
down_revision = "2026_11_25_locks_and_properties"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("version", sa.Column("modified_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE version SET modified_at = made_at")
    op.add_column("item", sa.Column("modified_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE item SET modified_at = (SELECT made_at FROM version WHERE version.id = item.version_id)")
    op.add_column("upload", sa.Column("chunk_folder", sa.String(length=255), nullable=True))
    op.create_index("uq_upload_chunk_folder", "upload", ["person_id", "chunk_folder"], unique=True)
    op.create_table(
        "chunk",
        sa.Column("upload_id", sa.String(length=26), nullable=False),
        sa.Column("first", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("span", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_chunk_upload_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("upload_id", "first", name=op.f("pk_chunk")),
    )
    op.create_table(
        "program_login",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("page_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("poll_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("program", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_program_login_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program_login")),
        sa.UniqueConstraint("page_hash", name=op.f("uq_program_login_page_hash")),
        sa.UniqueConstraint("poll_hash", name=op.f("uq_program_login_poll_hash")),
    )
    op.create_index("ix_program_login_ends_at", "program_login", ["ends_at"], unique=False)


def downgrade() -> None:
    op.drop_table("program_login")
    op.drop_table("chunk")
    op.execute("DELETE FROM upload WHERE chunk_folder IS NOT NULL")
    op.drop_index("uq_upload_chunk_folder", "upload")
    op.drop_column("upload", "chunk_folder")
    op.drop_column("item", "modified_at")
    op.drop_column("version", "modified_at")
