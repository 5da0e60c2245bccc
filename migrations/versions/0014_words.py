"""What senders say in words stands sealed beside the log of facts; sources have names; failed look-ups are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward: what was said before stays in the bodies of the alerts, which no migration can open."""
    op.add_column("fact_entry", sa.Column("words", sa.LargeBinary(), nullable=True))
    op.create_table(
        "source_name",
        sa.Column("district_code", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["district_code"], ["district.code"], name=op.f("fk_source_name_district_code")),
        sa.PrimaryKeyConstraint("district_code", "source", name=op.f("pk_source_name")),
    )
    op.drop_constraint("ck_failure_count_kind", "failure_count")
    op.create_check_constraint(op.f("ck_failure_count_kind"), "failure_count", "kind IN ('name', 'address', 'look_up')")
    op.add_column("task", sa.Column("batch_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_task_batch", "task", ["street_code", "batch_id"], postgresql_where=sa.text("batch_id IS NOT NULL")
    )


def downgrade() -> None:
    """Back: names, words and batches are forgotten, and so are the counters of look-ups."""
    op.drop_index("ix_task_batch", "task")
    op.drop_column("task", "batch_id")
    op.execute("DELETE FROM failure_count WHERE kind = 'look_up'")
    op.drop_constraint("ck_failure_count_kind", "failure_count")
    op.create_check_constraint(op.f("ck_failure_count_kind"), "failure_count", "kind IN ('name', 'address')")
    op.drop_table("source_name")
    op.drop_column("fact_entry", "words")
