"""What a source's own words mean, remembered beside its columns."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward: until now no source had words of its own.

    There were programs whose 0007 was this one: their databases have the words, and still the column that 0007 drops.
    """
    op.execute("ALTER TABLE import_mapping ADD COLUMN IF NOT EXISTS words jsonb NOT NULL DEFAULT '{}'::jsonb")
    op.alter_column("import_mapping", "words", server_default=None)
    op.execute("ALTER TABLE task DROP COLUMN IF EXISTS details")


def downgrade() -> None:
    """Back: words are given anew."""
    op.drop_column("import_mapping", "words")
