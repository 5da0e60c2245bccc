"""The tables. A tenant table's primary key starts with `street_code`; the others are reference tables."""

from core.store.models.accounts import FailureCount, Login
from core.store.models.base import TENANT_TABLES, metadata
from core.store.models.district import (
    Absence,
    CalendarDay,
    Committee,
    Directory,
    District,
    ImportMapping,
    PolicyDocument,
    Receipt,
    Recusal,
    SandboxClock,
    SeenMessage,
    SignedSource,
    SigningSecret,
    SourceName,
    Street,
    UpstreamKey,
    UserAccount,
    UserCommittee,
)
from core.store.models.drafts import Draft
from core.store.models.duties import Decision, Duty, DutyHistory
from core.store.models.feeds import Feed, FeedHour
from core.store.models.notifications import DailyDigest, Delivery, NotificationChannel, NotificationPreference
from core.store.models.residents import Alert, Claim, FactEntry, Resident
from core.store.models.tasks import (
    Attempt,
    CoverageDocument,
    Escalation,
    EscalationChain,
    Notification,
    Task,
    TaskEvent,
)
from core.store.models.visits import Credit, Visit, VisitResident, VisitVersion

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
    "District",
    "Draft",
    "Duty",
    "DutyHistory",
    "Escalation",
    "EscalationChain",
    "FactEntry",
    "FailureCount",
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
    "SourceName",
    "Street",
    "Task",
    "TaskEvent",
    "UpstreamKey",
    "UserAccount",
    "UserCommittee",
    "Visit",
    "VisitResident",
    "VisitVersion",
    "metadata",
]
