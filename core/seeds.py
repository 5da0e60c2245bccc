"""What an empty database starts with: a district with its streets and committees, the working calendar.

Overwrites nothing.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import chinese_calendar
from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.errors import Invalid
from core.policy import rulebooks
from core.store.json import Json
from rules.policies import policy_texts

DIVISIONS = Path(__file__).parent / "store" / "data" / "songjiang.json"
DIVISIONS_VALID_FROM = date(2023, 6, 30)
CALENDAR_YEARS = (2024, 2025, 2026)


@dataclass(frozen=True, slots=True)
class Place:
    """A street or a committee as the divisions of a district name it."""

    code: str
    name: str
    kind: str
    above: str


@dataclass(frozen=True, slots=True)
class Area:
    """A district with what lies in it."""

    code: str
    name: str
    city: str
    streets: tuple[Place, ...]
    committees: tuple[Place, ...]


@cache
def divisions() -> Json:
    """The NBS edition of the district's streets and committees: an editable seed, not an authority."""
    document: Json = json.loads(DIVISIONS.read_text(encoding="utf-8"))
    return document


def official_streets() -> list[Json]:
    """The 17 街镇; the three NBS zones are not governments and stay out."""
    return _official(divisions())


def _place(named: Json, above: str) -> Place:
    return Place(named["code"], named["name"], named["kind"], above)


def _official(document: Json) -> list[Json]:
    return [street for street in document["streets"] if street.get("official", True)]


def read(document: Json) -> Area:
    """A district out of a document like `core/store/data/songjiang.json`; raises `Invalid` for codes that do not fit.

    A code begins with that of what it lies in: 6 digits a district, 9 a street, 12 a committee.
    """
    try:
        district = document["district"]
        streets = [(street, district["code"]) for street in _official(document)]
        committees = [(committee, street["code"]) for street, _ in streets for committee in street["committees"]]
        area = Area(
            district["code"],
            district["name"],
            district["city"],
            tuple(_place(*street) for street in streets),
            tuple(_place(*committee) for committee in committees),
        )
    except (KeyError, TypeError) as problem:
        raise Invalid(f"区划文件缺少内容：{problem}。格式同 `core/store/data/songjiang.json`。") from None
    told = [(area.code, "", 6), *((street.code, street.above, 9) for street in area.streets)]
    told += [(committee.code, committee.above, 12) for committee in area.committees]
    codes = [code for code, _, _ in told]
    bad = [code for code, above, digits in told if not _is_code(code, above, digits)]
    if bad or len(set(codes)) < len(codes) or not area.streets:
        which = bad[0] if bad else next((code for code in codes if codes.count(code) > 1), "streets")
        raise Invalid(f"区划代码不合规则：{which}。区6位，街镇9位，居村12位，各以上级代码开头，不得重复。")
    return area


def _is_code(code: object, above: str, digits: int) -> bool:
    return (
        isinstance(code, str)
        and bool(re.fullmatch(rf"{re.escape(str(above))}\d*", code, re.ASCII))
        and len(code) == digits
    )


def plant(session: Session) -> None:
    """Insert what is missing; an installation without any district begins with the one that comes with the product."""
    known = set(session.execute(text("SELECT code FROM district")).scalars())
    bundled = read(divisions())
    if not known or bundled.code in known:
        add_district(session, bundled)
    for district in known - {bundled.code}:
        _give_policies(session, district)
    if not session.execute(text("SELECT EXISTS (SELECT FROM calendar_day)")).scalar_one():
        session.execute(
            text("INSERT INTO calendar_day (day, working, label, source) VALUES (:day, :working, :label, :source)"),
            [row for year in CALENDAR_YEARS for row in _year(year)],
        )


def add_district(session: Session, area: Area) -> None:
    """Insert what is missing of a district: itself, its streets and committees, a policy to begin with.

    As the owner: who may see what hangs on these rows, so the product itself cannot write them.
    """
    session.execute(
        text(
            "INSERT INTO district (code, name, city_code, city, valid_from) VALUES (:code, :name, :city_code, :city,"
            " :valid_from) ON CONFLICT (code) DO NOTHING"
        ),
        {
            "code": area.code,
            "name": area.name,
            "city_code": area.code[:4],
            "city": area.city,
            "valid_from": DIVISIONS_VALID_FROM,
        },
    )
    for table, above, places in (
        ("street", "district_code", area.streets),
        ("committee", "street_code", area.committees),
    ):
        if places:
            session.execute(
                text(
                    f"INSERT INTO {table} (code, {above}, name, kind, valid_from)"
                    " VALUES (:code, :above, :name, :kind, :valid_from) ON CONFLICT (code) DO NOTHING"
                ),
                [{**asdict(place), "valid_from": DIVISIONS_VALID_FROM} for place in places],
            )
    _give_policies(session, area.code)


def _give_policies(session: Session, district: str) -> None:
    stored = set(
        session.execute(
            text("SELECT document FROM policy WHERE district_code = :district"), {"district": district}
        ).scalars()
    )
    # Only what is new is read: reading takes longer than all the rest of this.
    policies = [(rulebooks.policy(document), document) for document in policy_texts() if document not in stored]
    if not policies:
        return
    session.execute(
        text(
            "INSERT INTO policy (district_code, policy_id, version, effective_on, document, comment, created_at)"
            " VALUES (:district, :id, :version, :day, :document, :comment, :now)"
            " ON CONFLICT (district_code, policy_id, version) DO NOTHING"
        ),
        [
            {
                "district": district,
                "id": policy.id,
                "version": policy.version,
                "day": policy.effective_on,
                "document": document,
                "comment": "comes with the product",
                "now": clock.real_now(),
            }
            for policy, document in policies
        ],
    )


def _year(year: int) -> list[dict[str, object]]:
    """Every day of a year as the State Council's notice has it, make-up days (调休) included."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - first).days)]
    return [
        {
            "day": day,
            "working": chinese_calendar.is_workday(day),
            "label": chinese_calendar.get_holiday_detail(day)[1] or "",
            "source": f"chinesecalendar {chinese_calendar.__version__}",
        }
        for day in days
    ]
