"""Signing in: one-time codes, first passwords, sessions that can be listed and ended, failures counted."""

import sqlalchemy as sa
from alembic import op

from core import clock
from core.store.ids import uuid7

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward. Whoever is signed in stays so, as seen just now from an address that nobody noted."""
    op.alter_column("user_account", "password_hash", nullable=True)
    op.add_column(
        "user_account", sa.Column("is_first_password", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("user_account", sa.Column("code_digest", sa.LargeBinary(), nullable=True))
    op.add_column("user_account", sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("user_account", sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("user_account", sa.Column("text_size", sa.String(), nullable=False, server_default="standard"))
    op.alter_column("user_account", "is_first_password", server_default=None)
    op.alter_column("user_account", "text_size", server_default=None)
    op.create_check_constraint(
        op.f("ck_user_account_text_size"), "user_account", "text_size IN ('standard', 'large', 'largest')"
    )
    sessions = op.get_bind().execute(sa.text("SELECT * FROM login")).mappings().all()
    op.drop_table("login")
    login = op.create_table(
        "login",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("is_limited", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(), nullable=True),
        sa.CheckConstraint(
            "ended_because IN ('signed_out', 'replaced', 'elsewhere', 'password_changed', 'reset', 'access_ended',"
            " 'by_operator')",
            name=op.f("ck_login_ended_because"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_login_user_id")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_login")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_login_token_digest")),
    )
    known = {"last_seen_at": clock.real_now(), "address": "", "is_limited": False}
    op.bulk_insert(login, [{**session, **known, "session_id": uuid7()} for session in sessions])
    op.create_index("ix_login_user_id", "login", ["user_id"])
    op.create_index("ix_login_expires_at", "login", ["expires_at"])
    op.create_table(
        "failure_count",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("counted_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('name', 'address')", name=op.f("ck_failure_count_kind")),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_failure_count")),
    )
    for table in ("login", "failure_count"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO tanfang_app")


def downgrade() -> None:
    """Back: sessions end, counters are forgotten; who has no password yet gets one from whoever manages them."""
    op.drop_table("failure_count")
    op.drop_table("login")
    op.create_table(
        "login",
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_login_user_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_login")),
    )
    op.create_index("ix_login_user_id", "login", ["user_id"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON login TO tanfang_app")
    op.drop_constraint("ck_user_account_text_size", "user_account")
    for column in ("text_size", "locked_at", "code_expires_at", "code_digest", "is_first_password"):
        op.drop_column("user_account", column)
    op.execute("UPDATE user_account SET password_hash = '' WHERE password_hash IS NULL")
    op.alter_column("user_account", "password_hash", nullable=False)
