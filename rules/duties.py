"""What a duty is, what discharges it (A17 to A21, A35) and what news asks for (A33): nothing here keeps anything."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from rules.calendar import ONE_DAY, Period, WorkingCalendar
from rules.facts import Fact, FactKind, Tier, anniversary
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
    """The tier of a person over time as it was known then: `[(from_day, tier), …]`, none before the first.

    `news_at`: when the news was accepted that brought somebody into the high tier on a day.
    """

    def __init__(self, changes: Iterable[tuple[date, Tier]], news_at: Mapping[date, datetime] | None = None) -> None:
        self.changes: list[tuple[date, Tier]] = sorted(changes)
        self.news_at = news_at or {}
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

    def reached(self, tier: Tier, first: date, last: date) -> bool:
        """Whether the tier was this one or a higher one on some day of the span."""
        if self.on(first).rank >= tier.rank:
            return True
        return any(first <= day <= last and held.rank >= tier.rank for day, held in self.changes)


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
    # When the news was accepted that asks for it: what was entered before does not answer it (A17).
    news_at: datetime | None = None


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
    # Whoever entered it must not visit this resident (A20).
    recused: bool = False
    # Entered by a street advisor, who answers for what a paper says a street advisor did (A20).
    by_street_advisor: bool = False
    corrected_on: date | None = None
    corrected_at: datetime | None = None
    before: "Contact | None" = None

    @property
    def looks_again(self) -> bool:
        """Whether it can be the look that a follow-up asks for: the street advisor's own, or confirmed by one (A20)."""
        is_theirs = self.role == VisitorRole.STREET_ADVISOR and (self.by_street_advisor or self.approved)
        return self.met and is_theirs and not self.recused


class Refused(StrEnum):
    """Why a visit does not discharge a duty."""

    NOT_MET = "not_met"
    RECUSED = "recused"
    ROLE = "role"
    BEFORE_START = "before_start"
    BEFORE_NEWS = "before_news"
    AFTER_END = "after_end"
    MODE = "mode"
    RESIDENT_INITIATED = "resident_initiated"
    NO_DIMENSION_CHECK = "no_dimension_check"
    NEEDS_APPROVAL = "needs_approval"


def refusal(owed: Owed, contact: Contact, crediting: Crediting) -> Refused | None:
    """Why a contact does not discharge a duty, or None when it does (A17 to A21). A response may be met late (A35)."""
    if not contact.met:
        return Refused.NOT_MET
    if contact.recused:
        return Refused.RECUSED
    if contact.role not in crediting.roles:
        return Refused.ROLE
    if contact.service_date < owed.starts_on:
        return Refused.BEFORE_START
    if owed.news_at is not None and contact.entered_at < owed.news_at:
        return Refused.BEFORE_NEWS
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
    face_to_face: bool = False
    made_up: Contact | None = None

    @property
    def made_up_on(self) -> date | None:
        """The day somebody went after all."""
        return self.made_up.service_date if self.made_up else None


def settle(owed: Owed, contacts: Sequence[Contact], crediting: Crediting, *, today: date) -> Settled:
    """The state of a duty from the visits alone; contacts are in order of service date."""
    qualifying = [contact for contact in contacts if refusal(owed, contact, crediting) is None]
    if qualifying:
        first = qualifying[0]
        if owed.kind is not DutyKind.PERIODIC and first.service_date > owed.due_on:
            return Settled(DutyState.LATE, first)
        return Settled(
            DutyState.MET,
            first,
            late_entry=first.entered_on > owed.due_on,
            # Whichever of them credited it (A42).
            face_to_face=owed.kind is DutyKind.PERIODIC
            and any(contact.mode == Mode.HOME_VISIT for contact in qualifying),
        )
    if owed.kind is not DutyKind.PERIODIC or today <= owed.due_on:
        return Settled(DutyState.OPEN)
    return Settled(DutyState.MISSED, made_up=_made_up(owed, contacts, crediting))


def _made_up(owed: Owed, contacts: Sequence[Contact], crediting: Crediting) -> Contact | None:
    """The visit of somebody who went after all: noted on a missed duty, which stays missed (A35)."""
    for contact in contacts:
        if (
            contact.met
            and not contact.recused
            and contact.role in crediting.roles
            and contact.service_date > owed.due_on
            and _unsuitable(owed, contact, crediting) is None
        ):
            return contact
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
                news_at=told.arrived_at,
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
