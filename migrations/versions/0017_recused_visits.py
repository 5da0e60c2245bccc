"""Of each visit: whether whoever entered it must not visit the resident, and whether a street advisor did (A20)."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; what stands keeps what it counted for: entered by nobody recused, and as its paper says."""
    for name, before in (("recused", sa.false()), ("by_street_advisor", sa.true())):
        op.add_column("visit_resident", sa.Column(name, sa.Boolean(), nullable=False, server_default=before))
        op.alter_column("visit_resident", name, server_default=None)


def downgrade() -> None:
    """Back."""
    op.drop_column("visit_resident", "by_street_advisor")
    op.drop_column("visit_resident", "recused")
