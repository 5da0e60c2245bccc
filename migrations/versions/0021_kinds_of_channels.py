"""Channels are kinds with typed fields."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

NAME = "ck_notification_channel_kind"


def upgrade() -> None:
    """Forward. Channels of kind `apprise` stay for their owners to see; nothing goes through them any more."""
    op.drop_constraint(op.f(NAME), "notification_channel")
    op.create_check_constraint(
        op.f(NAME),
        "notification_channel",
        "kind IN ('email', 'webhook', 'wecom', 'feishu', 'dingtalk', 'sms', 'apprise')",
    )


def downgrade() -> None:
    """Back."""
    op.execute("DELETE FROM notification_channel WHERE kind NOT IN ('email', 'apprise', 'webhook')")
    op.drop_constraint(op.f(NAME), "notification_channel")
    op.create_check_constraint(op.f(NAME), "notification_channel", "kind IN ('email', 'apprise', 'webhook')")
