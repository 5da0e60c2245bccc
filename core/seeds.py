"""What an empty database starts with: streets, committees, the working calendar. Overwrites nothing."""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import chinese_calendar
from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.policy import rulebooks
from core.store.json import Json
from rules.policies import policy_texts

DIVISIONS = Path(__file__).parent / "store" / "data" / "songjiang.json"
DIVISIONS_VALID_FROM = date(2023, 6, 30)
CALENDAR_YEARS = (2024, 2025, 2026)


@cache
def divisions() -> Json:
    """The NBS edition of the district's streets and committees: an editable seed, not an authority."""
    document: Json = json.loads(DIVISIONS.read_text(encoding="utf-8"))
    return document


def official_streets() -> list[Json]:
    """The 17 街镇; the three NBS zones are not governments and stay out."""
    return [street for street in divisions()["streets"] if street["official"]]


def plant(session: Session) -> None:
    """Insert what is missing, a statement a table."""
    district = divisions()["district"]
    streets = [{"code": district["code"], "name": district["name"], "kind": "district"}] + [
        {"code": street["code"], "name": street["name"], "kind": street["kind"]} for street in official_streets()
    ]
    committees = [
        {"code": committee["code"], "street": street["code"], "name": committee["name"], "kind": committee["kind"]}
        for street in official_streets()
        for committee in street["committees"]
    ]
    session.execute(
        text(
            "INSERT INTO street (code, name, kind, valid_from) VALUES (:code, :name, :kind, :valid_from)"
            " ON CONFLICT (code) DO NOTHING"
        ),
        [{**row, "valid_from": DIVISIONS_VALID_FROM} for row in streets],
    )
    session.execute(
        text(
            "INSERT INTO committee (code, street_code, name, kind, valid_from)"
            " VALUES (:code, :street, :name, :kind, :valid_from) ON CONFLICT (code) DO NOTHING"
        ),
        [{**row, "valid_from": DIVISIONS_VALID_FROM} for row in committees],
    )
    stored = set(session.execute(text("SELECT document FROM policy")).scalars())
    # Only what is new is read: reading takes longer than all the rest of this.
    policies = [(rulebooks.policy(document), document) for document in policy_texts() if document not in stored]
    if policies:
        session.execute(
            text(
                "INSERT INTO policy (policy_id, version, effective_on, document, comment, created_at)"
                " VALUES (:id, :version, :day, :document, :comment, :now) ON CONFLICT (policy_id, version) DO NOTHING"
            ),
            [
                {
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
    if not session.execute(text("SELECT EXISTS (SELECT FROM calendar_day)")).scalar_one():
        session.execute(
            text("INSERT INTO calendar_day (day, working, label, source) VALUES (:day, :working, :label, :source)"),
            [row for year in CALENDAR_YEARS for row in _year(year)],
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
