"""Which column of a source's file was which field, remembered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "import_mapping",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "kind", "signature", name=op.f("pk_import_mapping")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON import_mapping TO tanfang_app")


def downgrade() -> None:
    """Back: the columns are recognised or given anew."""
    op.drop_table("import_mapping")
