"""What follows from the visits that stand, worked out anew whenever one of them was recorded or became another.

Credits, tasks, follow-ups, welfare checks and questions all come from here, so that a visit corrected, merged or voided
leaves what it would have left had it been so, or never, from the start (A21, A27).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core import clock
from core.duties.rows import Duty
from core.policy.street_pass import StreetPass
from core.residents.standing import Standing
from core.tasks import follow_ups, reassessment, welfare
from core.tasks.follow_ups import Finding
from core.visits import receipts
from core.visits.forms import Form
from core.visits.receipts import Receipt
from core.visits.shares import Share
from rules.duties import DutyKind


@dataclass(frozen=True, slots=True)
class Change:
    """A visit that was recorded, or became another: what it says now, of whom, and what was merged into it.

    `since` is the first service day in question. No share stands of a visit that was voided.
    """

    form: Form
    shares: Sequence[Share]
    since: date
    merged: Sequence[UUID] = ()
    is_new: bool = False

    @property
    def finding(self) -> Finding:
        """With whom it found a risk."""
        return Finding(
            visit_id=self.form.visit_id,
            service_date=self.form.service_date,
            entered_on=clock.today(min(share.entered_at for share in self.shares)),
            at_risk=frozenset(
                share.resident_id for share in self.shares if share.met and not share.voided and self.form.found_risk
            ),
            merged=self.merged,
        )


def follow(pass_: StreetPass, residents: Sequence[Standing], change: Change) -> tuple[Receipt, list[UUID]]:
    """Carry a change through for its residents, who are locked; returns what the visit counts for now and the tasks
    that were raised.
    """
    # A new visit joins those that stand; one that became another is gone through as if it had been so all along.
    outcomes = reassessment.after_visits(
        pass_,
        residents,
        change.since,
        rejudged=not change.is_new,
        changed=(change.form.visit_id, *change.merged),
    )
    duties: dict[UUID, list[Duty]] = {
        resident_id: [duty for duty in outcome.duties if duty.kind is not DutyKind.FOLLOW_UP]
        for resident_id, outcome in outcomes.items()
    }
    if not change.is_new:
        welfare.withdraw(pass_, residents)
    raised = [task_id for outcome in outcomes.values() for task_id in outcome.asked]
    raised += welfare.check(pass_, residents)
    followed = follow_ups.follow(pass_, residents, change.finding)
    raised += followed.raised
    for duty in followed.duties:
        duties[duty.resident_id].append(duty)
    return receipts.write(pass_, change.form, change.shares, duties, with_others=not change.is_new), raised
