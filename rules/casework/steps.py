"""Which step each thing of casework may take from which state; whatever stands in no table is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

from rules.casework.codes import (
    CallState,
    ExperienceState,
    FindingState,
    ItemState,
    LeadState,
    NeedState,
    PartnerState,
    PlanState,
    ReferralState,
)

State = TypeVar("State", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)


class StepRefused(ValueError):
    """A thing cannot take this step from the state it is in."""

    def __init__(self, noun: str, state: str, step: str, possible: tuple[str, ...]) -> None:
        super().__init__(noun, state, step, possible)
        self.noun = noun
        self.state = state
        self.step = step
        self.possible = possible

    def __str__(self) -> str:
        now = f"possible now: {', '.join(self.possible)}" if self.possible else "nothing is possible any more"
        return f"This {self.noun} is {self.state}; the step {self.step} is not possible from there ({now})."


@dataclass(frozen=True, slots=True)
class Steps(Generic[State, Step]):
    """The allowed steps of one kind of thing: from a state by a step to a state."""

    noun: str
    table: Mapping[tuple[State, Step], State]
    # The states in which nothing is left to do; a step may still lead out of one (a referral that is reopened).
    ended: frozenset[State]

    def take(self, state: State, step: Step) -> State:
        """The state after a step; raises StepRefused, which names the present one."""
        after = self.table.get((state, step))
        if after is None:
            raise StepRefused(self.noun, state, step, self.possible(state))
        return after

    def possible(self, state: State) -> tuple[Step, ...]:
        """The steps that a state allows, in the order of the table."""
        return tuple(step for before, step in self.table if before is state)


class FindingStep(StrEnum):
    """B3: a follow-up clears, or it was never true. Levels are no states."""

    CLEAR = "clear"
    MISTAKEN = "mistaken"


class NeedStep(StrEnum):
    """What the office does with a need, how it resolves it, and what a follow-up says of it (B10, B13)."""

    SOLVE_ON_THE_SPOT = "on_the_spot"
    PLAN = "plan"
    REFER = "refer"
    # Its referral was rejected, failed or withdrawn, or its plan was closed without it: the need is still there.
    RELEASE = "release"
    MET = "met"
    PARTLY_MET = "partly_met"
    UNMET = "unmet"
    CLEARED = "cleared"
    EASED = "eased"
    SAME = "same"
    WORSE = "worse"
    WITHDRAW = "withdrawn"


class PlanStep(StrEnum):
    EDIT = "edit"
    AGREE = "agree"
    CLOSE = "close"
    # The resident died, moved or left (B19): also a draft ends.
    END = "end"


class ReferralStep(StrEnum):
    """B12: returned (a question), rejected (not ours), failed (could not) and withdrawn are four things."""

    EDIT = "edit"
    SEND = "send"
    ACCEPT = "accept"
    START = "start"
    RETURN = "return"
    REJECT = "reject"
    DONE = "done"
    FAIL = "fail"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


class CallStep(StrEnum):
    ANSWER = "answer"
    PASS = "pass"
    CLOSE = "close"


class ExperienceStep(StrEnum):
    EDIT = "edit"
    SUBMIT = "submit"
    PUBLISH = "publish"
    RETURN = "return"


class PartnerStep(StrEnum):
    END = "end"


def _each(states: Iterable[State], step: Step, after: State | None = None) -> dict[tuple[State, Step], State]:
    """The same step from several states, to one state or staying where it is."""
    return {(state, step): state if after is None else after for state in states}


_UNANSWERED: Final = (NeedState.OPEN, NeedState.ON_THE_SPOT, NeedState.PLANNED)
_UNDER_WAY: Final = (*_UNANSWERED, NeedState.REFERRED)
_RUNNING: Final = (
    ReferralState.DRAFT,
    ReferralState.SENT,
    ReferralState.RETURNED,
    ReferralState.ACCEPTED,
    ReferralState.IN_PROGRESS,
    ReferralState.REOPENED,
)

FINDING: Final = Steps(
    "finding",
    {
        (FindingState.OPEN, FindingStep.CLEAR): FindingState.CLEARED,
        (FindingState.OPEN, FindingStep.MISTAKEN): FindingState.MISTAKEN,
    },
    frozenset((FindingState.CLEARED, FindingState.MISTAKEN)),
)

NEED: Final = Steps(
    "need",
    {
        (NeedState.OPEN, NeedStep.SOLVE_ON_THE_SPOT): NeedState.ON_THE_SPOT,
        (NeedState.OPEN, NeedStep.PLAN): NeedState.PLANNED,
        **_each((NeedState.OPEN, NeedState.PLANNED), NeedStep.REFER, NeedState.REFERRED),
        **_each((NeedState.PLANNED, NeedState.REFERRED), NeedStep.RELEASE, NeedState.OPEN),
        # While a referral runs, nobody here can say that the need is met (B13).
        **_each(_UNANSWERED, NeedStep.MET, NeedState.MET),
        **_each(_UNANSWERED, NeedStep.PARTLY_MET, NeedState.PARTLY_MET),
        **_each(_UNANSWERED, NeedStep.UNMET, NeedState.UNMET),
        **_each((*_UNDER_WAY, NeedState.PARTLY_MET), NeedStep.CLEARED, NeedState.MET),
        **_each((*_UNDER_WAY, NeedState.PARTLY_MET), NeedStep.EASED, NeedState.PARTLY_MET),
        **_each((*_UNDER_WAY, NeedState.PARTLY_MET), NeedStep.SAME),
        **_each((*_UNDER_WAY, NeedState.PARTLY_MET), NeedStep.WORSE),
        **_each(_UNDER_WAY, NeedStep.WITHDRAW, NeedState.WITHDRAWN),
    },
    frozenset((NeedState.MET, NeedState.PARTLY_MET, NeedState.UNMET, NeedState.WITHDRAWN)),
)

PLAN: Final = Steps(
    "plan",
    {
        **_each((PlanState.DRAFT, PlanState.AGREED), PlanStep.EDIT),
        (PlanState.DRAFT, PlanStep.AGREE): PlanState.AGREED,
        (PlanState.AGREED, PlanStep.CLOSE): PlanState.CLOSED,
        **_each((PlanState.DRAFT, PlanState.AGREED), PlanStep.END, PlanState.CLOSED),
    },
    frozenset((PlanState.CLOSED,)),
)

# An item takes the state that it is told; what was done or failed may be taken up again.
ITEM: Final = Steps(
    "item",
    {
        **_each((ItemState.TODO, ItemState.DONE, ItemState.FAILED), ItemState.DOING, ItemState.DOING),
        **_each((ItemState.TODO, ItemState.DOING), ItemState.DONE, ItemState.DONE),
        **_each((ItemState.TODO, ItemState.DOING), ItemState.FAILED, ItemState.FAILED),
    },
    frozenset((ItemState.DONE, ItemState.FAILED)),
)

REFERRAL: Final = Steps(
    "referral",
    {
        **_each((ReferralState.DRAFT, ReferralState.RETURNED), ReferralStep.EDIT),
        **_each((ReferralState.DRAFT, ReferralState.RETURNED), ReferralStep.SEND, ReferralState.SENT),
        (ReferralState.SENT, ReferralStep.ACCEPT): ReferralState.ACCEPTED,
        (ReferralState.SENT, ReferralStep.RETURN): ReferralState.RETURNED,
        (ReferralState.SENT, ReferralStep.REJECT): ReferralState.REJECTED,
        **_each((ReferralState.ACCEPTED, ReferralState.REOPENED), ReferralStep.START, ReferralState.IN_PROGRESS),
        (ReferralState.IN_PROGRESS, ReferralStep.DONE): ReferralState.DONE,
        (ReferralState.IN_PROGRESS, ReferralStep.FAIL): ReferralState.FAILED,
        (ReferralState.DONE, ReferralStep.REOPEN): ReferralState.REOPENED,
        **_each(_RUNNING, ReferralStep.WITHDRAW, ReferralState.WITHDRAWN),
    },
    frozenset((ReferralState.DONE, ReferralState.FAILED, ReferralState.REJECTED, ReferralState.WITHDRAWN)),
)

# A lead is closed with an outcome, which is its state from then on.
LEAD: Final = Steps(
    "lead",
    {(LeadState.OPEN, outcome): outcome for outcome in LeadState if outcome is not LeadState.OPEN},
    frozenset(LeadState) - {LeadState.OPEN},
)

CALL: Final = Steps(
    "call",
    {
        (CallState.OPEN, CallStep.ANSWER): CallState.ANSWERED,
        (CallState.OPEN, CallStep.PASS): CallState.PASSED_ON,
        **_each((CallState.ANSWERED, CallState.PASSED_ON), CallStep.CLOSE, CallState.CLOSED),
    },
    frozenset((CallState.CLOSED,)),
)

EXPERIENCE: Final = Steps(
    "experience",
    {
        **_each((ExperienceState.DRAFT, ExperienceState.STREET, ExperienceState.RETURNED), ExperienceStep.EDIT),
        # What comes back from the district goes the whole way once more.
        **_each((ExperienceState.DRAFT, ExperienceState.RETURNED), ExperienceStep.SUBMIT, ExperienceState.STREET),
        (ExperienceState.STREET, ExperienceStep.SUBMIT): ExperienceState.DISTRICT,
        (ExperienceState.DISTRICT, ExperienceStep.PUBLISH): ExperienceState.PUBLISHED,
        (ExperienceState.DISTRICT, ExperienceStep.RETURN): ExperienceState.RETURNED,
    },
    frozenset((ExperienceState.PUBLISHED,)),
)

PARTNER: Final = Steps(
    "partner", {(PartnerState.ACTIVE, PartnerStep.END): PartnerState.ENDED}, frozenset((PartnerState.ENDED,))
)
