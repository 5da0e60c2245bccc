"""The annex's record form in Word: a visit as it stands, a page a resident (domain §6).

Layout and wording are those of the template. It has no ID number, phone, address or signature.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from sqlmodel import Session

from core import clock
from core.documents import people, word
from core.documents.people import OnPaper
from core.documents.word import Picture
from core.organisation.users import User
from core.store.json import Json
from core.visits import queries as visit_queries
from core.visits.forms import Form
from core.visits.records import Record
from rules.facts import COVERED_TAGS, OUTREACH_TAGS
from rules.parameters import Initiator, Mode

SERVICES: Final = (
    "policy_explain",
    "apply_on_behalf",
    "need_screen",
    "lead_handle",
    "hardship_verify",
    "need_assess",
    "match_resource",
    "referral",
    "care",
    "counsel",
)
TAGS: Final = OUTREACH_TAGS + COVERED_TAGS
NOT_MET: Final = "（本次没有见到本人。）"
WITHHELD: Final = "（区级不显示记录内容和图片。）"
_TEMPLATE: Final = "record_form"
_TICKED, _BLANK = "☑", "□"


def _boxes(codes: Iterable[str], ticked: Collection[str] = ()) -> dict[str, str]:
    return {code: _TICKED if code in ticked else _BLANK for code in codes}


@dataclass(slots=True)
class Page:
    """What stands in the fields of one page; whoever leaves one out leaves it blank, to be written by hand."""

    name: str
    committee: str
    tags: dict[str, str]
    modes: dict[str, str] = field(default_factory=lambda: _boxes(Mode))
    mode_text: str = ""
    participants: str = ""
    service_date: str = ""
    hours: str = ""
    services: dict[str, str] = field(default_factory=lambda: _boxes(SERVICES))
    initiators: dict[str, str] = field(default_factory=lambda: _boxes(Initiator))
    companions: str = ""
    narrative: str = ""
    photos: Sequence[Picture] = ()
    # Above the title: which paper this is, for people and for machines.
    number: str = ""
    code: Picture | str = ""
    # Below it, where the form must not be taken for what it was.
    notice: str = ""


def of_visit(session: Session, visit_id: UUID, *, by: User) -> bytes:
    """The form of a visit as it stands now, for whoever may read it: a page for each of its residents."""
    record, said = visit_queries.form(session, visit_id, by=by)
    form = Form.of(said)
    residents = people.on_paper(session, record.street_code, form.resident_ids, form.service_date, by=by)
    return _file(_page(record, form, said, resident_id, residents[resident_id]) for resident_id in form.resident_ids)


def _page(record: Record, form: Form, said: Json, resident_id: UUID, resident: OnPaper) -> Page:
    narrative = WITHHELD if said["narrative"] is None else said["narrative"]
    return Page(
        name=resident.name,
        committee=resident.committee,
        # Whoever corrected the tags on the form knew better than the register.
        tags=_boxes(TAGS, said.get("tags") or resident.tags),
        modes=_boxes(Mode, (form.mode,)),
        mode_text=f"（{said['mode_text']}）" if said.get("mode_text") else "",
        participants="、".join(said["participants"]),
        service_date=_day(form.service_date),
        hours=f"{said['duration_hours']:g}",
        services=_boxes(SERVICES, said["services"]),
        initiators=_boxes(Initiator, (form.initiated_by,)),
        companions=said.get("companions") or "",
        narrative=narrative if form.was_met(resident_id) else f"{NOT_MET}\n{narrative}",
        number=f"第 {record.version} 版" if record.version > 1 else "",
        notice=f"本记录已于 {_day(clock.today(record.voided_at))} 作废" if record.voided_at else "",
    )


def _day(day: date) -> str:
    return f"{day.year}/{day.month}/{day.day}"


def _file(pages: Iterable[Page]) -> bytes:
    return word.fill(_TEMPLATE, {"pages": list(pages)})
