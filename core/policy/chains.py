"""The escalation chain of a street: its own, or the district's (A36); never later than the district's."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from core import clock
from core.errors import Invalid, Narrowing
from core.organisation.roles import May
from core.organisation.users import User
from core.policy import rulebooks
from core.store import bulk
from core.store.models import EscalationChain
from rules.facts import Problem
from rules.rulebook import Rulebook

Step = Mapping[str, Any]


def of_street(session: Session, street: str, rulebook: Rulebook, *, today: date) -> list[dict[str, Any]]:
    """The steps of a street, its own or the district's, as a task takes them along."""
    own = own_chain(session, street)
    return [dict(step) for step in (own.steps if own else district(rulebook, today))]


def shown(session: Session, street: str, *, by: User, now: datetime) -> dict[str, Any]:
    """The chain that a street's new tasks take along; `version` counts the street's own."""
    by.require_within(street, May.READ_ESCALATIONS)
    own = own_chain(session, street)
    steps = own.steps if own else district(rulebooks.of_street(session, street), clock.today(now))
    return {"steps": list(steps), "inherited": own is None, "version": own.version if own else None}


def own_chain(session: Session, street: str) -> EscalationChain | None:
    """The chain a street set for itself, if it did."""
    return session.exec(
        select(EscalationChain)
        .where(EscalationChain.street_code == street)
        .order_by(col(EscalationChain.version).desc())
        .limit(1)
    ).first()


def district(rulebook: Rulebook, today: date) -> Sequence[Step]:
    """The district's chain, policy data like every number."""
    steps: Sequence[Step] = rulebook.parameter("escalation_chain", today).value
    return steps


def put(session: Session, street: str, steps: Sequence[Step], *, by: User, now: datetime) -> int:
    """Store a street's chain for the tasks made from now on; returns its version."""
    by.require_within(street, May.SET_CHAIN)
    _refuse_later(steps, district(rulebooks.of_street(session, street), clock.today(now)))
    # One writer a street at a time, so that versions have no gaps and no race.
    session.execute(text("SELECT 1 FROM street WHERE code = :street FOR UPDATE"), {"street": street})
    own = own_chain(session, street)
    version = own.version + 1 if own else 1
    row = {"street_code": street, "version": version, "steps": [dict(step) for step in steps]}
    bulk.insert(session, "escalation_chain", [{**row, "created_at": now, "by_user_id": by.user_id}])
    return version


def _refuse_later(steps: Sequence[Step], district_steps: Sequence[Step]) -> None:
    """Every step of the district has one of the street, to the same people and no later (A36)."""
    days = [step["after_working_days"] for step in steps]
    if days != sorted(days):
        raise Invalid(
            "各步须按先后次序排列。",
            problems=[Problem("steps", "order", "`after_working_days` 不能越来越小。")],
        )
    left = list(steps)
    problems = []
    for index, wanted in enumerate(district_steps):
        found = next((step for step in left if _stands_for(step, wanted)), None)
        if found is None:
            problems.append(
                Problem(
                    f"steps.{wanted['to']}",
                    "narrows",
                    f"全区第 {index + 1} 步在 {wanted['after_working_days']} 个工作日时提醒 `{wanted['to']}`，"
                    "街镇的规定没有这样早的一步。",
                )
            )
        else:
            left.remove(found)
    if problems:
        raise Narrowing("有人会比全区规定更晚得到提醒。", problems=problems)


def _stands_for(step: Step, wanted: Step) -> bool:
    if step["to"] != wanted["to"] or step["after_working_days"] > wanted["after_working_days"]:
        return False
    return bool(step["action"] == wanted["action"] or wanted["action"] == "remind")
