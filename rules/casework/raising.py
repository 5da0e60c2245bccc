"""What a contact raises, and why not (B4 to B10): rules asked of all that was seen, before and after it.

A rule is asked of every day on which a dimension was looked at, and what it raises is what it did not raise before this
contact. So the order in which a day's contacts are recorded says nothing, and a contact handed in twice adds nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from rules.calendar import WorkingCalendar
from rules.casework import asking
from rules.casework.asking import Held
from rules.casework.casebook import InForce
from rules.casework.codes import Category, Dimension, Handled, Urgency
from rules.casework.limits import LimitName, due_on, follow_up_due_on
from rules.casework.outcomes import (
    Cause,
    Causes,
    FactRaised,
    FollowUpRaised,
    Ground,
    Judgement,
    NeedRaised,
    NoticeRaised,
    NotRaised,
    PlanRaised,
    Raised,
    Spared,
    SuggestionRaised,
)
from rules.casework.rules import FOLLOW_UP_LIMITS, Kind, NoticeTo, StatedFact
from rules.casework.standing import Found, OpenNeed, Standing, WrittenNeed
from rules.facts import FactKind, Person


def judge(
    rules: InForce, standing: Standing, found: Found, person: Person, *, calendar: WorkingCalendar, today: date
) -> Judgement:
    """What a contact raises. `today` is the day on which it is recorded: needs and plans count from it (B5)."""
    before = asking.known(standing)
    told = asking.told(rules, before, found.looks)
    base = asking.about(rules, person, today)
    asked_before = asking.ask(rules, before, (), base)
    asked = asking.ask(rules, before | told, found.looks, base)
    held = asking.held(rules, asked_before, asked)
    raised, written, spared = _Raising(rules, standing, found, person, calendar, today).of(held)
    return Judgement(
        findings=tuple(finding for findings in told.values() for finding in findings),
        raised=raised,
        written=written,
        not_raised=spared,
        near_misses=tuple(asking.near_misses(rules, asked, found)),
        policy_id=rules.policy.id,
        policy_version=rules.policy.version,
        addition_version=rules.addition_version,
    )


def grounds(rules: InForce, standing: Standing, person: Person, *, today: date) -> frozenset[Ground]:
    """All that rules rest on as things stand: what rested on other grounds alone has none left after a correction."""
    known = asking.known(standing)
    asked = asking.ask(rules, known, (), asking.about(rules, person, today))
    return frozenset(held.cause.ground for held in asking.held(rules, {}, asked))


def standing_after(standing: Standing, judgement: Judgement) -> Standing:
    """What stands open once all of a judgement was done."""
    touched = {finding.dimension for finding in judgement.findings}
    needs = {need.need_id: need for need in standing.needs}
    follow_ups = dict(standing.follow_ups)
    for need in (*judgement.written, *(each for each in judgement.raised if isinstance(each, NeedRaised))):
        if need.asks_for_a_task:
            known = need.written or need.more_urgent
            name = known.need_id if known else f"{need.category}:{need.due_on}"
            needs[name] = OpenNeed(name, need.category, need.urgency, need.due_on)
    for raised in judgement.raised:
        if isinstance(raised, FollowUpRaised):
            follow_ups[raised.dimension] = raised.due_on
    return Standing(
        findings=(
            *(finding for finding in standing.findings if finding.dimension not in touched),
            *judgement.findings,
        ),
        needs=tuple(needs.values()),
        follow_ups=follow_ups,
        plan_open=standing.plan_open or any(isinstance(raised, PlanRaised) for raised in judgement.raised),
    )


class _Raising:
    """What rules that hold raise beside what stands open, and beside what the visitor wrote."""

    def __init__(
        self,
        rules: InForce,
        standing: Standing,
        found: Found,
        person: Person,
        calendar: WorkingCalendar,
        today: date,
    ) -> None:
        self._rules = rules
        self._standing = standing
        self._person = person
        self._calendar = calendar
        self._today = today
        self._spared: list[NotRaised] = []
        self._written: dict[Category, list[WrittenNeed]] = defaultdict(list)
        for need in found.needs:
            self._written[need.category].append(need)

    def of(self, held: Sequence[Held]) -> tuple[tuple[Raised, ...], tuple[NeedRaised, ...], tuple[NotRaised, ...]]:
        """What is raised, the written needs that no rule asked for, and what is not raised."""
        needs = list(self._needs(held))
        taken = {need.written for need in needs if need.written}
        written = tuple(
            self._need((), need.category, need.urgency, need)
            for each in self._written.values()
            for need in each
            if need not in taken
        )
        new = [each for each in held if each.is_new]
        raised: tuple[Raised, ...] = (
            *needs,
            *self._suggestions(held, {need.category for need in needs}),
            *self._plans(new),
            *self._follow_ups(new),
            *self._facts(new),
            *self._notices(new),
        )
        return raised, written, tuple(self._spared)

    def _needs(self, held: Sequence[Held]) -> Iterator[NeedRaised]:
        asked: dict[Category, list[tuple[Urgency, Cause]]] = defaultdict(list)
        for each in held:
            need = each.rule.raises.need
            if need is not None:
                for category in _categories(each, need.category):
                    asked[category].append((need.urgency, each.cause))
        # In the order of the codes, so that the order in which things were seen says nothing.
        for category in (code for code in Category if code in asked):
            causes = tuple(cause for _, cause in asked[category])
            urgency = _most_urgent([urgency for urgency, _ in asked[category]])
            if category in self._written:
                # One that is left open takes the place before one that was solved: somebody still waits for it.
                own = min(
                    self._written[category], key=lambda written: (written.handled is not Handled.OPEN, written.need_id)
                )
                yield self._need(causes, category, _most_urgent([urgency, own.urgency]), own)
            else:
                yield from self._beside_open(causes, category, urgency)

    def _beside_open(self, causes: Causes, category: Category, urgency: Urgency) -> Iterator[NeedRaised]:
        opened = [need for need in self._standing.needs if need.category is category]
        if not opened:
            yield self._need(causes, category, urgency)
            return
        urgent = [need for need in opened if need.urgency is Urgency.URGENT]
        if urgent or urgency is Urgency.NORMAL:
            self._spare(Kind.NEED, causes, Spared.NEED_OPEN, min(urgent or opened, key=_by_due_day).need_id)
            return
        known = min(opened, key=_by_due_day)
        need = self._need(causes, category, urgency)
        yield NeedRaised(
            causes, category, urgency, need.limit, min(known.due_on, need.due_on), written=None, more_urgent=known
        )

    def _need(
        self, causes: Causes, category: Category, urgency: Urgency, written: WrittenNeed | None = None
    ) -> NeedRaised:
        limit = self._rules.need_limit(urgency)
        return NeedRaised(causes, category, urgency, limit, due_on(limit, self._today, self._calendar), written)

    def _suggestions(self, held: Sequence[Held], raised: set[Category]) -> Iterator[SuggestionRaised]:
        asked: dict[tuple[Category, str], list[Cause]] = defaultdict(list)
        for each in held:
            suggestion = each.rule.raises.suggestion
            if suggestion is not None:
                for category in _categories(each, suggestion.category):
                    asked[category, suggestion.text].append(each.cause)
        opened = {need.category: need.need_id for need in self._standing.needs}
        for (category, text), causes in sorted(asked.items()):
            if category in raised:
                self._spare(Kind.SUGGESTION, tuple(causes), Spared.NEED_RAISED)
            elif category in self._written:
                own = self._written[category][0].need_id
                self._spare(Kind.SUGGESTION, tuple(causes), Spared.NEED_WRITTEN, own)
            elif category in opened:
                self._spare(Kind.SUGGESTION, tuple(causes), Spared.NEED_OPEN, opened[category])
            else:
                yield SuggestionRaised(tuple(causes), category, text)

    def _plans(self, held: Sequence[Held]) -> Iterator[PlanRaised]:
        causes = tuple(each.cause for each in held if each.rule.raises.plan)
        if causes and self._standing.plan_open:
            self._spare(Kind.PLAN, causes, Spared.PLAN_OPEN)
        elif causes:
            limit = self._rules.limits[LimitName.PLAN]
            yield PlanRaised(causes, limit, due_on(limit, self._today, self._calendar))

    def _follow_ups(self, held: Sequence[Held]) -> Iterator[FollowUpRaised]:
        asked: dict[Dimension, list[FollowUpRaised]] = defaultdict(list)
        least = self._rules.limits[LimitName.FOLLOW_UP_LEAST]
        for each in held:
            level = each.rule.raises.follow_up
            if level is not None:
                limit, sight = self._rules.limits[FOLLOW_UP_LIMITS[level]], each.sight
                day = follow_up_due_on(limit, least, sight.on, self._today, self._calendar)
                asked[sight.dimension].append(FollowUpRaised((each.cause,), sight.dimension, limit, day))
        for dimension in (code for code in Dimension if code in asked):
            first = min(asked[dimension], key=lambda raised: raised.due_on)
            causes = tuple(cause for raised in asked[dimension] for cause in raised.causes)
            owed = self._standing.follow_ups.get(dimension)
            if owed is not None and owed <= first.due_on:
                self._spare(Kind.FOLLOW_UP, causes, Spared.FOLLOWED_UP_SOONER)
            else:
                yield FollowUpRaised(causes, dimension, first.limit, first.due_on)

    def _facts(self, held: Sequence[Held]) -> Iterator[FactRaised]:
        asked: dict[StatedFact, list[Held]] = {}
        for each in held:
            if each.rule.raises.fact:
                asked.setdefault(each.rule.raises.fact, []).append(each)
        for fact, places in asked.items():
            causes = tuple(each.cause for each in places)
            if any(self._is_known(fact.kind, each.sight.on) for each in places):
                self._spare(Kind.FACT, causes, Spared.FACT_KNOWN)
            else:
                yield FactRaised(causes, fact, min(each.sight.on for each in places))

    def _is_known(self, kind: FactKind, on: date) -> bool:
        """Whether such a fact is in force, be it confirmed or not: then there is nothing to ask once more (A40)."""
        return any(
            fact.kind is kind and fact.valid_from <= on and (fact.valid_to is None or on <= fact.valid_to)
            for fact in self._person.facts
        )

    def _notices(self, held: Sequence[Held]) -> Iterator[NoticeRaised]:
        asked: dict[tuple[tuple[NoticeTo, ...], str], list[Cause]] = defaultdict(list)
        for each in held:
            notice = each.rule.raises.notice
            if notice:
                asked[notice.to, notice.words].append(each.cause)
        for (to, words), causes in asked.items():
            yield NoticeRaised(tuple(causes), to, words)

    def _spare(self, kind: Kind, causes: Causes, because: Spared, need_id: str | None = None) -> None:
        self._spared.append(NotRaised(kind, causes, because, need_id))


def _categories(held: Held, own: Category | None) -> frozenset[Category]:
    if own is None:
        return held.categories
    return frozenset((own,)) if held.is_new else frozenset()


def _most_urgent(urgencies: Sequence[Urgency]) -> Urgency:
    return Urgency.URGENT if Urgency.URGENT in urgencies else Urgency.NORMAL


def _by_due_day(need: OpenNeed) -> tuple[date, str]:
    return need.due_on, need.need_id
