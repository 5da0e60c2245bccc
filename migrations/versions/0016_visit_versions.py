"""Every version of a visit is kept; of visits that were merged the earlier one stands."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward: what is there is the first version of itself."""
    op.add_column("visit", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("visit", "version", server_default=None)
    op.add_column("visit", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_visit_merged",
        "visit",
        ["street_code", "merged_into"],
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.add_column("visit_resident", sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("visit_resident", sa.Column("earlier", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("credit", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("credit", "version", server_default=None)
    op.drop_constraint("pk_credit", "credit")
    op.create_primary_key("pk_credit", "credit", ["street_code", "visit_id", "version", "duty_id"])
    op.create_table(
        "visit_version",
        sa.Column("street_code", sa.String(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("resident_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("merged_visit_id", sa.Uuid(), nullable=True),
        sa.Column("merged_form", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("what IN ('recorded', 'merged', 'corrected', 'voided')", name=op.f("ck_visit_version_what")),
        sa.ForeignKeyConstraint(
            ["street_code", "visit_id"],
            ["visit.street_code", "visit.visit_id"],
            name=op.f("fk_visit_version_street_code_visit_id"),
        ),
        sa.ForeignKeyConstraint(["by_user_id"], ["user_account.user_id"], name=op.f("fk_visit_version_by_user_id")),
        sa.PrimaryKeyConstraint("street_code", "visit_id", "version", name=op.f("pk_visit_version")),
    )
    # Until now the later of two merged visits stood: it stays the record, and the earlier one says so.
    op.execute(
        "UPDATE visit SET merged_into = joined.into_id FROM ("
        " SELECT street_code, visit_id, min(merged_into::text)::uuid AS into_id FROM visit_resident"
        " GROUP BY street_code, visit_id"
        " HAVING count(*) = count(merged_into) AND count(DISTINCT merged_into) = 1) AS joined"
        " WHERE visit.street_code = joined.street_code AND visit.visit_id = joined.visit_id"
    )
    op.execute(
        "INSERT INTO visit_version (street_code, visit_id, version, resident_ids, what, at, by_user_id, form)"
        " SELECT street_code, visit_id, 1, resident_ids, 'recorded', recorded_at, recorded_by, form FROM visit"
    )


def downgrade() -> None:
    """Back: the records stay as they stand, without how they came to."""
    op.drop_table("visit_version")
    op.execute(
        "DELETE FROM credit USING visit WHERE visit.street_code = credit.street_code"
        " AND visit.visit_id = credit.visit_id AND visit.version <> credit.version"
    )
    op.drop_constraint("pk_credit", "credit")
    op.create_primary_key("pk_credit", "credit", ["street_code", "visit_id", "duty_id"])
    op.drop_column("credit", "version")
    op.drop_column("visit_resident", "earlier")
    op.drop_column("visit_resident", "corrected_at")
    op.drop_column("visit", "merged_into")
    op.drop_column("visit", "version")
