"""Every change of a duty is a line of its history, and the committee that is responsible stands on the duty."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

VISIBLE = "street_code = ANY ((SELECT string_to_array(current_setting('tanfang.streets', true), ','))::text[])"
KINDS = "('periodic', 'response', 'follow_up')"
STATES = "('open', 'met', 'late', 'missed', 'excused', 'cancelled')"
READ = ("duty", "resident", "visit_resident", "fact_entry")

# What the rows still tell of a duty: when it began to be owed here, and when it came to stand as it does.
PLACED = """
UPDATE duty SET committee_code = r.committee_code FROM resident r
 WHERE r.street_code = duty.street_code AND r.resident_id = duty.resident_id
"""
MET_FACE_TO_FACE = """
UPDATE duty SET face_to_face = true
 WHERE kind = 'periodic' AND state = 'met' AND EXISTS (
  SELECT 1 FROM visit_resident v WHERE v.street_code = duty.street_code AND v.resident_id = duty.resident_id
   AND v.mode = 'home_visit' AND v.met AND v.merged_into IS NULL AND NOT v.voided
   AND (v.visit_id = duty.credited_visit_id OR v.service_date BETWEEN duty.starts_on AND duty.due_on))
"""
MADE_UP = """
UPDATE duty SET made_up_visit_id = v.visit_id FROM visit_resident v
 WHERE v.street_code = duty.street_code AND v.resident_id = duty.resident_id AND v.service_date = duty.made_up_on
  AND v.met AND v.merged_into IS NULL AND NOT v.voided
"""
# Who came from another street was owed it here from the move on, whenever it was told.
OPENED = """
INSERT INTO duty_history (street_code, duty_id, version, resident_id, committee_code, kind, tier, period, starts_on,
 due_on, recorded_at, from_state, state, because, late_entry, face_to_face, carried)
SELECT d.street_code, d.duty_id, 1, d.resident_id, d.committee_code, d.kind, d.tier, d.period, d.starts_on, d.due_on,
 greatest(d.created_at, m.arrived_at), NULL, 'open', 'owed', false, false, d.carried
FROM duty d LEFT JOIN (
 SELECT f.street_code, f.resident_id,
  max(greatest(f.recorded_at, (f.entry #>> '{moved,on}')::date::timestamp AT TIME ZONE 'Asia/Shanghai')) AS arrived_at
 FROM fact_entry f JOIN resident r ON r.street_code = f.street_code AND r.resident_id = f.resident_id
  AND r.opened_on = (f.entry #>> '{moved,on}')::date
 WHERE f.entry #>> '{moved,to_street}' = f.street_code
 GROUP BY f.street_code, f.resident_id
) m ON m.street_code = d.street_code AND m.resident_id = d.resident_id
"""
STANDS = """
INSERT INTO duty_history (street_code, duty_id, version, resident_id, committee_code, kind, tier, period, starts_on,
 due_on, recorded_at, from_state, state, because, words, by_user_id, visit_id, late_entry, face_to_face, made_up_on,
 carried)
SELECT d.street_code, d.duty_id, 2, d.resident_id, d.committee_code, d.kind, d.tier, d.period, d.starts_on, d.due_on,
 greatest(h.recorded_at, CASE WHEN d.state = 'met' AND v.approved_on IS NULL THEN v.entered_at END, CASE
  WHEN d.state = 'met' AND v.visit_id IS NOT NULL AND v.approved_on IS NULL THEN NULL ELSE d.settled_at END),
 'open', d.state,
 CASE WHEN d.state IN ('met', 'late') THEN CASE WHEN d.credited_visit_id IS NULL THEN 'followed_up' ELSE 'visited' END
  WHEN d.state = 'missed' THEN CASE WHEN d.made_up_on IS NULL THEN 'period_closed' ELSE 'made_up' END
  WHEN d.excuse IS NOT NULL AND d.state = 'excused' THEN 'excused'
  ELSE coalesce(d.reason, 'not_owed') END,
 CASE WHEN d.state = 'excused' THEN d.excuse ->> 'reason' END,
 CASE WHEN d.state = 'excused' THEN (d.excuse ->> 'by')::uuid END,
 coalesce(d.credited_visit_id, d.made_up_visit_id), d.late_entry, d.face_to_face, d.made_up_on, d.carried
FROM duty d JOIN duty_history h ON h.street_code = d.street_code AND h.duty_id = d.duty_id
LEFT JOIN visit_resident v ON v.street_code = d.street_code AND v.visit_id = d.credited_visit_id
 AND v.resident_id = d.resident_id
WHERE d.state <> 'open'
"""
COUNTED = """
UPDATE duty SET version = h.version, changed_at = h.recorded_at FROM duty_history h
 WHERE h.street_code = duty.street_code AND h.duty_id = duty.duty_id
  AND h.version = CASE WHEN duty.state = 'open' THEN 1 ELSE 2 END
"""


def upgrade() -> None:
    """Forward: duties that stand get the history that their rows allow."""
    # Every duty is written once: minutes where there are millions.
    op.execute("SET LOCAL statement_timeout = '30min'")
    op.add_column("duty", sa.Column("committee_code", sa.String(), nullable=True))
    op.add_column("duty", sa.Column("face_to_face", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("duty", sa.Column("made_up_visit_id", sa.Uuid(), nullable=True))
    op.add_column("duty", sa.Column("version", sa.Integer(), nullable=True))
    op.add_column("duty", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("duty", "face_to_face", server_default=None)
    _history()
    # An owner who is no superuser would see no row.
    for table in READ:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for statement in (PLACED, MET_FACE_TO_FACE, MADE_UP, OPENED, STANDS, COUNTED):
        op.execute(statement)
    for column in ("committee_code", "version", "changed_at"):
        op.alter_column("duty", column, nullable=False)
    for table in READ:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE duty_history ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE duty_history FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY scope ON duty_history TO tanfang_app USING ({VISIBLE}) WITH CHECK ({VISIBLE})")
    # A line of history is never changed.
    op.execute("GRANT SELECT, INSERT ON duty_history TO tanfang_app")


def _history() -> None:
    op.create_table(
        "duty_history",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("committee_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("by_user_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("late_entry", sa.Boolean(), nullable=False),
        sa.Column("face_to_face", sa.Boolean(), nullable=False),
        sa.Column("made_up_on", sa.Date(), nullable=True),
        sa.Column("carried", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_duty_history_kind")),
        sa.CheckConstraint(f"from_state IN {STATES}", name=op.f("ck_duty_history_from_state")),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_duty_history_state")),
        sa.ForeignKeyConstraint(
            ["street_code", "duty_id"],
            ["duty.street_code", "duty.duty_id"],
            name=op.f("fk_duty_history_street_code_duty_id"),
        ),
        sa.PrimaryKeyConstraint("street_code", "duty_id", "version", name=op.f("pk_duty_history")),
    )
    op.create_index("ix_duty_history_resident", "duty_history", ["street_code", "resident_id", "recorded_at"])
    op.create_index(
        "ix_duty_history_period",
        "duty_history",
        ["street_code", "period", "duty_id", "version"],
        postgresql_where=sa.text("kind = 'periodic' AND NOT carried"),
    )


def downgrade() -> None:
    """Back: what was known when is forgotten."""
    op.drop_table("duty_history")
    for column in ("changed_at", "version", "made_up_visit_id", "face_to_face", "committee_code"):
        op.drop_column("duty", column)
