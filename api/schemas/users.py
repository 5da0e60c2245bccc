"""People who work here: sign-in, accounts, recusals, absences, handovers."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.common import Body, CommitteeCode, Day, Flag, Id, Line, Name, Shown, StreetCode, Who, Whole
from core.organisation.roles import Role

Password = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=256)]
Capacity = Annotated[Whole, Field(ge=0, le=10_000)]


class SignIn(Body):
    """A user name and its password."""

    username: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
    password: Password


class Me(Shown):
    """Who is signed in, and what they may see."""

    user_id: UUID
    username: str
    name: str
    role: Role
    street: str | None
    committees: list[str]
    capacity: int
    password_to_choose: bool


class SignedIn(Shown):
    """A session; the token is stored nowhere and shown once."""

    token: str
    user: Me


class PasswordChange(Body):
    """The present password, or the code that opened the session, and the new one."""

    current: Password
    new: Password


class SessionShown(Shown):
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


class NewUser(Body):
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


class UserChange(Body):
    """What is to change; absent fields stay. Only `valid_until` can be taken back with null."""

    name: Name | None = None
    committees: Annotated[list[CommitteeCode], Field(max_length=100)] | None = None
    capacity: Capacity | None = None
    active: Flag | None = None
    valid_until: Day | None = None


class UserShown(Shown):
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


class UserMade(UserShown):
    """An account just made; with a code if no password was chosen for it."""

    code: str | None
    code_expires_at: datetime | None


class TaskMoved(Shown):
    """A task that went to another day (`planned`) or to somebody else (`moved`); nobody is the committee's pool."""

    task_id: UUID
    resident_id: UUID
    to: Who | None
    because: list[str]
    planned_on: date | None
    result: Literal["planned", "moved"]


class NewRecusal(Body):
    """A resident whom the user must not visit."""

    resident_id: Id
    reason: Line


class RecusalShown(Shown):
    """Noted."""

    user_id: UUID
    resident_id: UUID
    reason: str
    moved: list[TaskMoved]


class NewAbsence(Body):
    """Days, both inclusive, on which the user cannot visit."""

    from_: Annotated[Day, Field(alias="from")]
    to: Day
    reason: Line


class AbsenceShown(Shown):
    """Noted."""

    absence_id: UUID
    user_id: UUID
    from_: Annotated[date, Field(serialization_alias="from")]
    to: date
    reason: str
    moved: list[TaskMoved]


class Handover(Body):
    """Who takes over; without a name each task goes to whom it would go without the one who leaves."""

    to: Id | None = None
    dry_run: Flag = True


class HandoverRow(Shown):
    """What becomes of one task; `reason` says why it stays."""

    task_id: UUID
    resident_id: UUID
    to: Who | None
    because: list[str]
    planned_on: date | None
    result: Literal["moves", "moved", "stays"]
    reason: Literal["recused", "outside_street", "outside_committee", "role", "absent", "closed", "moved_on"] | None


class HandoverShown(Shown):
    """A handover, looked at or done; `unplaced` counts the tasks that found nobody."""

    batch_id: UUID | None
    dry_run: bool
    rows: list[HandoverRow]
    unplaced: int
