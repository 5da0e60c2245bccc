"""Districts as rows, whose policies, keys, feeds and people say so; what row-level security needs to know of a row."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Until now an installation held one district.
ONE = "(SELECT min(code) FROM district)"
KEYED_BY_DISTRICT = {
    "feed": ["source"],
    "feed_hour": ["source", "hour_at"],
    "import_mapping": ["source", "kind", "signature"],
    "policy": ["policy_id", "version"],
    "signed_source": ["source"],
}
OF_STAFF = (
    "absence",
    "login",
    "notification_channel",
    "notification_preference",
    "recusal",
    "user_committee",
)


def upgrade() -> None:
    """Forward."""
    # Every line of every task is written once: minutes where there are millions.
    op.execute("SET LOCAL statement_timeout = '30min'")
    _districts()
    _people_who_work_here()
    _what_belongs_to_a_district()
    _what_is_about_somebody()
    _what_is_due_anywhere()


def _districts() -> None:
    op.create_table(
        "district",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("city_code", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_district")),
    )
    op.execute(
        "INSERT INTO district (code, name, city_code, city, valid_from, valid_to) SELECT code, name, left(code, 4),"
        " CASE left(code, 2) WHEN '31' THEN '上海市' ELSE '' END, valid_from, valid_to FROM street"
        " WHERE kind = 'district'"
    )
    op.execute("DELETE FROM street WHERE kind = 'district'")
    op.add_column("street", sa.Column("district_code", sa.String(), nullable=True))
    op.execute("UPDATE street SET district_code = left(code, 6)")
    op.alter_column("street", "district_code", nullable=False)
    op.create_foreign_key(op.f("fk_street_district_code"), "street", "district", ["district_code"], ["code"])
    op.create_index(op.f("ix_street_district_code"), "street", ["district_code"])


def _people_who_work_here() -> None:
    op.add_column("user_account", sa.Column("district_code", sa.String(), nullable=True))
    op.execute(f"UPDATE user_account SET district_code = coalesce(left(street_code, 6), {ONE})")
    op.create_foreign_key(
        op.f("fk_user_account_district_code"), "user_account", "district", ["district_code"], ["code"]
    )
    op.create_index(op.f("ix_user_account_district_code"), "user_account", ["district_code"])
    for table in OF_STAFF:
        op.add_column(table, sa.Column("place_code", sa.String(), nullable=True))
        op.execute(
            f"UPDATE {table} SET place_code = coalesce(u.street_code, u.district_code) FROM user_account u"
            f" WHERE u.user_id = {table}.user_id"
        )
        op.alter_column(table, "place_code", nullable=False)


def _what_belongs_to_a_district() -> None:
    op.drop_constraint("fk_signing_secret_source", "signing_secret")
    for table, key in KEYED_BY_DISTRICT.items():
        _add_district(table)
        op.drop_constraint(f"pk_{table}", table)
        op.create_primary_key(f"pk_{table}", table, ["district_code", *key])
    for table in ("signing_secret", "upstream_key"):
        _add_district(table, refers=table == "upstream_key")
        op.drop_index(f"ix_{table}_source")
        op.create_index(f"ix_{table}_source", table, ["district_code", "source"])
    op.create_foreign_key(
        op.f("fk_signing_secret_district_code_source"),
        "signing_secret",
        "signed_source",
        ["district_code", "source"],
        ["district_code", "source"],
    )


def _add_district(table: str, *, refers: bool = True) -> None:
    op.add_column(table, sa.Column("district_code", sa.String(), nullable=True))
    op.execute(f"UPDATE {table} SET district_code = {ONE}")
    op.alter_column(table, "district_code", nullable=False)
    if refers:
        op.create_foreign_key(op.f(f"fk_{table}_district_code"), table, "district", ["district_code"], ["code"])


def _what_is_about_somebody() -> None:
    op.add_column("task_event", sa.Column("resident_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE task_event SET resident_id = t.resident_id FROM task t"
        " WHERE t.street_code = task_event.street_code AND t.task_id = task_event.task_id"
    )
    op.alter_column("task_event", "resident_id", nullable=False)
    op.add_column("visit", sa.Column("resident_ids", postgresql.ARRAY(sa.Uuid()), nullable=True))
    op.execute(
        "UPDATE visit SET resident_ids = coalesce((SELECT array_agg(m.resident_id ORDER BY m.resident_id)"
        " FROM visit_resident m WHERE m.street_code = visit.street_code AND m.visit_id = visit.visit_id), '{}')"
    )
    op.alter_column("visit", "resident_ids", nullable=False)
    # Whose people they are is asked at the beginning of each of a visitor's transactions.
    op.create_index(
        "ix_resident_paired",
        "resident",
        ["street_code", "paired_user_id"],
        postgresql_where=sa.text("paired_user_id IS NOT NULL"),
    )


def _what_is_due_anywhere() -> None:
    # One look of the heartbeat tells in which streets there is work, whether there are 17 or 4,000.
    op.create_index(
        "ix_resident_due",
        "resident",
        ["wake_on", "street_code"],
        postgresql_where=sa.text("wake_on IS NOT NULL AND moved_to IS NULL"),
    )
    op.create_index("ix_task_due", "task", ["next_step_at", "street_code"], postgresql_where=sa.text("state = 'open'"))


def downgrade() -> None:
    """Not back: what would be forgotten is to which district everything belongs."""
    raise NotImplementedError("Districts are not taken back; restore a backup instead.")
