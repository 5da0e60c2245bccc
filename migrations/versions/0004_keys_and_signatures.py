"""When a key was last used, what sources sign with, and which signed messages were seen."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.add_column("upstream_key", sa.Column("last_used_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Back: whoever signs goes on, and nobody looks."""
    op.drop_column("upstream_key", "last_used_on")
