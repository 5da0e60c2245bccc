"""Who is who: names and numbers that residents had, who was merged into whom, and doubts that somebody settles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("resident", sa.Column("former_names", sa.LargeBinary(), nullable=True))
    op.add_column("resident", sa.Column("former_numbers", postgresql.ARRAY(sa.LargeBinary()), nullable=True))
    op.add_column("resident", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("alert", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column("alert", sa.Column("resolution", postgresql.JSONB(), nullable=True))
    op.drop_constraint("ck_alert_problem_code", "alert")
    op.create_check_constraint(
        op.f("ck_alert_problem_code"),
        "alert",
        "problem_code IN ('unknown_person', 'name_differs', 'two_residents', 'ambiguous', 'ended_since', 'failed')",
    )


def downgrade() -> None:
    """Back: a doubt about who somebody is becomes an ordinary failure, to be replayed."""
    op.execute("UPDATE alert SET problem_code = 'failed' WHERE problem_code IN ('name_differs', 'two_residents')")
    op.drop_constraint("ck_alert_problem_code", "alert")
    op.create_check_constraint(
        op.f("ck_alert_problem_code"),
        "alert",
        "problem_code IN ('unknown_person', 'ambiguous', 'ended_since', 'failed')",
    )
    op.drop_column("alert", "resolution")
    op.drop_column("alert", "due_on")
    op.drop_column("resident", "merged_into")
    op.drop_column("resident", "former_numbers")
    op.drop_column("resident", "former_names")
