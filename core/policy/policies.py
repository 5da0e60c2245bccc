"""The district's policies: dated versions side by side; a new one takes effect on its day by itself."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, TypedDict

from sqlmodel import Session, col, select

from core import clock
from core.errors import Conflict, DocumentUnreadable, Invalid, Narrowing
from core.organisation import streets
from core.organisation.roles import May
from core.organisation.users import User
from core.policy import chains, coverage, rulebooks
from core.policy.rulebooks import Spec
from core.store.models import PolicyDocument
from rules.checks import check_policy
from rules.coverage import Narrows, check_never_narrower, parse_coverage
from rules.documents import DocumentInvalid
from rules.facts import Problem
from rules.policies import Policy, parse_policy


class PolicyShown(TypedDict):
    """One version of the district's policy."""

    id: str
    version: int
    effective_on: date
    state: Literal["past", "in_force", "scheduled"]
    comment: str
    document: str
    created_at: datetime


def versions(session: Session, *, by: User, today: date) -> list[PolicyShown]:
    """Every version and whether it holds today, the latest first day first."""
    by.require(May.READ_COVERAGE)
    found = session.exec(
        select(PolicyDocument)
        .where(PolicyDocument.district_code == by.district)
        .order_by(col(PolicyDocument.effective_on).desc(), col(PolicyDocument.version).desc())
    ).all()
    current = next((policy for policy in found if policy.effective_on <= today), None)
    return [
        {
            "id": policy.policy_id,
            "version": policy.version,
            "effective_on": policy.effective_on,
            "state": "scheduled" if policy.effective_on > today else "in_force" if policy is current else "past",
            "comment": policy.comment,
            "document": policy.document,
            "created_at": policy.created_at,
        }
        for policy in found
    ]


def read(document: str) -> Policy:
    """A policy from its YAML; raises `Invalid` naming every problem with its line, static checks included."""
    try:
        policy = parse_policy(document)
    except DocumentInvalid as error:
        raise DocumentUnreadable("政策无法读取，各处错误已标明位置。", problems=error.problems) from None
    findings = check_policy(policy)
    if findings:
        raise DocumentUnreadable(
            "政策可以读取，但有的规则不能起作用。",
            problems=[
                Problem(f"rules.{finding.rule}" if finding.rule else "policy", finding.code, finding.msg)
                for finding in findings
            ],
        )
    return policy


def put(session: Session, document: str, comment: str, *, by: User, now: datetime) -> Policy:
    """Store a version that takes effect on its `effective_on`; streets that would then give less are named."""
    by.require(May.SET_POLICY)
    policy = read(document)
    if policy.effective_on < clock.today(now):
        raise Invalid(
            "政策从今天或以后生效，过去的决定不变。",
            problems=[Problem("effective_on", "in_past", "不能早于今天。")],
        )
    if session.get(PolicyDocument, (by.place, policy.id, policy.version)) is not None:
        raise Conflict("这一版政策已经保存，保存后不能修改，请用下一个版本号。")
    codes = streets.load(session).of(by.district).codes
    _check_streets(session, policy, codes)
    session.add(
        PolicyDocument(
            district_code=by.place,
            policy_id=policy.id,
            version=policy.version,
            effective_on=policy.effective_on,
            document=document,
            comment=comment,
            by_user_id=by.user_id,
            created_at=now,
        )
    )
    session.flush()
    rulebooks.forget(session)
    # One after the other: rows are only ever locked in one street.
    for street in codes:
        coverage.wake_all(session, street, policy.effective_on)
    return policy


def _check_streets(session: Session, policy: Policy, codes: Sequence[str]) -> None:
    """A street's coverage and chain must still be no less than the new policy's, on every day of a change (A25)."""
    problems: list[Problem] = []
    for street, versions in coverage.versions_of(session, codes).items():
        days = {*policy.boundaries(), *(version.effective_on for version in versions)}
        for day in sorted(day for day in days if day >= policy.effective_on):
            found = coverage.in_force(versions, day)
            if found is None:
                continue
            try:
                check_never_narrower(parse_coverage(found.document), policy, day)
            except (Narrows, DocumentInvalid) as error:
                problems.extend(problem._replace(loc=f"streets.{street}.{problem.loc}") for problem in error.problems)
                break
        problems.extend(
            problem._replace(loc=f"streets.{street}.{problem.loc}") for problem in _later_steps(session, street, policy)
        )
    if problems:
        raise Narrowing("按这份政策，有的街镇规则会低于全区的要求。", problems=problems)


def _later_steps(session: Session, street: str, policy: Policy) -> list[Problem]:
    """The steps of a street's own chain that would come later than those of the policy, on the first such day."""
    own = chains.own_of(session, street)
    for day in policy.boundaries() if own else ():
        wanted = chains.steps_of(policy.parameter("escalation_chain", day))
        if own and (problems := chains.later_than(own.steps, wanted)):
            return problems
    return []


def draft(
    session: Session, document: str, on: date | None, *, by: User, today: date
) -> tuple[dict[str, tuple[Spec, Spec]], date]:
    """Every street's rules without and with a draft, and the day to compare on: the draft's first, or a later one."""
    by.require(May.SET_POLICY)
    policy = read(document)
    day = max(on or policy.effective_on, policy.effective_on, today)
    drafted = (*rulebooks.policies(session, by.place), document)
    present = rulebooks.specs(session, streets.load(session).of(by.district).codes)
    return {street: (before, before._replace(policies=drafted)) for street, before in present.items()}, day
