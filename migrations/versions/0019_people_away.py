"""Absences that begin hand on what cannot wait; recusals can be named, and ended."""

import sqlalchemy as sa
from alembic import op

from core.store.ids import uuid7

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward. What is away already was handed on when it was entered, or stayed for a reason."""
    op.add_column("absence", sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE absence SET begun_at = now()"
        " WHERE from_on <= (now() AT TIME ZONE 'Asia/Shanghai')::date OR length(place_code) = 6"
    )
    op.create_index(
        "ix_absence_to_begin", "absence", ["from_on", "place_code"], postgresql_where=sa.text("begun_at IS NULL")
    )
    op.add_column("recusal", sa.Column("recusal_id", sa.Uuid(), nullable=True))
    connection = op.get_bind()
    for user_id, resident_id in connection.execute(sa.text("SELECT user_id, resident_id FROM recusal")).all():
        connection.execute(
            sa.text("UPDATE recusal SET recusal_id = :id WHERE user_id = :user AND resident_id = :resident"),
            {"id": uuid7(), "user": user_id, "resident": resident_id},
        )
    op.alter_column("recusal", "recusal_id", nullable=False)
    op.create_unique_constraint(op.f("uq_recusal_recusal_id"), "recusal", ["recusal_id"])


def downgrade() -> None:
    """Back."""
    op.drop_constraint(op.f("uq_recusal_recusal_id"), "recusal")
    op.drop_column("recusal", "recusal_id")
    op.drop_index("ix_absence_to_begin", "absence")
    op.drop_column("absence", "begun_at")
