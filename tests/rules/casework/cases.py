"""What the casework tests say in a line: looks, contacts, days, and what was raised."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from rules.calendar import WorkingCalendar
from rules.casework.additions import Addition, AdditionVersion, parse_addition
from rules.casework.casebook import Casebook, InForce
from rules.casework.codes import Dimension, Level, Sign
from rules.casework.findings import Finding, Look, told
from rules.casework.outcomes import Judgement, Raised
from rules.casework.policies import CaseworkPolicy, load_casework_policies
from rules.casework.raising import judge
from rules.casework.standing import Found, Standing
from rules.facts import Person
from rules.policies import load_policies
from rules.rulebook import Rulebook

POLICY = load_casework_policies()[0]
TIERS = load_policies()[0]
RULEBOOK = Rulebook(load_policies())
# 2026-10-01 to 07 are holidays, 2026-10-10 is worked: the days around them tell working days from days.
CALENDAR = WorkingCalendar(
    {date(2026, 10, 1) + timedelta(days=number): False for number in range(7)} | {date(2026, 10, 10): True}
)
# A Wednesday.
TODAY = date(2026, 9, 2)
SOMEBODY = Person(birth_date=date(1950, 1, 1))


def look(
    dimension: str,
    level: str,
    on: date = TODAY,
    *signs: str,
    recorded: date | None = None,
    contact: str | None = None,
) -> Look:
    """One dimension as a contact found it, recorded on the day itself unless said otherwise."""
    return Look(
        dimension=Dimension(dimension),
        level=Level(level),
        on=on,
        recorded_at=datetime.combine(recorded or on, time(12)),
        contact_id=contact or f"visit of {on}",
        signs=frozenset(map(Sign, signs)),
    )


def in_force(addition: Addition | None = None, *, policy: CaseworkPolicy = POLICY, on: date = TODAY) -> InForce:
    versions = [AdditionVersion(1, policy.effective_on, addition)] if addition else []
    return Casebook([policy], versions, rulebook=RULEBOOK).on(on)


def street(*rules: dict[str, Any], **limits: Any) -> InForce:
    """The bundled rules with those of a street."""
    return in_force(parse_addition({"rules": list(rules), "limits": limits}))


def judged(
    *looks: Look,
    rules: InForce | None = None,
    standing: Standing | None = None,
    needs: Iterable[Any] = (),
    person: Person = SOMEBODY,
    today: date = TODAY,
) -> Judgement:
    found = Found(tuple(looks), tuple(needs))
    return judge(rules or in_force(), standing or Standing(), found, person, calendar=CALENDAR, today=today)


def said(judgement: Judgement) -> list[tuple[str, ...]]:
    """What was raised, in short: the kind, then what tells it from another of the kind, then its due day."""
    return [in_short(raised) for raised in judgement.raised]


def in_short(raised: Raised) -> tuple[str, ...]:
    parts = (
        getattr(raised, name)
        for name in ("category", "urgency", "dimension", "text", "words", "valid_from", "due_on")
        if hasattr(raised, name)
    )
    return (str(raised.kind), *map(str, parts))


def rules_behind(raised: Raised) -> list[str]:
    return [cause.rule.id for cause in raised.causes]


def random_looks(random: Random, days: int = 40, most: int = 10) -> list[Look]:
    """Looks of a few weeks in no order: several on one day, some entered late, some with signs."""
    made: list[Look] = []
    for number in range(random.randint(1, most)):
        dimension = random.choice(list(Dimension))
        level = random.choice(["ok", "watch", "watch", "risk", "urgent"])
        homes = list(POLICY.dimensions[dimension].signs)
        signs = random.sample(homes, random.randint(0, 2)) if level != "ok" else []
        on = TODAY - timedelta(days=random.randint(0, days))
        late = timedelta(days=random.choice((0, 0, 1, 5)))
        made.append(look(dimension, level, on, *signs, recorded=min(on + late, TODAY), contact=f"contact {number}"))
    return made


def opened(*looks: Any) -> Standing:
    """What stands after looks of other days, all that they raised left aside."""
    findings: list[Finding] = []
    for dimension in dict.fromkeys(each.dimension for each in looks):
        findings += told([each for each in looks if each.dimension is dimension], watch_closes_after=2)
    return Standing(findings=tuple(findings))


def of_kind(judgement: Judgement, kind: type[Raised]) -> list[Any]:
    return [raised for raised in judgement.raised if isinstance(raised, kind)]
