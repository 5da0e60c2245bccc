"""People who work here: sign-in, accounts, recusals, absences, handovers."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.common import Body, CommitteeCode, Day, Flag, Id, Line, Name, Person, Shown, StreetCode, Whole, example
from core.organisation.roles import Role

Password = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=256)]
Capacity = Annotated[Whole, Field(ge=0, le=10_000)]


class Credentials(Body, json_schema_extra=example(username="wang.fang", password="tanfang-demo")):
    """A user name and its password."""

    username: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
    password: Password


class SignedInUser(Shown):
    """Who is signed in, and what they may see."""

    user_id: UUID
    username: str
    name: str
    role: Role
    district: str | None
    street: str | None
    committees: list[str]
    capacity: int
    password_to_choose: bool


class StartedSession(Shown):
    """A session; the token is stored nowhere and shown once."""

    token: str
    user: SignedInUser


class PasswordChange(Body, json_schema_extra=example(current="tanfang-demo", new="correct horse battery")):
    """The present password, or the code that opened the session, and the new one."""

    current: Password
    new: Password


class OpenSession(Shown):
    """One of one's own open sessions; `last_seen` is noted once a minute."""

    session_id: UUID
    since: datetime
    last_seen: datetime
    address: str
    current: bool


class Code(Shown):
    """A code that opens an account once, until `code_expires_at`; it is stored nowhere and shown once."""

    code: str
    code_expires_at: datetime


class NewUserAccount(
    Body,
    json_schema_extra=example(
        username="wang.fang",
        password="tanfang-demo",
        role="committee_advisor",
        name="王芳",
        street="310117001",
        committees=["310117001001"],
        capacity=30,
    ),
):
    """An account to make; the role decides whether it needs a street and committees.

    The password is changed at the first sign-in. Without one the answer is a code.
    """

    username: Name
    password: Password | None = None
    role: Role
    name: Name | None = None
    street: StreetCode | None = None
    committees: Annotated[list[CommitteeCode], Field(max_length=100, default_factory=list)]
    capacity: Capacity | None = None
    valid_until: Day | None = None


class UserAccountChange(Body, json_schema_extra=example(capacity=20, valid_until="2026-12-31")):
    """What is to change; absent fields stay. Only `valid_until` can be taken back with null."""

    name: Name | None = None
    committees: Annotated[list[CommitteeCode], Field(max_length=100)] | None = None
    capacity: Capacity | None = None
    active: Flag | None = None
    valid_until: Day | None = None


class UserAccount(Shown):
    """An account."""

    user_id: UUID
    username: str
    name: str
    role: Role
    street: str | None
    committees: list[str]
    capacity: int
    active: bool
    valid_until: date | None


class MadeUserAccount(UserAccount):
    """An account just made; with a code if no password was chosen for it."""

    code: str | None
    code_expires_at: datetime | None


class MovedTask(Shown):
    """A task that went to another day (`planned`) or to somebody else (`moved`); nobody is the committee's pool."""

    task_id: UUID
    resident_id: UUID
    to: Person | None
    because: list[str]
    planned_on: date | None
    result: Literal["planned", "moved"]


class NewRecusal(
    Body, json_schema_extra=example(resident_id="0195b0c1-7d3e-7000-8000-000000000001", reason="与居民是亲属")
):
    """A resident whom the user must not visit."""

    resident_id: Id
    reason: Line


class Recusal(Shown):
    """A resident whom a user must not visit, and why."""

    recusal_id: UUID
    user_id: UUID
    resident_id: UUID
    reason: str


class MadeRecusal(Recusal):
    """Noted, with the tasks that moved."""

    moved: list[MovedTask]


class NewAbsence(Body, json_schema_extra=example(from_="2026-04-01", to="2026-04-10", reason="年休假")):
    """Days, both inclusive, on which the user cannot visit."""

    from_: Annotated[Day, Field(alias="from")]
    to: Day
    reason: Line


class AbsenceChange(Body, json_schema_extra=example(to="2026-04-08")):
    """What is to change; absent fields stay."""

    from_: Annotated[Day | None, Field(alias="from")] = None
    to: Day | None = None
    reason: Line | None = None


class Absence(Shown):
    """Days, both inclusive, on which a user cannot visit."""

    absence_id: UUID
    user_id: UUID
    from_: Annotated[date, Field(serialization_alias="from")]
    to: date
    reason: str


class MadeAbsence(Absence):
    """Noted, with the tasks that moved."""

    moved: list[MovedTask]


class HandoverRequest(Body, json_schema_extra=example(to="0195b0c1-7d3e-7000-8000-000000000001", dry_run=True)):
    """Who takes over; without a name each task goes to whom it would go without the one who leaves."""

    to: Id | None = None
    dry_run: Flag = True


class HandoverRow(Shown):
    """What becomes of one task; `reason` says why it stays."""

    task_id: UUID
    resident_id: UUID
    to: Person | None
    because: list[str]
    planned_on: date | None
    result: Literal["moves", "moved", "stays"]
    reason: Literal["recused", "outside_street", "outside_committee", "role", "absent", "closed", "moved_on"] | None


class Handover(Shown):
    """A handover, looked at or done; `unplaced` counts the tasks that found nobody."""

    batch_id: UUID | None
    dry_run: bool
    rows: list[HandoverRow]
    unplaced: int
