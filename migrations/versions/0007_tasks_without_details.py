"""A task has no details of its own: nothing ever stood in that column, and nothing read it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.drop_column("task", "details")


def downgrade() -> None:
    """Back: the column is as empty as it was."""
    op.add_column("task", sa.Column("details", postgresql.JSONB(), nullable=True))
