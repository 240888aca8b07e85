"""Grants get conditions: legal basis, sign-in, a number of downloads; and "view only" as the lowest level.

Links count how often their password changed; uploads know the browser and the link of who is not signed in; an address
that is let in before it has an account has the id of that account already.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_conditions_of_grants"
down_revision = "2026_11_25_scrub"
branch_labels = None
depends_on = None

OLD = "level IN ('view', 'comment', 'contribute', 'edit', 'handle')"
NEW = "level IN ('look', 'view', 'comment', 'contribute', 'edit', 'handle')"


def upgrade() -> None:
    # the default first fills the rows that are there, then goes
    op.add_column("grant_", sa.Column("legal_basis", sa.Text(), nullable=False, server_default=""))
    op.add_column("grant_", sa.Column("sign_in", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("grant_", sa.Column("downloads", sa.Integer(), nullable=True))
    op.add_column("grant_", sa.Column("addressed_to", sa.String(length=254), nullable=True))
    op.add_column("link", sa.Column("entry", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("grant_", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_grant__level"), type_="check")
        batch_op.create_check_constraint(op.f("ck_grant__level"), NEW)
        batch_op.alter_column("legal_basis", server_default=None)
        batch_op.alter_column("sign_in", server_default=None)
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.alter_column("entry", server_default=None)
    op.add_column("upload", sa.Column("link_id", sa.String(length=26), nullable=True))
    op.add_column("upload", sa.Column("visitor", sa.String(length=26), nullable=True))
    op.create_table(
        "download",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("grant_id", sa.String(length=26), nullable=False),
        sa.Column("who", sa.String(length=52), nullable=False),
        sa.Column("version_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["grant_.id"], name=op.f("fk_download_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_download")),
    )
    op.create_index("ix_download_grant_id", "download", ["grant_id"], unique=False)
    op.create_table(
        "awaited",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_awaited")),
    )


def downgrade() -> None:
    op.drop_table("awaited")
    op.drop_table("download")
    op.drop_column("upload", "visitor")
    op.drop_column("upload", "link_id")
    op.drop_column("link", "entry")
    # who could only look keeps nothing: the old rule knows no such level
    op.execute("DELETE FROM grant_ WHERE level = 'look'")
    with op.batch_alter_table("grant_", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_grant__level"), type_="check")
        batch_op.create_check_constraint(op.f("ck_grant__level"), OLD)
        for name in ("addressed_to", "downloads", "sign_in", "legal_basis"):
            batch_op.drop_column(name)
