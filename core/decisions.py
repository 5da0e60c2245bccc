"""Which tier a person is in, from which day: the rules asked, the answer kept.

Only worker processes call `decide`: the engine is a C extension whose crash must not take the API along.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import bulk
from core.ids import uuid7
from core.models import Resident
from rules.calendar import ONE_DAY
from rules.duties import TierPath
from rules.facts import Tier
from rules.history import Entry, fold
from rules.rulebook import Rulebook


@dataclass(slots=True)
class Path:
    """The decisions that stand for a person, oldest first."""

    rows: list[Mapping[str, object]] = field(default_factory=list)

    @property
    def tiers(self) -> TierPath:
        """What the duties need of it."""
        return TierPath((row["from_on"], Tier(str(row["tier"]))) for row in self.rows)  # type: ignore[misc]

    def before(self, day: date) -> Mapping[str, object] | None:
        """The decision in force the day before."""
        earlier = [row for row in self.rows if row["from_on"] < day]  # type: ignore[operator]
        return earlier[-1] if earlier else None


def paths(session: Session, street: str, resident_ids: Iterable[UUID]) -> dict[UUID, Path]:
    """The standing decisions of some residents."""
    rows = session.execute(
        text(
            "SELECT decision_id, resident_id, from_on, tier, rules, next_change_on, policy_id, policy_version,"
            " coverage_version FROM decision WHERE street_code = :street AND resident_id = ANY(:residents)"
            " AND superseded_at IS NULL ORDER BY from_on"
        ),
        {"street": street, "residents": list(resident_ids)},
    )
    found: dict[UUID, Path] = defaultdict(Path)
    for row in rows:
        found[row.resident_id].rows.append(dict(row._mapping))
    return found


def decide(
    session: Session,
    street: str,
    residents: Iterable[Resident],
    logs: Mapping[UUID, list[Entry]],
    known: Mapping[UUID, Path],
    since: Mapping[UUID, date],
    rulebook: Rulebook,
    *,
    now: datetime,
    today: date,
) -> None:
    """Decide every day from `since` to today on which something can change, with what was known on that day (A26).

    Paths in `known` are brought up to date; days that come out otherwise than decided before are superseded, not lost.
    """
    superseded: list[UUID] = []
    made: list[dict[str, object]] = []
    for resident in residents:
        path = known[resident.resident_id]
        start = since[resident.resident_id]
        fresh = _walk(resident, logs.get(resident.resident_id, []), path.before(start), rulebook, start, today)
        stale = [row for row in path.rows if row["from_on"] >= start]  # type: ignore[operator]
        if _same(stale, fresh):
            continue
        superseded.extend(row["decision_id"] for row in stale)  # type: ignore[misc]
        rows = [
            {
                "street_code": street,
                "decision_id": uuid7(),
                "resident_id": resident.resident_id,
                "recorded_at": now,
                **row,
            }
            for row in fresh
        ]
        made.extend(rows)
        path.rows = [row for row in path.rows if row["from_on"] < start] + rows  # type: ignore[operator]
    if superseded:
        session.execute(
            text("UPDATE decision SET superseded_at = :now WHERE street_code = :street AND decision_id = ANY(:ids)"),
            {"now": now, "street": street, "ids": superseded},
        )
    bulk.insert(session, "decision", made)


_COMPARED = ("from_on", "tier", "rules", "next_change_on", "policy_id", "policy_version", "coverage_version")


def _same(stale: list[Mapping[str, object]], fresh: list[dict[str, object]]) -> bool:
    return [[row[column] for column in _COMPARED] for row in stale] == [
        [row[column] for column in _COMPARED] for row in fresh
    ]


def _walk(
    resident: Resident,
    log: list[Entry],
    previous: Mapping[str, object] | None,
    rulebook: Rulebook,
    start: date,
    today: date,
) -> list[dict[str, object]]:
    """The decisions from `start` on: one for each day that differs from the day before."""
    fresh: list[dict[str, object]] = []
    learnt = sorted({entry.recorded_on for entry in log if start < entry.recorded_on <= today})
    day = start
    while True:
        # Nearly always everything is known by now; only a catch-up has to look at less than the whole log.
        later = [one for one in learnt if one > day]
        known = fold(log, known_on=day if later else None, hindsight=True)
        person = known.person(resident.birth_date, resident.sex)  # type: ignore[arg-type]
        verdict = rulebook.verdict(person, day)
        next_change_on = rulebook.next_change_on(person, day)
        row: dict[str, object] = {
            "from_on": day,
            "tier": verdict.tier.value,
            "tier_before": str(previous["tier"]) if previous else Tier.NONE.value,
            "rules": list(verdict.rules),
            "policy_id": verdict.policy_id,
            "policy_version": verdict.policy_version,
            "coverage_version": verdict.coverage_version,
            "next_change_on": next_change_on,
        }
        if previous is None or any(previous[column] != row[column] for column in _COMPARED if column != "from_on"):
            fresh.append(row)
            previous = row
        upcoming = [one for one in (next_change_on, *later[:1]) if one is not None and one <= today]
        if not upcoming:
            return fresh
        day = max(min(upcoming), day + ONE_DAY)
