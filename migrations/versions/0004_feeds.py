"""What is heard of every source, and the numbers its events carry."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "feed",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("expected_every_minutes", sa.Integer(), nullable=True),
        sa.Column("expected_days", sa.String(), nullable=True),
        sa.Column("learnt_every_minutes", sa.Integer(), nullable=True),
        sa.Column("learnt_days", sa.String(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("watched_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silent_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sequence_from", sa.BigInteger(), nullable=True),
        sa.Column("sequence_era", sa.Uuid(), nullable=True),
        sa.CheckConstraint("expected_days IN ('all', 'working')", name=op.f("ck_feed_expected_days")),
        sa.CheckConstraint("learnt_days IN ('all', 'working')", name=op.f("ck_feed_learnt_days")),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_feed")),
    )
    op.create_table(
        "feed_hour",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("hour_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("last_heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("source", "hour_at", name=op.f("pk_feed_hour")),
    )
    op.add_column("receipt", sa.Column("sequence", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_receipt_sequence",
        "receipt",
        ["source", "sequence", "alert_id"],
        unique=False,
        postgresql_where=sa.text("sequence IS NOT NULL"),
    )
    for table in ("feed", "feed_hour"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO tanfang_app")


def downgrade() -> None:
    """Back: alerts stay as they are; what was heard is forgotten."""
    op.drop_index("ix_receipt_sequence", "receipt")
    op.drop_column("receipt", "sequence")
    op.drop_table("feed_hour")
    op.drop_table("feed")
