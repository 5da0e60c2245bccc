"""The words that stand in columns: each set once, and the tables' CHECKs are made from them.

Those that the rules judge by stand there: tiers and fact kinds in `rules.facts`, kinds, states and limits of duties in
`rules.duties`, modes, visitors' roles and the steps of a chain in `rules.parameters`.
"""

from enum import StrEnum


class TaskKind(StrEnum):
    """What a task asks for."""

    VISIT = "visit"
    DECISION = "decision"
    CONFIRM = "confirm"
    WELFARE_CHECK = "welfare_check"
    LEAD = "lead"
    FOLLOW_UP = "follow_up"


class TaskState(StrEnum):
    """Whether a task is still to be done."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class TaskEventKind(StrEnum):
    """What a line of a task's history tells."""

    OPENED = "opened"
    CHANGED = "changed"
    ASSIGNED = "assigned"
    PLANNED = "planned"
    PULLED = "pulled"
    CLAIMED = "claimed"
    RELEASED = "released"
    HANDED_OVER = "handed_over"
    HANDOVER_REVERTED = "handover_reverted"
    UNDONE = "undone"
    ATTEMPT = "attempt"
    EXCUSED = "excused"
    ESCALATED = "escalated"
    COMPLETED = "completed"
    DONE = "done"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


class Closing(StrEnum):
    """Why a task was closed, where no decision and no reason of a duty says so."""

    VISITED = "visited"
    NOT_OWED = "not_owed"
    DECIDED_OR_GONE = "decided_or_gone"
    FOLLOWED_UP = "followed_up"
    COMPLETED = "completed"
    MOVED = "moved"
    DEATH = "death"
    LEFT = "left"
    UNDONE = "undone"
    VISIT_CORRECTED = "visit_corrected"
    MERGED = "merged"


class DutyReason(StrEnum):
    """Why a duty is excused or cancelled, where nobody excused it in words of their own."""

    DEATH = "death"
    PAUSE = "pause"
    RETRACTED = "retracted"
    JOINED = "joined"
    TIER_NONE = "tier_none"
    TIER_LOWERED = "tier_lowered"
    ABSORBED = "absorbed"
    NOT_OWED = "not_owed"
    MOVED = "moved"
    MERGED = "merged"


class DutyChange(StrEnum):
    """Why a duty changed, where no reason of its own (`DutyReason`) says so."""

    OWED = "owed"
    OWED_AGAIN = "owed_again"
    VISITED = "visited"
    FOLLOWED_UP = "followed_up"
    CREDIT_WITHDRAWN = "credit_withdrawn"
    PERIOD_CLOSED = "period_closed"
    MADE_UP = "made_up"
    EXCUSED = "excused"
    MOVED = "moved"
    FACE_TO_FACE = "face_to_face"
    COUNTED_ANEW = "counted_anew"


class DecisionOutcome(StrEnum):
    """What somebody decided about a question: an old change, or something to be confirmed."""

    CLOSE = "close"
    EXTEND = "extend"
    CONFIRM = "confirm"
    PAUSE = "pause"
    MOVED = "moved"
    LEFT = "left"
    RESTORE = "restore"
    REJECT = "reject"


class AttemptOutcome(StrEnum):
    """Why somebody who went could not do a task: never a credit (A18)."""

    NOT_HOME = "not_home"
    REFUSED = "refused"
    MOVED = "moved"
    HOSPITAL = "hospital"
    OTHER = "other"


class VisitChange(StrEnum):
    """How a version of a visit came about."""

    RECORDED = "recorded"
    MERGED = "merged"
    CORRECTED = "corrected"
    VOIDED = "voided"


class AlertStatus(StrEnum):
    """Where an alert stands in the inbox."""

    ACCEPTED = "accepted"
    PROCESSED = "processed"
    QUARANTINED = "quarantined"
    CONFLICT = "conflict"


class AlertProblem(StrEnum):
    """Why an alert waits for somebody, or for its next attempt, or changed nothing."""

    UNKNOWN_PERSON = "unknown_person"
    NAME_DIFFERS = "name_differs"
    TWO_RESIDENTS = "two_residents"
    AMBIGUOUS = "ambiguous"
    ENDED_SINCE = "ended_since"
    FAILED = "failed"


class Resolution(StrEnum):
    """How somebody settled whom an alert is about (A38)."""

    SAME_PERSON = "same_person"
    ANOTHER_PERSON = "another_person"


class FeedDays(StrEnum):
    """On which days a source sends."""

    ALL = "all"
    WORKING = "working"


class ChannelKind(StrEnum):
    """How somebody is reached outside the pages."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    WECOM = "wecom"
    FEISHU = "feishu"
    DINGTALK = "dingtalk"
    SMS = "sms"
    # Of earlier programs, with an address in a library's own language: shown to its owner, and nothing goes through it.
    APPRISE = "apprise"


class DeliveryState(StrEnum):
    """How far a notification has come through a channel."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
