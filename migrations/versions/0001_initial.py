"""initial."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "alert",
    "attempt",
    "coverage",
    "credit",
    "decision",
    "duty",
    "escalation",
    "escalation_chain",
    "fact_entry",
    "notification",
    "resident",
    "task",
    "task_event",
    "visit",
    "visit_resident",
)
COMMITTEE_TABLES = ("resident", "task")
REFERENCE_TABLES = (
    "absence",
    "calendar_day",
    "committee",
    "login",
    "policy",
    "recusal",
    "sandbox_clock",
    "street",
    "upstream_key",
    "user_account",
    "user_committee",
)
# A role is of the whole server, so another database may have made it already; two at once must not fail either.
ROLE = """
DO $$
BEGIN
  CREATE ROLE tanfang_app NOLOGIN NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
GRANT tanfang_app TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO tanfang_app;
"""
# The sub-selects are evaluated once a statement instead of once a row.
VISIBLE_STREET = "street_code = ANY ((SELECT string_to_array(current_setting('tanfang.streets', true), ','))::text[])"
VISIBLE_COMMITTEE = (
    " AND ((SELECT current_setting('tanfang.committees', true)) = '*'"
    " OR committee_code = ANY ((SELECT string_to_array(current_setting('tanfang.committees', true), ','))::text[]))"
)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "alert",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("event_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=True),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tier_before", sa.String(), nullable=True),
        sa.Column("tier_after", sa.String(), nullable=True),
        sa.Column("task_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.CheckConstraint(
            "status IN ('accepted', 'processed', 'quarantined', 'conflict')", name=op.f("ck_alert_status")
        ),
        sa.PrimaryKeyConstraint("street_code", "alert_id", name=op.f("pk_alert")),
    )
    op.create_index(
        "ix_alert_pending",
        "alert",
        ["street_code", "received_at", "alert_id"],
        unique=False,
        postgresql_where=sa.text("status = 'accepted'"),
    )
    op.create_index(
        "ix_alert_quarantined",
        "alert",
        ["street_code", "person_key"],
        unique=False,
        postgresql_where=sa.text("status = 'quarantined'"),
    )
    op.create_index("ix_alert_street_code_resident_id", "alert", ["street_code", "resident_id"], unique=False)
    op.create_index(
        "uq_alert_street_code_source_event_id",
        "alert",
        ["street_code", "source", "event_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'conflict'"),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "coverage",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("by_user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("street_code", "version", name=op.f("pk_coverage")),
    )
    op.create_table(
        "directory",
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("person_key", name=op.f("pk_directory")),
    )
    op.create_index("ix_directory_resident_id", "directory", ["resident_id"], unique=False)
    op.create_table(
        "escalation_chain",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("street_code", "version", name=op.f("pk_escalation_chain")),
    )
    op.create_table(
        "policy",
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("by_user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("policy_id", "version", name=op.f("pk_policy")),
    )
    op.create_table(
        "receipt",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("source", "event_id", name=op.f("pk_receipt")),
    )
    op.create_table(
        "sandbox_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("business_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("real_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_sandbox_clock_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_clock")),
    )
    op.create_table(
        "street",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_street")),
    )
    op.create_table(
        "upstream_key",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("types", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("streets", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_upstream_key")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_upstream_key_key_digest")),
    )
    op.create_index(op.f("ix_upstream_key_source"), "upstream_key", ["source"], unique=False)
    op.create_table(
        "committee",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["street_code"], ["street.code"], name=op.f("fk_committee_street_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_committee")),
    )
    op.create_index(op.f("ix_committee_street_code"), "committee", ["street_code"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("street_code", sa.String(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["street_code"], ["street.code"], name=op.f("fk_user_account_street_code")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("username", name=op.f("uq_user_account_username")),
    )
    op.create_index(op.f("ix_user_account_street_code"), "user_account", ["street_code"], unique=False)
    op.create_table(
        "absence",
        sa.Column("absence_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_absence_ordered")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_absence_user_id")),
        sa.PrimaryKeyConstraint("absence_id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_user_id"), "absence", ["user_id"], unique=False)
    op.create_table(
        "login",
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_login_user_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_login")),
    )
    op.create_index(op.f("ix_login_user_id"), "login", ["user_id"], unique=False)
    op.create_table(
        "notification",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_notification_user_id")),
        sa.PrimaryKeyConstraint("street_code", "notification_id", name=op.f("pk_notification")),
    )
    op.create_index("ix_notification_user_id", "notification", ["street_code", "user_id", "created_at"], unique=False)
    op.create_table(
        "recusal",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_recusal_user_id")),
        sa.PrimaryKeyConstraint("user_id", "resident_id", name=op.f("pk_recusal")),
    )
    op.create_index(op.f("ix_recusal_resident_id"), "recusal", ["resident_id"], unique=False)
    op.create_table(
        "resident",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("committee_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("household", sa.String(), nullable=True),
        sa.Column("relation", sa.String(), nullable=True),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("paired_user_id", sa.Uuid(), nullable=True),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("rules", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("wake_on", sa.Date(), nullable=True),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("moved_to", sa.String(), nullable=True),
        sa.Column("moved_on", sa.Date(), nullable=True),
        sa.Column("details_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tier IN ('high', 'key', 'general', 'none')", name=op.f("ck_resident_tier")),
        sa.ForeignKeyConstraint(["paired_user_id"], ["user_account.user_id"], name=op.f("fk_resident_paired_user_id")),
        sa.PrimaryKeyConstraint("street_code", "resident_id", name=op.f("pk_resident")),
    )
    op.create_index(
        "ix_resident_street_code_committee_code",
        "resident",
        ["street_code", "committee_code", "resident_id"],
        unique=False,
    )
    op.create_index(
        "ix_resident_wake_on",
        "resident",
        ["street_code", "wake_on"],
        unique=False,
        postgresql_where=sa.text("wake_on IS NOT NULL AND moved_to IS NULL"),
    )
    op.create_table(
        "user_committee",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("committee_code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["committee_code"], ["committee.code"], name=op.f("fk_user_committee_committee_code")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_user_committee_user_id")),
        sa.PrimaryKeyConstraint("user_id", "committee_code", name=op.f("pk_user_committee")),
    )
    op.create_index(op.f("ix_user_committee_committee_code"), "user_committee", ["committee_code"], unique=False)
    op.create_table(
        "visit",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.user_id"], name=op.f("fk_visit_recorded_by")),
        sa.PrimaryKeyConstraint("street_code", "visit_id", name=op.f("pk_visit")),
    )
    op.create_index("ix_visit_street_code_service_date", "visit", ["street_code", "service_date"], unique=False)
    op.create_table(
        "decision",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("tier_before", sa.String(), nullable=False),
        sa.Column("rules", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("coverage_version", sa.Integer(), nullable=True),
        sa.Column("next_change_on", sa.Date(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["street_code", "resident_id"],
            ["resident.street_code", "resident.resident_id"],
            name=op.f("fk_decision_street_code_resident_id"),
        ),
        sa.PrimaryKeyConstraint("street_code", "decision_id", name=op.f("pk_decision")),
    )
    op.create_index(
        "ix_decision_path",
        "decision",
        ["street_code", "resident_id", "from_on"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "duty",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("modes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("limit", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("credited_visit_id", sa.Uuid(), nullable=True),
        sa.Column("late_entry", sa.Boolean(), nullable=False),
        sa.Column("made_up_on", sa.Date(), nullable=True),
        sa.Column("carried", sa.Boolean(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("coverage_version", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("excuse", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("kind IN ('periodic', 'response', 'follow_up')", name=op.f("ck_duty_kind")),
        sa.CheckConstraint(
            "state IN ('open', 'met', 'late', 'missed', 'excused', 'cancelled')", name=op.f("ck_duty_state")
        ),
        sa.CheckConstraint("due_on >= starts_on", name=op.f("ck_duty_ordered")),
        sa.ForeignKeyConstraint(
            ["street_code", "resident_id"],
            ["resident.street_code", "resident.resident_id"],
            name=op.f("fk_duty_street_code_resident_id"),
        ),
        sa.PrimaryKeyConstraint("street_code", "duty_id", name=op.f("pk_duty")),
        sa.UniqueConstraint(
            "street_code",
            "resident_id",
            "kind",
            "tier",
            "occasion",
            name=op.f("uq_duty_street_code_resident_id_kind_tier_occasion"),
        ),
    )
    op.create_index(
        "ix_duty_closing",
        "duty",
        ["street_code", "due_on"],
        unique=False,
        postgresql_where=sa.text("state = 'open' AND kind = 'periodic'"),
    )
    op.create_index(
        "ix_duty_open",
        "duty",
        ["street_code", "resident_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open' OR (state = 'missed' AND made_up_on IS NULL)"),
    )
    op.create_table(
        "fact_entry",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("event_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("entry", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["street_code", "resident_id"],
            ["resident.street_code", "resident.resident_id"],
            name=op.f("fk_fact_entry_street_code_resident_id"),
        ),
        sa.PrimaryKeyConstraint("street_code", "entry_id", name=op.f("pk_fact_entry")),
    )
    op.create_index("ix_fact_entry_street_code_resident_id", "fact_entry", ["street_code", "resident_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("committee_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_because", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("chain", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("escalation_level", sa.Integer(), nullable=False),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_because", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('visit', 'decision', 'confirm', 'welfare_check', 'lead', 'follow_up')", name=op.f("ck_task_kind")
        ),
        sa.CheckConstraint("state IN ('open', 'done', 'cancelled')", name=op.f("ck_task_state")),
        sa.ForeignKeyConstraint(["assignee_id"], ["user_account.user_id"], name=op.f("fk_task_assignee_id")),
        sa.ForeignKeyConstraint(
            ["street_code", "resident_id"],
            ["resident.street_code", "resident.resident_id"],
            name=op.f("fk_task_street_code_resident_id"),
        ),
        sa.PrimaryKeyConstraint("street_code", "task_id", name=op.f("pk_task")),
    )
    op.create_index("ix_task_assignee", "task", ["street_code", "assignee_id", "state", "due_on"], unique=False)
    op.create_index("ix_task_committee", "task", ["street_code", "committee_code", "state", "due_on"], unique=False)
    op.create_index(
        "ix_task_step",
        "task",
        ["street_code", "next_step_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_task_one_open_subject",
        "task",
        ["street_code", "resident_id", "kind", "subject"],
        unique=True,
        postgresql_where=sa.text("state = 'open' AND kind <> 'visit'"),
    )
    op.create_index(
        "uq_task_one_open_visit",
        "task",
        ["street_code", "resident_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open' AND kind = 'visit'"),
    )
    op.create_table(
        "visit_resident",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("initiated_by", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("dimensions_done", sa.Boolean(), nullable=False),
        sa.Column("visitor_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("carried", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["street_code", "resident_id"],
            ["resident.street_code", "resident.resident_id"],
            name=op.f("fk_visit_resident_street_code_resident_id"),
        ),
        sa.ForeignKeyConstraint(
            ["street_code", "visit_id"],
            ["visit.street_code", "visit.visit_id"],
            name=op.f("fk_visit_resident_street_code_visit_id"),
        ),
        sa.PrimaryKeyConstraint("street_code", "visit_id", "resident_id", name=op.f("pk_visit_resident")),
    )
    op.create_index(
        "ix_visit_resident_street_code_resident_id",
        "visit_resident",
        ["street_code", "resident_id", "service_date"],
        unique=False,
    )
    op.create_index(
        "uq_visit_resident_day_mode",
        "visit_resident",
        ["street_code", "resident_id", "service_date", "mode"],
        unique=True,
        postgresql_where=sa.text("merged_into IS NULL AND NOT voided"),
    )
    op.create_table(
        "attempt",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("by_user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["street_code", "task_id"],
            ["task.street_code", "task.task_id"],
            name=op.f("fk_attempt_street_code_task_id"),
        ),
        sa.PrimaryKeyConstraint("street_code", "attempt_id", name=op.f("pk_attempt")),
    )
    op.create_index("ix_attempt_street_code_resident_id", "attempt", ["street_code", "resident_id"], unique=False)
    op.create_table(
        "credit",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("credited", sa.Boolean(), nullable=False),
        sa.Column("because", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("credited OR because IS NOT NULL", name=op.f("ck_credit_explained")),
        sa.ForeignKeyConstraint(
            ["street_code", "duty_id"], ["duty.street_code", "duty.duty_id"], name=op.f("fk_credit_street_code_duty_id")
        ),
        sa.ForeignKeyConstraint(
            ["street_code", "visit_id"],
            ["visit.street_code", "visit.visit_id"],
            name=op.f("fk_credit_street_code_visit_id"),
        ),
        sa.PrimaryKeyConstraint("street_code", "visit_id", "duty_id", name=op.f("pk_credit")),
    )
    op.create_table(
        "escalation",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("recipients", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["street_code", "task_id"],
            ["task.street_code", "task.task_id"],
            name=op.f("fk_escalation_street_code_task_id"),
        ),
        sa.PrimaryKeyConstraint("street_code", "task_id", "level", name=op.f("pk_escalation")),
    )
    op.create_table(
        "task_event",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("by_user_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["street_code", "task_id"],
            ["task.street_code", "task.task_id"],
            name=op.f("fk_task_event_street_code_task_id"),
        ),
        sa.PrimaryKeyConstraint("street_code", "event_id", name=op.f("pk_task_event")),
    )
    op.create_index("ix_task_event_street_code_task_id", "task_event", ["street_code", "task_id"], unique=False)
    op.execute(ROLE)
    for table in TENANT_TABLES:
        _protect(table, VISIBLE_STREET + (VISIBLE_COMMITTEE if table in COMMITTEE_TABLES else ""))
    for table in ("directory", "receipt"):
        _protect(table, "(SELECT current_setting('tanfang.directory', true)) = 'on'")
    for table in REFERENCE_TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO tanfang_app")
    op.execute("GRANT SELECT ON alembic_version TO tanfang_app")


def _protect(table: str, visible: str) -> None:
    """Row-level security for everybody, the owner too; an unset scope reads as '' and means none."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY scope ON {table} TO tanfang_app USING ({visible}) WITH CHECK ({visible})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO tanfang_app")


def downgrade() -> None:
    """Nothing lies before the first migration."""
    raise NotImplementedError("The first migration is not taken back; restore a backup instead.")
