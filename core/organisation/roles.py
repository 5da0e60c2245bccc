"""The roles and what each may do; where they may do it is the scope's business."""

from enum import StrEnum


class Role(StrEnum):
    """Who somebody is to the product (contract, "Command line")."""

    ADMIN = "admin"
    DISTRICT_OFFICER = "district_officer"
    STREET_MANAGER = "street_manager"
    STREET_ADVISOR = "street_advisor"
    COMMITTEE_ADVISOR = "committee_advisor"
    VISITOR = "visitor"
    AUDITOR = "auditor"
    CITY_OFFICER = "city_officer"

    @property
    def label(self) -> str:
        """What people call it."""
        return _LABELS[self]


_LABELS = {
    Role.ADMIN: "系统管理员",
    Role.DISTRICT_OFFICER: "区级经办人",
    Role.STREET_MANAGER: "街镇负责人",
    Role.STREET_ADVISOR: "街镇救助顾问",
    Role.COMMITTEE_ADVISOR: "村居救助顾问",
    Role.VISITOR: "走访人员",
    Role.AUDITOR: "审计人员",
    Role.CITY_OFFICER: "市级经办人",
}


class May(StrEnum):
    """Something a role may do."""

    MANAGE_USERS = "manage_users"
    MANAGE_KEYS = "manage_keys"
    MOVE_CLOCK = "move_clock"
    SEND_ALERTS = "send_alerts"  # keys alone
    READ_ALERTS = "read_alerts"
    REPLAY_ALERTS = "replay_alerts"
    RESOLVE_DOUBTS = "resolve_doubts"  # about who somebody is
    READ_RESIDENTS = "read_residents"
    RECORD_FACTS = "record_facts"
    CORRECT_RESIDENTS = "correct_residents"
    RESTORE = "restore"
    PAIR = "pair"
    REVEAL = "reveal"
    READ_TASKS = "read_tasks"
    TAKE_TASKS = "take_tasks"
    ASSIGN_TASKS = "assign_tasks"
    HAND_OVER = "hand_over"
    DECIDE = "decide"
    RECORD_VISITS = "record_visits"
    CORRECT_VISITS = "correct_visits"  # also what others recorded
    READ_ESCALATIONS = "read_escalations"
    CLASSIFY = "classify"
    SET_COVERAGE = "set_coverage"
    SET_CHAIN = "set_chain"
    SET_CALENDAR = "set_calendar"
    READ_COVERAGE = "read_coverage"
    READ_REPORTS = "read_reports"
    SET_POLICY = "set_policy"
    READ_FEEDS = "read_feeds"
    SET_FEEDS = "set_feeds"


_STREET_STAFF = {
    May.READ_COVERAGE,
    May.READ_REPORTS,
    May.READ_RESIDENTS,
    May.READ_TASKS,
    May.READ_ESCALATIONS,
    May.CLASSIFY,
}
_FEEDS = {May.READ_FEEDS, May.SET_FEEDS}
_VISITS = {May.TAKE_TASKS, May.RECORD_VISITS}

GRANTS: dict[Role, frozenset[May]] = {
    Role.ADMIN: frozenset({May.SET_CALENDAR, May.MANAGE_USERS, May.MANAGE_KEYS, May.MOVE_CLOCK, *_FEEDS}),
    Role.DISTRICT_OFFICER: frozenset(
        _STREET_STAFF
        | _FEEDS
        | {
            May.MOVE_CLOCK,
            May.READ_ALERTS,
            May.REPLAY_ALERTS,
            May.RESOLVE_DOUBTS,
            May.REVEAL,
            May.RECORD_FACTS,
            May.CORRECT_RESIDENTS,
            May.RESTORE,
            May.ASSIGN_TASKS,
            May.PAIR,
            May.SET_COVERAGE,
            May.SET_CHAIN,
            May.HAND_OVER,
            May.SET_POLICY,
            May.SET_CALENDAR,
        }
    ),
    Role.STREET_MANAGER: frozenset(
        _STREET_STAFF
        | {
            May.MANAGE_USERS,
            May.READ_ALERTS,
            May.REPLAY_ALERTS,
            May.RESOLVE_DOUBTS,
            May.REVEAL,
            May.RECORD_FACTS,
            May.CORRECT_RESIDENTS,
            May.RESTORE,
            May.PAIR,
            May.ASSIGN_TASKS,
            May.CORRECT_VISITS,
            May.SET_COVERAGE,
            May.SET_CHAIN,
            May.HAND_OVER,
        }
    ),
    Role.STREET_ADVISOR: frozenset(
        _STREET_STAFF
        | _VISITS
        | {
            May.RECORD_FACTS,
            May.CORRECT_RESIDENTS,
            May.CORRECT_VISITS,
            May.RESTORE,
            May.PAIR,
            May.REVEAL,
            May.ASSIGN_TASKS,
            May.DECIDE,
        }
    ),
    Role.COMMITTEE_ADVISOR: frozenset(_STREET_STAFF | _VISITS | {May.RECORD_FACTS, May.CORRECT_RESIDENTS, May.REVEAL}),
    Role.VISITOR: frozenset({May.READ_RESIDENTS, May.READ_TASKS, May.REVEAL, *_VISITS}),
    Role.AUDITOR: frozenset({May.READ_REPORTS, May.READ_ESCALATIONS, May.READ_FEEDS}),
    Role.CITY_OFFICER: frozenset({May.READ_REPORTS}),
}
