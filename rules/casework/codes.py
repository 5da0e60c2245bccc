"""The codes of casework as the contract spells them; what they are called stands in the policy."""

from enum import StrEnum
from typing import Final


class Dimension(StrEnum):
    """What a visit looks at (四（二）), in the order of the form."""

    ECONOMY = "economy"
    HEALTH = "health"
    EDUCATION = "education"
    HOUSING = "housing"
    EMPLOYMENT = "employment"
    SOCIAL = "social"


class Level(StrEnum):
    """How bad a dimension was found (B2). Compare by `rank`: as strings the levels sort alphabetically."""

    OK = "ok"
    WATCH = "watch"
    RISK = "risk"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        return _LEVELS[self]

    @property
    def is_alarming(self) -> bool:
        """Risk or above: what the street advisor follows up (B5, B7)."""
        return self in (Level.RISK, Level.URGENT)


_LEVELS: Final = {Level.OK: 0, Level.WATCH: 1, Level.RISK: 2, Level.URGENT: 3}


class Sign(StrEnum):
    """What a visitor ticks beside a level; each belongs to one dimension, which the policy says."""

    INCOME_LOST = "income_lost"
    RIGID_SPENDING = "rigid_spending"
    DEBT = "debt"
    BENEFIT_NOT_CLAIMED = "benefit_not_claimed"
    ACUTE = "acute"
    CHRONIC_UNTREATED = "chronic_untreated"
    MEDICINE_COST = "medicine_cost"
    SELF_CARE_LOST = "self_care_lost"
    SERIOUS_ILLNESS = "serious_illness"
    MENTAL = "mental"
    DROPOUT_RISK = "dropout_risk"
    FEES = "fees"
    NO_TUTORING = "no_tutoring"
    UNSAFE = "unsafe"
    LEAK = "leak"
    NO_BARRIER_FREE = "no_barrier_free"
    EVICTION = "eviction"
    UNEMPLOYED = "unemployed"
    WANTS_TRAINING = "wants_training"
    CARER_BOUND = "carer_bound"
    ALONE = "alone"
    NO_SUPPORTER = "no_supporter"
    CONFLICT = "conflict"
    ABUSE = "abuse"


class Category(StrEnum):
    """What kind of help a need asks for."""

    DAILY_CARE = "daily_care"
    MEDICAL = "medical"
    COUNSELLING = "counselling"
    FAMILY = "family"
    EMPLOYMENT = "employment"
    EDUCATION = "education"
    HOUSING = "housing"
    AID = "aid"
    LEGAL = "legal"
    GOODS = "goods"
    SOCIAL_LIFE = "social_life"
    OTHER = "other"


