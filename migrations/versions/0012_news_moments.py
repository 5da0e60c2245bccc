"""When the news was accepted that a duty answers: what was entered before it is no answer (A17)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; of what was decided before, nothing is known but the day."""
    op.add_column("decision", sa.Column("news_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("duty", sa.Column("news_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Back."""
    op.drop_column("duty", "news_at")
    op.drop_column("decision", "news_at")
