"""What the tests of the duties have in common: the district's terms, tier paths, visits."""

from datetime import UTC, date, datetime
from typing import Any

from rules.duties import Contact, TierPath
from rules.facts import Tier
from rules.policies import Terms, load_policies

HIGH, KEY, GENERAL, NONE = Tier.HIGH, Tier.KEY, Tier.GENERAL, Tier.NONE
DISTRICT: Terms = load_policies()[0].terms(date(2026, 1, 1))


def day(text: str) -> date:
    return date.fromisoformat(text)


def path(**changes: Tier) -> TierPath:
    """`path(m0320=HIGH)`: high from 2026-03-20."""
    return TierPath((day(f"2026-{at[1:3]}-{at[3:]}"), tier) for at, tier in changes.items())


def contact(on: str = "2026-03-25", **more: Any) -> Contact:
    entered_on = more.pop("entered_on", on)
    usual: dict[str, Any] = {"mode": "home_visit", "met": True, "initiated_by": "advisor", "role": "committee_advisor"}
    return Contact(
        visit_id=on,
        service_date=day(on),
        dimensions_done=more.pop("dimensions_done", False),
        entered_on=day(entered_on),
        entered_at=datetime.combine(day(entered_on), datetime.min.time(), UTC),
        **{**usual, **more},
    )


class Dated:
    """Terms that others follow: `Dated(DISTRICT, m0520=OFTEN)`: oftener from 2026-05-20 on."""

    def __init__(self, first: Terms, **later: Terms) -> None:
        self._first = first
        self._later = {day(f"2026-{at[1:3]}-{at[3:]}"): terms for at, terms in later.items()}

    def terms(self, on: date) -> Terms:
        begun = [start for start in self._later if start <= on]
        return self._later[max(begun)] if begun else self._first

    def terms_change_on(self, on: date) -> date | None:
        return min((start for start in self._later if start > on), default=None)
