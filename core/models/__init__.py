"""The tables. A tenant table's primary key starts with `street_code`; the others are reference tables."""

from core.models.base import TENANT_TABLES, metadata
from core.models.district import (
    Absence,
    CalendarDay,
    Committee,
    Directory,
    ImportMapping,
    Login,
    PolicyDocument,
    Receipt,
    Recusal,
    SandboxClock,
    SeenMessage,
    SignedSource,
    SigningSecret,
    Street,
    UpstreamKey,
    UserAccount,
    UserCommittee,
)
from core.models.duties import Decision, Duty
from core.models.feeds import Feed, FeedHour
from core.models.notifications import DailyDigest, Delivery, NotificationChannel, NotificationPreference
from core.models.people import Alert, Claim, FactEntry, Resident
from core.models.tasks import Attempt, CoverageDocument, Escalation, EscalationChain, Notification, Task, TaskEvent
from core.models.visits import Credit, Visit, VisitResident

__all__ = [
    "TENANT_TABLES",
    "Absence",
    "Alert",
    "Attempt",
    "CalendarDay",
    "Claim",
    "Committee",
    "CoverageDocument",
    "Credit",
    "DailyDigest",
    "Decision",
    "Delivery",
    "Directory",
    "Duty",
    "Escalation",
    "EscalationChain",
    "FactEntry",
    "Feed",
    "FeedHour",
    "ImportMapping",
    "Login",
    "Notification",
    "NotificationChannel",
    "NotificationPreference",
    "PolicyDocument",
    "Receipt",
    "Recusal",
    "Resident",
    "SandboxClock",
    "SeenMessage",
    "SignedSource",
    "SigningSecret",
    "Street",
    "Task",
    "TaskEvent",
    "UpstreamKey",
    "UserAccount",
    "UserCommittee",
    "Visit",
    "VisitResident",
    "metadata",
]
