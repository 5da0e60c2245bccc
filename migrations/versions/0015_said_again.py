"""Alerts that could mean several facts wait; those that say again what was ended since say so.

What people are asked about a major change names its cause, since two may have happened on one day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_BEFORE = "problem_code IN ('unknown_person', 'failed')"
_AFTER = "problem_code IN ('unknown_person', 'ambiguous', 'ended_since', 'failed')"
_NAME_CAUSE = (
    "UPDATE task SET subject = subject || ':' || said.cause FROM"
    " (SELECT street_code, resident_id, fact ->> 'valid_from' AS valid_from, min(fact ->> 'cause') AS cause"
    "  FROM fact_entry CROSS JOIN LATERAL jsonb_array_elements(entry -> 'facts') AS fact"
    "  WHERE entry ? 'facts' AND fact ->> 'kind' = 'major_change' GROUP BY 1, 2, 3) AS said"
    " WHERE task.street_code = said.street_code AND task.resident_id = said.resident_id"
    " AND task.state = 'open' AND task.subject = 'major_change:' || said.valid_from"
)


def upgrade() -> None:
    """Forward: of two changes of one day the question was one; it is asked about the other anew."""
    op.drop_constraint("ck_alert_problem_code", "alert")
    op.create_check_constraint(op.f("ck_alert_problem_code"), "alert", _AFTER)
    _as_owner(_NAME_CAUSE)


def downgrade() -> None:
    """Back: the questions name the day alone."""
    op.drop_constraint("ck_alert_problem_code", "alert")
    _as_owner("UPDATE alert SET problem_code = NULL WHERE problem_code = 'ended_since'")
    _as_owner("UPDATE alert SET problem_code = 'failed' WHERE problem_code = 'ambiguous'")
    op.create_check_constraint(op.f("ck_alert_problem_code"), "alert", _BEFORE)
    _as_owner("UPDATE task SET subject = left(subject, 23) WHERE starts_with(subject, 'major_change:')")


def _as_owner(statement: str) -> None:
    """An owner who is no superuser would see no row."""
    table = statement.split()[1]
    for name in {table, "fact_entry"}:
        op.execute(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
    op.execute(sa.text(statement.replace(":", "\\:")))
    for name in {table, "fact_entry"}:
        op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
