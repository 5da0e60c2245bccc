"""Channels of the people who work here, and what is sent through them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TENANT_TABLES = ("daily_digest", "delivery")
REFERENCE_TABLES = ("notification_channel", "notification_preference")
VISIBLE = "street_code = ANY ((SELECT string_to_array(current_setting('tanfang.streets', true), ','))::text[])"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "notification_preference",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.String()), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_notification_preference_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notification_preference")),
    )
    op.create_table(
        "notification_channel",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'apprise', 'webhook')", name=op.f("ck_notification_channel_kind")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_notification_channel_user_id")),
        sa.PrimaryKeyConstraint("user_id", "channel_id", name=op.f("pk_notification_channel")),
    )
    op.create_table(
        "daily_digest",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_daily_digest_user_id")),
        sa.PrimaryKeyConstraint("street_code", "user_id", "digest_on", name=op.f("pk_daily_digest")),
    )
    op.create_table(
        "delivery",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'sent', 'failed')", name=op.f("ck_delivery_state")),
        sa.ForeignKeyConstraint(
            ["street_code", "notification_id"],
            ["notification.street_code", "notification.notification_id"],
            name=op.f("fk_delivery_street_code_notification_id"),
        ),
        sa.PrimaryKeyConstraint("street_code", "delivery_id", name=op.f("pk_delivery")),
    )
    op.create_index("uq_delivery_channel", "delivery", ["street_code", "notification_id", "channel_id"], unique=True)
    op.create_index(
        "ix_delivery_unsent",
        "delivery",
        ["street_code", "state", "next_try_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'sent'"),
    )
    for table in TENANT_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} TO tanfang_app USING ({VISIBLE}) WITH CHECK ({VISIBLE})")
    for table in (*TENANT_TABLES, *REFERENCE_TABLES):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO tanfang_app")


def downgrade() -> None:
    """Back: what was not sent yet stays in the in-app inbox."""
    for table in ("delivery", "daily_digest", "notification_channel", "notification_preference"):
        op.drop_table(table)
