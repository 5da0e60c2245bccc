"""What a source's own words mean, remembered beside its columns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward: until now no source had words of its own."""
    op.add_column(
        "import_mapping",
        sa.Column(
            "words", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'{}'::jsonb")
        ),
    )
    op.alter_column("import_mapping", "words", server_default=None)


def downgrade() -> None:
    """Back: words are given anew."""
    op.drop_column("import_mapping", "words")
