"""Why an alert waits is a code; until now it was a sentence, by whose wording the waiting ones were found."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Every wording that a program of an earlier revision stored.
UNKNOWN_PERSON = "unknown person: register them, or replay with street and committee"
FAILED = "processing failed: "
ENDED = "processing ended its process"


def upgrade() -> None:
    """Forward: the sentence of a failure keeps what failed, the code says the rest."""
    op.add_column("alert", sa.Column("problem_code", sa.String(), nullable=True))
    op.alter_column("alert", "problem", new_column_name="failure")
    # An owner who is no superuser would see no row.
    op.execute("ALTER TABLE alert NO FORCE ROW LEVEL SECURITY")
    _execute(
        "UPDATE alert SET"
        " problem_code = CASE WHEN failure = :unknown_person OR (failure IS NULL AND resident_id IS NULL)"
        "  THEN 'unknown_person' ELSE 'failed' END,"
        " failure = CASE WHEN failure = :unknown_person THEN NULL WHEN failure = :ended THEN 'ProcessEnded'"
        "  WHEN starts_with(failure, :failed) THEN substr(failure, length(:failed) + 1) ELSE failure END"
        " WHERE status = 'quarantined' OR (status = 'accepted' AND failure IS NOT NULL)"
    )
    op.execute("ALTER TABLE alert FORCE ROW LEVEL SECURITY")
    op.create_check_constraint(op.f("ck_alert_problem_code"), "alert", "problem_code IN ('unknown_person', 'failed')")
    op.create_check_constraint(
        op.f("ck_alert_explained"), "alert", "status <> 'quarantined' OR problem_code IS NOT NULL"
    )


def downgrade() -> None:
    """Back: the sentences are told again."""
    op.drop_constraint("ck_alert_explained", "alert")
    op.drop_constraint("ck_alert_problem_code", "alert")
    op.execute("ALTER TABLE alert NO FORCE ROW LEVEL SECURITY")
    _execute(
        "UPDATE alert SET failure = CASE WHEN problem_code = 'unknown_person' THEN :unknown_person"
        " WHEN failure = 'ProcessEnded' THEN :ended ELSE :failed || coalesce(failure, '') END"
        " WHERE problem_code IS NOT NULL"
    )
    op.execute("ALTER TABLE alert FORCE ROW LEVEL SECURITY")
    op.alter_column("alert", "failure", new_column_name="problem")
    op.drop_column("alert", "problem_code")


def _execute(statement: str) -> None:
    wordings = {"unknown_person": UNKNOWN_PERSON, "failed": FAILED, "ended": ENDED}
    said = {name: wording for name, wording in wordings.items() if f":{name}" in statement}
    typed = [sa.bindparam(name, wording, sa.String()) for name, wording in said.items()]
    op.execute(sa.text(statement).bindparams(*typed))
