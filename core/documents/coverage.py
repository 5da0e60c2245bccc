"""The coverage report as a workbook."""

from datetime import date
from typing import Final

from sqlmodel import Session

from core.documents import workbooks
from core.duties import reports
from core.duties.reports import By
from core.organisation.users import User

_GROUPS: Final[dict[By, str]] = {"street": "街镇", "committee": "居村", "tier": "档次"}
_COLUMNS: Final = {
    "owed": "应走访",
    "met": "已走访",
    "late": "逾期走访",
    "missed": "未走访",
    "excused": "免于走访",
    "open": "尚未到期",
    "face_to_face": "其中上门",
    "late_entry": "其中补录",
}
_RATES: Final = {"met_rate": "走访率", "face_to_face_rate": "上门率"}


def report(
    session: Session, period: str, by_what: By, *, by: User, today: date, as_known_on: date | None = None
) -> bytes:
    """The rows of the report, with their names; the sheet is called by the period."""
    rows = reports.coverage(session, period, by_what, by=by, today=today, as_known_on=as_known_on)
    header = ("代码", _GROUPS[by_what], *_COLUMNS.values(), *_RATES.values())
    known = f" 截至{as_known_on.isoformat()}" if as_known_on else ""
    return workbooks.write(
        f"{period}{known}",
        header,
        (
            (row["key"], row["name"], *(row[column] for column in _COLUMNS), *(_share(row[rate]) for rate in _RATES))
            for row in rows
        ),
    )


def _share(rate: object) -> str | None:
    """A rate as people read it; None where there is nothing to divide by."""
    return f"{rate:.2%}" if isinstance(rate, float) else None
