"""Everything that is known about residents and was decided from it, read with a statement a table."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.policy.street_pass import StreetPass
from core.residents import fact_log
from core.residents.standing import Standing
from rules.duties import TierPath
from rules.facts import Tier
from rules.history import Entry, History, fold
from rules.rulebook import Verdict

# The decisions that stand, of some residents.
_STANDING = text(
    "SELECT resident_id, decision_id, from_on, news_at, tier, rules, next_change_on, policy_id, policy_version,"
    " coverage_version FROM decision WHERE street_code = :street AND resident_id = ANY(:residents)"
    " AND superseded_at IS NULL ORDER BY from_on"
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided from a day on, and the next day on which time alone changes it.

    `news_at`: when the news was accepted that brought the person into the high tier that day.
    """

    decision_id: UUID
    from_on: date
    news_at: datetime | None
    verdict: Verdict
    next_change_on: date | None

    @property
    def meaning(self) -> tuple[Verdict, date | None]:
        """What makes a decision another one."""
        return (self.verdict, self.next_change_on)


@dataclass(slots=True)
class Path:
    """The decisions that stand for a person, oldest first."""

    decided: list[Decided] = field(default_factory=list)

    @property
    def tiers(self) -> TierPath:
        """What the duties need of it."""
        return TierPath(
            ((decision.from_on, decision.verdict.tier) for decision in self.decided),
            {decision.from_on: decision.news_at for decision in self.decided if decision.news_at},
        )

    @property
    def latest(self) -> Decided | None:
        """The decision in force now."""
        return self.decided[-1] if self.decided else None

    def split(self, day: date) -> tuple[list[Decided], list[Decided]]:
        """The decisions before a day, and those from it on."""
        before = [decision for decision in self.decided if decision.from_on < day]
        return before, self.decided[len(before) :]


@dataclass(frozen=True, slots=True)
class Dossier:
    """A resident, the log of what was said about them, what it comes to now, and the decisions made from it."""

    resident: Standing
    log: Sequence[Entry]
    history: History
    path: Path


def read(pass_: StreetPass, residents: Sequence[Standing]) -> list[Dossier]:
    """The dossiers of some residents of the street."""
    ids = [resident.resident_id for resident in residents]
    logs = fact_log.entries(pass_.session, pass_.street, ids)
    paths = _paths(pass_.session, pass_.street, ids)
    found = []
    for resident in residents:
        log = logs.get(resident.resident_id, [])
        found.append(Dossier(resident, log, fold(log), paths[resident.resident_id]))
    return found


def _paths(session: Session, street: str, resident_ids: Iterable[UUID]) -> dict[UUID, Path]:
    found: dict[UUID, Path] = defaultdict(Path)
    for row in session.execute(_STANDING, {"street": street, "residents": list(resident_ids)}):
        verdict = Verdict(Tier(row.tier), tuple(row.rules), row.policy_id, row.policy_version, row.coverage_version)
        found[row.resident_id].decided.append(
            Decided(row.decision_id, row.from_on, row.news_at, verdict, row.next_change_on)
        )
    return found
