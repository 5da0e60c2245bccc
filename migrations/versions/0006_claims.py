"""Claims: an attempt on a batch of alerts, written down once for all of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

VISIBLE = "street_code = ANY ((SELECT string_to_array(current_setting('tanfang.streets', true), ','))::text[])"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "claim",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("alert_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("server_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("street_code", "claim_id", name=op.f("pk_claim")),
    )
    # By person, as the inbox is drained.
    op.drop_index("ix_alert_pending")
    op.create_index(
        "ix_alert_pending",
        "alert",
        ["street_code", "resident_id", "received_at"],
        postgresql_where=sa.text("status = 'accepted'"),
    )
    # Nearly always empty: what has to be tried again is found without looking at all that waits.
    op.create_index(
        "ix_alert_tried",
        "alert",
        ["street_code", "received_at", "alert_id"],
        postgresql_where=sa.text("status = 'accepted' AND attempts > 0"),
    )
    op.create_check_constraint(op.f("ck_alert_placed"), "alert", "status <> 'accepted' OR resident_id IS NOT NULL")
    op.execute("ALTER TABLE claim ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE claim FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY scope ON claim TO tanfang_app USING ({VISIBLE}) WITH CHECK ({VISIBLE})")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON claim TO tanfang_app")


def downgrade() -> None:
    """Back: attempts under way are forgotten, their alerts still wait in the inbox."""
    op.drop_constraint("ck_alert_placed", "alert")
    op.drop_index("ix_alert_tried")
    op.drop_index("ix_alert_pending")
    op.create_index(
        "ix_alert_pending",
        "alert",
        ["street_code", "received_at", "alert_id"],
        postgresql_where=sa.text("status = 'accepted'"),
    )
    op.drop_table("claim")
