"""What all the news came to, read from the rows themselves, so that two instances can be held against each other."""

from collections import Counter
from typing import Any

from sqlalchemy import text

from core.store import scopes
from core.store.database import Database

# Without ids and instants, which differ between instances. What was asked for while the news was still incomplete and
# then withdrawn is no part of the outcome, nor is what was owed to somebody until their death was heard of (A23), nor
# through which streets somebody came to where they are now.
_STATEMENTS = {
    "residents": (
        "SELECT {person}, r.street_code, r.committee_code, r.tier, r.rules, r.died_on, r.wake_on"
        " FROM resident r WHERE r.moved_to IS NULL"
    ),
    "decisions": (
        "SELECT {person}, x.from_on, x.tier, x.rules, x.next_change_on FROM decision x {of} AND x.superseded_at IS NULL"
    ),
    "duties": (
        "SELECT {person}, x.kind, x.tier, {occasion}, x.state, x.reason, x.starts_on, x.due_on, x.modes, x.made_up_on,"
        " x.late_entry, x.credited_visit_id IS NOT NULL FROM duty x {of} AND x.state <> 'cancelled'"
        " AND x.reason IS DISTINCT FROM 'death'"
    ),
    "open tasks": (
        "SELECT {person}, x.kind, {subject}, x.tier, x.due_on, x.committee_code, x.escalation_level, u.username"
        " FROM task x LEFT JOIN user_account u ON u.user_id = x.assignee_id {of} AND x.state = 'open'"
        # News is asked about where it came after the death had been reported, and so not in every order.
        " AND NOT (x.kind = 'confirm' AND x.subject LIKE 'death%')"
    ),
    "escalations": (
        "SELECT {person}, t.kind, {subject_t}, x.level, x.action, x.to, x.note, cardinality(x.recipients)"
        " FROM escalation x JOIN task t ON t.street_code = x.street_code AND t.task_id = x.task_id {of}"
    ),
    # Who is told at once also hears of what stood only in between, and that depends on what was looked at together.
    "notifications": (
        "SELECT {person}, t.kind, {subject_t}, n.kind, u.username FROM notification n"
        " JOIN user_account u ON u.user_id = n.user_id"
        " JOIN task t ON t.street_code = n.street_code AND t.task_id = n.task_id"
        " JOIN resident r ON r.street_code = t.street_code AND r.resident_id = t.resident_id WHERE r.moved_to IS NULL"
        " AND n.kind NOT IN ('assigned', 'ended', 'alive')"
    ),
    "visits": ("SELECT {person}, x.service_date, x.mode, x.met, x.voided FROM visit_resident x {of}"),
}
_OF = "JOIN resident r ON r.street_code = x.street_code AND r.resident_id = x.resident_id WHERE r.moved_to IS NULL"
# A lead's task is known by the alert that reported it, whose id differs between instances; the event's does not.
_SUBJECT = (
    "CASE WHEN {0}.subject LIKE 'lead:%' THEN (SELECT a.event_id FROM alert a"
    " WHERE a.alert_id::text = split_part({0}.subject, ':', 2)) ELSE split_part({0}.subject, ':', 1) END"
)
# Of several warnings about one person that are answered together, the visit is owed for the one that was heard first.
_OCCASION = "CASE WHEN x.occasion LIKE 'warning:%' THEN 'warning' ELSE x.occasion END"

Standing = dict[str, Counter[tuple[str, ...]]]
Difference = dict[str, dict[str, list[Any]]]


def of(database: Database) -> Standing:
    """Everything that people would see, each thing as often as it is there."""
    return {name: Counter(_rows(database, statement)) for name, statement in _STATEMENTS.items()}


def _rows(database: Database, statement: str) -> list[tuple[str, ...]]:
    filled = statement.format(
        person="encode(r.person_key, 'hex')",
        of=_OF,
        occasion=_OCCASION,
        subject=_SUBJECT.format("x"),
        subject_t=_SUBJECT.format("t"),
    )
    return [tuple(map(str, row)) for row in query(database, filled)]


def query(database: Database, statement: str, **values: Any) -> list[Any]:
    """What the database holds, of every street."""
    with database.transaction(scopes.everywhere()) as session:
        return list(session.execute(text(statement), values).all())


def difference(expected: Standing, found: Standing) -> Difference:
    """What is missing and what is too much, by kind; empty when both are the same."""
    told: Difference = {}
    for name in expected:
        missing, extra = expected[name] - found[name], found[name] - expected[name]
        if missing or extra:
            told[name] = {"missing": sorted(missing.items())[:20], "extra": sorted(extra.items())[:20]}
    return told
