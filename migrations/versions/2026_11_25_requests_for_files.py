"""Requests for files: who asks, the checklist, what came for each line of it."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_requests_for_files"
down_revision = "2026_11_25_conditions_of_grants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_request",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("folder_id", sa.String(length=26), nullable=False),
        sa.Column("made_by", sa.String(length=26), nullable=False),
        sa.Column("body_id", sa.String(length=26), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text_id", sa.String(length=26), nullable=True),
        sa.Column("addressed_to", sa.String(length=254), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_file_request_space_id")),
        sa.ForeignKeyConstraint(["text_id"], ["blob.id"], name=op.f("fk_file_request_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_request")),
    )
    op.create_index("ix_file_request_made_by", "file_request", ["made_by"], unique=False)
    op.create_index("ix_file_request_body_id", "file_request", ["body_id"], unique=False)
    op.create_table(
        "requested_document",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("request_id", sa.String(length=26), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["file_request.id"], name=op.f("fk_requested_document_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requested_document")),
    )
    op.create_index("ix_requested_document_request_id", "requested_document", ["request_id", "ordinal"], unique=False)
    op.create_table(
        "sent_document",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("document_id", sa.String(length=26), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=True),
        sa.Column("visitor", sa.String(length=26), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judged_by", sa.String(length=26), nullable=True),
        sa.CheckConstraint("state IN ('received', 'accepted', 'refused')", name=op.f("ck_sent_document_state")),
        sa.ForeignKeyConstraint(["document_id"], ["requested_document.id"], name=op.f("fk_sent_document_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_document")),
    )
    op.create_index("ix_sent_document_document_id", "sent_document", ["document_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("sent_document")
    op.drop_table("requested_document")
    op.drop_table("file_request")
