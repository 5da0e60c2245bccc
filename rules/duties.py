"""What is owed when (A14 to A20, A33, A35), from the tier path of a person alone: nothing here remembers anything."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from rules.calendar import ONE_DAY, Frequency, Period, WorkingCalendar, period_of
from rules.facts import TIERS, Fact, FactKind, Tier, anniversary
from rules.history import News
from rules.parameters import Initiator, Mode, VisitorRole
from rules.policies import Crediting, Terms


class DutyKind(StrEnum):
    """Why a visit is owed."""

    PERIODIC = "periodic"
    RESPONSE = "response"
    FOLLOW_UP = "follow_up"


class DutyState(StrEnum):
    """What became of a duty. Visits alone make it open, met, late or missed; other things excuse or cancel it."""

    OPEN = "open"
    MET = "met"
    LATE = "late"
    MISSED = "missed"
    EXCUSED = "excused"
    CANCELLED = "cancelled"


class Limit(StrEnum):
    """Who set the due day: the guidance, or the district where the guidance is silent."""

    POLICY = "policy"
    LOCAL = "local"


class TierPath:
    """The tier of a person over time as it was known then: `[(from_day, tier), …]`, none before the first."""

    def __init__(self, changes: Iterable[tuple[date, Tier]]) -> None:
        self.changes: list[tuple[date, Tier]] = sorted(changes)
        self._days = [day for day, _ in self.changes]

    def on(self, day: date) -> Tier:
        """The tier at the end of a day."""
        index = bisect_right(self._days, day)
        return self.changes[index - 1][1] if index else Tier.NONE

    def since(self, tier: Tier, day: date) -> date | None:
        """First day of the unbroken run up to `day` of this tier or a higher one: tiers nest (A16)."""
        index = bisect_right(self._days, day) - 1
        start: date | None = None
        while index >= 0 and self.changes[index][1].rank >= tier.rank:
            start = self.changes[index][0]
            index -= 1
        return start

    def held(self, tier: Tier, first: date, last: date) -> bool:
        """Whether the tier was exactly this one on some day of the span."""
        if self.on(first) is tier:
            return True
        return any(first <= day <= last and held is tier for day, held in self.changes)


@dataclass(frozen=True, slots=True)
class Owed:
    """A visit that is owed, with the window in which it discharges."""

    kind: DutyKind
    tier: Tier
    occasion: str
    period: str | None
    starts_on: date
    due_on: date
    modes: tuple[Mode, ...]
    limit: Limit
    clause: str


def periodic(path: TierPath, on: date, terms: Terms) -> list[Owed]:
    """The periodic duties owed as things stand at the end of a day, at most one a tier.

    The duty of the present tier is owed by A15. A longer one of a lower tier that the person held in its period stays
    owed until a duty of a higher tier is owed in the same period, and is then absorbed (A16).
    """
    current = path.on(on)
    owed: list[Owed] = []
    for tier in TIERS:
        if tier.rank > current.rank:
            continue
        period = period_of(on, terms.frequency[tier])
        if tier is not current and (owed or not path.held(tier, _run_start(path, tier, period, on), on)):
            continue
        entry = _run_start(path, tier, period, on)
        days_left = (period.last - entry).days + 1
        if entry > period.first and days_left < terms.entry_days[terms.frequency[tier]]:
            continue
        owed.append(
            Owed(
                kind=DutyKind.PERIODIC,
                tier=tier,
                occasion=period.name,
                period=period.name,
                # Only a high duty asks for a visit after the upgrade; for others any visit of the period counts (A17).
                starts_on=max(period.first, entry) if tier is Tier.HIGH else period.first,
                due_on=period.last,
                modes=terms.modes[tier],
                limit=Limit.POLICY,
                clause=terms.reference(f"frequency.{tier}"),
            )
        )
    return owed


def _run_start(path: TierPath, tier: Tier, period: Period, on: date) -> date:
    return max(path.since(tier, on) or on, period.first)


def closings(since: date, today: date) -> list[date]:
    """The last days of months in `[since, today)`: every period that ended there is judged as of its last day (A16)."""
    days = []
    last = period_of(since, Frequency.MONTH).last
    while last < today:
        days.append(last)
        last = period_of(last + ONE_DAY, Frequency.MONTH).last
    return days


def is_paused(facts: Iterable[Fact], period: Period) -> bool:
    """Whether pauses cover all of a period, one after the other (A23)."""
    day = period.first
    for pause in sorted((fact for fact in facts if fact.kind is FactKind.PAUSE), key=lambda fact: fact.valid_from):
        if pause.valid_from <= day:
            if pause.valid_to is None or pause.valid_to >= period.last:
                return True
            day = max(day, pause.valid_to + ONE_DAY)
    return False


@dataclass(frozen=True, slots=True)
class Contact:
    """One resident's share of a visit: what credit is judged by.

    One that was corrected says since when it stands so, and as what it was told `before`, if it was told at all.
    """

    visit_id: UUID
    service_date: date
    mode: Mode
    met: bool
    initiated_by: Initiator
    role: VisitorRole
    dimensions_done: bool
    entered_on: date
    entered_at: datetime
    approved: bool = False
    corrected_on: date | None = None
    corrected_at: datetime | None = None
    before: "Contact | None" = None


class Refused(StrEnum):
    """Why a visit does not discharge a duty."""

    NOT_MET = "not_met"
    ROLE = "role"
    BEFORE_START = "before_start"
    AFTER_END = "after_end"
    MODE = "mode"
    RESIDENT_INITIATED = "resident_initiated"
    NO_DIMENSION_CHECK = "no_dimension_check"
    NEEDS_APPROVAL = "needs_approval"


def refusal(owed: Owed, contact: Contact, crediting: Crediting) -> Refused | None:
    """Why a contact does not discharge a duty, or None when it does (A17 to A21). A response may be met late (A35)."""
    if not contact.met:
        return Refused.NOT_MET
    if contact.role not in crediting.roles:
        return Refused.ROLE
    if contact.service_date < owed.starts_on:
        return Refused.BEFORE_START
    if owed.kind is DutyKind.PERIODIC and contact.service_date > owed.due_on:
        return Refused.AFTER_END
    return _unsuitable(owed, contact, crediting) or (
        Refused.NEEDS_APPROVAL
        if owed.kind is DutyKind.PERIODIC and not contact.approved and _told_late(owed, contact, crediting)
        else None
    )


def _told_late(owed: Owed, contact: Contact, crediting: Crediting) -> bool:
    """Whether what would discharge a duty was told long after its close: on entry, or by a correction (A21, A27)."""
    told_on = contact.corrected_on or contact.entered_on
    if (told_on - owed.due_on).days <= crediting.approval_days:
        return False
    # What had discharged it before it was corrected goes on doing so.
    return contact.before is None or refusal(owed, contact.before, crediting) is not None


def _unsuitable(owed: Owed, contact: Contact, crediting: Crediting) -> Refused | None:
    if contact.mode not in owed.modes:
        return Refused.MODE
    if contact.initiated_by == Initiator.RESIDENT:
        # A response to news about somebody without a tier asks no more of a contact than the lowest tier does.
        if owed.tier is not Tier.NONE and owed.tier not in crediting.resident_initiated_tiers:
            return Refused.RESIDENT_INITIATED
        if not contact.dimensions_done:
            return Refused.NO_DIMENSION_CHECK
    return None


@dataclass(frozen=True, slots=True)
class Settled:
    """How a duty stands: `state` is open, met, late or missed."""

    state: DutyState
    contact: Contact | None = None
    late_entry: bool = False
    made_up_on: date | None = None


def settle(owed: Owed, contacts: Sequence[Contact], crediting: Crediting, *, today: date) -> Settled:
    """The state of a duty from the visits alone; contacts are in order of service date."""
    for contact in contacts:
        if refusal(owed, contact, crediting) is None:
            if owed.kind is not DutyKind.PERIODIC and contact.service_date > owed.due_on:
                return Settled(DutyState.LATE, contact)
            return Settled(DutyState.MET, contact, late_entry=contact.entered_on > owed.due_on)
    if owed.kind is not DutyKind.PERIODIC or today <= owed.due_on:
        return Settled(DutyState.OPEN)
    return Settled(DutyState.MISSED, made_up_on=_made_up_on(owed, contacts, crediting))


def _made_up_on(owed: Owed, contacts: Sequence[Contact], crediting: Crediting) -> date | None:
    """The day somebody went after all: noted on a missed duty, which stays missed (A35)."""
    for contact in contacts:
        if (
            contact.met
            and contact.role in crediting.roles
            and contact.service_date > owed.due_on
            and _unsuitable(owed, contact, crediting) is None
        ):
            return contact.service_date
    return None


def asking(news: Iterable[News], terms: Terms) -> list[News]:
    """The news that ask for a visit, in the order in which they began to ask (A33).

    What came with a registration asks only if the event is within `recent_days` of its arrival, or the push within the
    year; otherwise it asks once somebody tells it as news.
    """
    found: list[News] = []
    for told in news:
        if told.arrived_at == told.told_at or _recent(told, terms):
            found.append(told)
        elif told.told_at is not None and told.told_on is not None:
            found.append(replace(told, arrived_at=told.told_at, arrived_on=told.told_on))
    return sorted(found, key=lambda told: (told.arrived_at, told.occasion))


def responses(
    news: Sequence[News],
    contacts: Sequence[Contact],
    path: TierPath,
    terms: Terms,
    calendar: WorkingCalendar,
    *,
    today: date,
    excused: Mapping[str, datetime],
) -> list[Owed]:
    """The response duties that news raised (A33); a repeated warning joins the open one.

    `excused`: by occasion, when the street advisor excused a response.
    """
    owed: list[Owed] = []
    for told in news:
        fact = told.fact
        if fact.kind is FactKind.WARNING and any(
            _is_open(prior, contacts, told, terms.crediting, excused) for prior in owed
        ):
            continue
        owed.append(
            Owed(
                kind=DutyKind.RESPONSE,
                tier=path.on(min(max(told.arrived_on, fact.valid_from), today)),
                occasion=told.occasion,
                period=None,
                starts_on=told.arrived_on,
                due_on=calendar.shift(told.arrived_on, terms.response_working_days[fact.kind]),
                modes=terms.modes[path.on(today)],
                limit=Limit.LOCAL,
                clause=terms.reference(f"response_{fact.kind}_working_days"),
            )
        )
    return owed


def _recent(news: News, terms: Terms) -> bool:
    fact = news.fact
    if fact.kind is FactKind.WARNING:
        return news.arrived_on <= anniversary(fact.valid_from, terms.warning_years)
    return (news.arrived_on - fact.valid_from).days <= terms.recent_days


def _is_open(
    prior: Owed, contacts: Sequence[Contact], news: News, crediting: Crediting, excused: Mapping[str, datetime]
) -> bool:
    """Whether a response to an earlier warning was still open, as far as anybody knew, when the next one arrived."""
    if not prior.occasion.startswith(FactKind.WARNING):
        return False
    if prior.occasion in excused and excused[prior.occasion] < news.arrived_at:
        return False
    known = [contact for contact in contacts if contact.entered_at < news.arrived_at]
    return settle(prior, known, crediting, today=news.arrived_on).state is DutyState.OPEN
