"""When a key was last used, what sources sign with, and which signed messages were seen."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


TABLES = ("signed_source", "signing_secret", "seen_message")


def upgrade() -> None:
    """Forward."""
    op.add_column("upstream_key", sa.Column("last_used_on", sa.Date(), nullable=True))
    op.create_table(
        "signed_source",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("obligatory", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_signed_source")),
    )
    op.create_table(
        "signing_secret",
        sa.Column("secret_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["signed_source.source"], name=op.f("fk_signing_secret_source")),
        sa.PrimaryKeyConstraint("secret_id", name=op.f("pk_signing_secret")),
    )
    op.create_index(op.f("ix_signing_secret_source"), "signing_secret", ["source"], unique=False)
    op.create_table(
        "seen_message",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "message_id", "sent_at", name=op.f("pk_seen_message")),
    )
    op.create_index(op.f("ix_seen_message_sent_at"), "seen_message", ["sent_at"], unique=False)
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO tanfang_app")


def downgrade() -> None:
    """Back: whoever signs goes on, and nobody looks."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("upstream_key", "last_used_on")