class Urgency(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"


class Handled(StrEnum):
    """What became of a need while the visit lasted (B10)."""

    ON_THE_SPOT = "on_the_spot"
    OPEN = "open"


class RuleName(StrEnum):
    """The rules that come with the product (B4 to B9); a district and its streets may write others."""

    URGENT = "urgent"
    RISK = "risk"
    WATCHED_TWICE = "watched_twice"
    SEVERAL_RISKS = "several_risks"
    ILLNESS_SEEN = "illness_seen"
    ABUSE_SEEN = "abuse_seen"
    NOT_CLAIMED = "not_claimed"


class FollowUpOutcome(StrEnum):
    """How a thing stands when the street advisor looks again (B13)."""

    CLEARED = "cleared"
    EASED = "eased"
    SAME = "same"
    WORSE = "worse"


class GoalOutcome(StrEnum):
    REACHED = "reached"
    PARTLY = "partly"
    MISSED = "missed"


class PartnerKind(StrEnum):
    """Who takes referrals; a department is 条线."""

    DEPARTMENT = "department"
    SOCIAL_ORGANISATION = "social_organisation"
    CHARITY = "charity"
    ENTERPRISE = "enterprise"
    VOLUNTEER_GROUP = "volunteer_group"
    MEDICAL = "medical"


class ReferralKind(StrEnum):
    """转介, 链接, 条线协调 (四（四）)."""

    REFERRAL = "referral"
    LINK = "link"
    COORDINATE = "coordinate"


class ItemKind(StrEnum):
    """Who does an item of a plan: the office itself, or somebody by a referral's three kinds."""

    OWN = "own"
    REFERRAL = "referral"
    LINK = "link"
    COORDINATE = "coordinate"


class Wish(StrEnum):
    """Whether the resident agrees with a need or a plan."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class SaidHow(StrEnum):
    """How a wish or a consent was given (B11)."""

    SPOKEN = "spoken"
    WRITTEN = "written"


class Via(StrEnum):
    """How a step of a referral came to be known; the street advisor enters what a partner says by phone or paper."""

    SYSTEM = "system"
    PHONE = "phone"
    PAPER = "paper"


class PassedOn(StrEnum):
    """What a referral may tell the partner of the resident; nothing else goes along (B11)."""

    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    BIRTH_YEAR = "birth_year"
    TAGS = "tags"
    SITUATION = "situation"


class NeedSource(StrEnum):
    VISIT = "visit"
    CALL = "call"
    LEAD = "lead"
    FINDING = "finding"


class FollowUpNext(StrEnum):
    """What comes after a follow-up."""

    CLOSE = "close"
    AGAIN = "again"
    REVISE_PLAN = "revise_plan"


class LeadLedTo(StrEnum):
    VISIT = "visit"
    NEED = "need"
    OUTREACH = "outreach"
    REGISTRATION = "registration"


class CloudState(StrEnum):
    """How a record stands towards the Community Cloud (B18)."""

    NOT_NEEDED = "not_needed"
    TO_ENTER = "to_enter"
    ENTERED = "entered"
    CHANGED_AFTER_ENTRY = "changed_after_entry"
    VOIDED_AFTER_ENTRY = "voided_after_entry"


class CardKind(StrEnum):
    CONTACT = "contact"
    HOTLINE = "hotline"


class ExperienceKind(StrEnum):
    CASE = "case"
    PRACTICE = "practice"
    SUGGESTION = "suggestion"


class LeadChannel(StrEnum):
    NEIGHBOUR = "neighbour"
    RELATIVE = "relative"
    FAMILY_DOCTOR = "family_doctor"
    PROPERTY = "property"
    GRID = "grid"
    HOTLINE = "hotline"
    OTHER = "other"


class Caller(StrEnum):
    SELF = "self"
    RELATIVE = "relative"
    NEIGHBOUR = "neighbour"
    OTHER = "other"


class FindingState(StrEnum):
    OPEN = "open"
    CLEARED = "cleared"
    MISTAKEN = "mistaken"


class NeedState(StrEnum):
    OPEN = "open"
    ON_THE_SPOT = "on_the_spot"
    PLANNED = "planned"
    REFERRED = "referred"
    MET = "met"
    PARTLY_MET = "partly_met"
    UNMET = "unmet"
    WITHDRAWN = "withdrawn"


class PlanState(StrEnum):
    DRAFT = "draft"
    AGREED = "agreed"
    CLOSED = "closed"


class ItemState(StrEnum):
    TODO = "todo"
    DOING = "doing"
    DONE = "done"
    FAILED = "failed"


class PartnerState(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"


class ReferralState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    FAILED = "failed"
    RETURNED = "returned"
    REJECTED = "rejected"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class LeadState(StrEnum):
    OPEN = "open"
    VERIFIED = "verified"
    UNFOUNDED = "unfounded"
    DUPLICATE = "duplicate"
    PASSED_ON = "passed_on"


class CallState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    PASSED_ON = "passed_on"
    CLOSED = "closed"


class ExperienceState(StrEnum):
    DRAFT = "draft"
    STREET = "street"
    DISTRICT = "district"
    PUBLISHED = "published"
    RETURNED = "returned"
