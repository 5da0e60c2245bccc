"""Each working morning one summary instead of a message a task: what was said since the last one, what is due."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core import clock
from core.notifications import outbox
from core.organisation.roles import Role
from core.organisation.streets import Divisions, district_of
from core.policy import lamps, rulebooks, working_hours
from rules.calendar import ONE_DAY, Frequency, WorkingCalendar, period_of

MOST_LINES: Final = 20
_OWN_TASKS: Final = (Role.COMMITTEE_ADVISOR, Role.VISITOR)
_WHOLE_STREET: Final = (Role.STREET_ADVISOR, Role.STREET_MANAGER)

# People of a street get theirs there; the district's people have the district's own code.
_PLACE: Final = "coalesce(u.street_code, u.district_code)"
_PEOPLE: Final = (
    " FROM notification_preference p JOIN user_account u USING (user_id) WHERE p.digest AND u.active"
    " AND (u.valid_until IS NULL OR u.valid_until >= :today) AND u.district_code = :district"
    " AND p.updated_at < :opening"
    " AND EXISTS (SELECT FROM notification_channel c WHERE c.user_id = u.user_id)"
    " AND NOT EXISTS (SELECT FROM daily_digest d WHERE d.street_code = ANY(:streets)"
    f"  AND d.street_code = {_PLACE} AND d.user_id = u.user_id AND d.digest_on = :today)"
)
# How many records of a month stand in the batches of whom.
_BATCHES: Final = text(
    "SELECT c.user_id, count(*) AS records FROM visit v JOIN visit_resident s USING (street_code, visit_id)"
    " JOIN resident r USING (street_code, resident_id) JOIN user_committee c USING (committee_code)"
    " JOIN user_account u USING (user_id) WHERE v.street_code = :street AND v.service_date BETWEEN :first AND :last"
    " AND NOT s.voided AND s.merged_into IS NULL AND NOT s.carried AND u.role = :role AND u.user_id = ANY(:users)"
    " GROUP BY c.user_id"
)


class Load(NamedTuple):
    """Open tasks that need going to."""

    overdue: int = 0
    due_soon: int = 0

    def __add__(self, other: object) -> "Load":
        assert isinstance(other, Load)
        return Load(self.overdue + other.overdue, self.due_soon + other.due_soon)


_LOADS: Final = text(
    "SELECT t.street_code, t.assignee_id, count(*) FILTER (WHERE t.due_on < :today) AS overdue,"
    " count(*) FILTER (WHERE t.due_on >= :today AND (CASE WHEN w.held > 0 THEN w.lit ELSE"
    f"  {lamps.begins_sql('CAST(t.created_at AS date)', 't.due_on')} <= :today END)) AS due_soon"
    " FROM task t CROSS JOIN LATERAL (SELECT count(*) AS held, coalesce(bool_or(d.period = ANY(:lit)"
    f"  OR (d.period IS NULL AND {lamps.begins_sql('d.starts_on', 'd.due_on')} <= :today)), false) AS lit FROM duty d"
    "  WHERE d.street_code = t.street_code AND d.resident_id = t.resident_id AND d.task_id = t.task_id"
    "  AND (d.state = 'open' OR (d.state = 'missed' AND d.made_up_on IS NULL))) w"
    " WHERE t.street_code = ANY(:streets) AND t.state = 'open' GROUP BY t.street_code, t.assignee_id"
)


def streets_due(session: Session, divisions: Divisions, *, now: datetime) -> set[str]:
    """Where somebody still waits for this morning's summary; a district's own code for its people."""
    if not _anybody(session):
        return set()
    found: set[str] = set()
    for district in working_hours.at_work(session, divisions.districts, now):
        calendar = rulebooks.calendar(session, district)
        values = _values(district, divisions.of(district).codes_and_districts, calendar, now)
        found.update(session.execute(text(f"SELECT DISTINCT {_PLACE}{_PEOPLE}"), values).scalars())
    return found


def next_morning(session: Session, divisions: Divisions, *, after: datetime) -> datetime | None:
    """When the next summaries are due; None when nobody wants one."""
    if not _anybody(session):
        return None
    calendars = [rulebooks.calendar(session, district) for district in divisions.districts]
    return min((working_hours.next_opening(after, calendar) for calendar in calendars), default=None)


def _anybody(session: Session) -> bool:
    wanted = (
        "SELECT EXISTS (SELECT FROM notification_preference JOIN notification_channel USING (user_id) WHERE digest)"
    )
    return bool(session.execute(text(wanted)).scalar_one())


class _Morning(TypedDict):
    """What `_PEOPLE` is asked with."""

    streets: list[str]
    district: str
    today: date
    opening: datetime


def _values(district: str, streets: Sequence[str], calendar: WorkingCalendar, now: datetime) -> _Morning:
    today = clock.today(now)
    return {
        "streets": list(streets),
        "district": district,
        "today": today,
        # Whoever changes their wishes during the day hears the next morning.
        "opening": working_hours.opening(today, calendar),
    }


def make(session: Session, street: str, divisions: Divisions, *, now: datetime) -> int:
    """Sum up this morning for everybody of a street (or of the district) who waits; returns how many did."""
    calendar = rulebooks.calendar(session, street)
    if not working_hours.are_now(now, calendar):
        return 0
    values = _values(district_of(street), [street], calendar, now)
    users = session.execute(
        text(f"SELECT u.user_id, u.role, p.kinds{_PEOPLE} AND {_PLACE} = :street ORDER BY u.user_id"),
        {**values, "street": street},
    ).all()
    claimed = _claim(session, street, [user.user_id for user in users], now)
    users = [user for user in users if user.user_id in claimed]
    if not users:
        return 0
    places = divisions.of(street).codes if street in divisions.districts else (street,)
    # Messages about no street in particular, as of a silent feed, have the district's own code.
    user_ids = [user.user_id for user in users]
    said = _said(session, street, (*places, street), user_ids, calendar, values["opening"])
    loads = _loads(session, places, values["today"])
    batches = batch_lines(session, street, user_ids, calendar, values["today"])
    digests: dict[UUID, str] = {}
    for user in users:
        lines = [words for kind, words in said.get(user.user_id, ()) if user.kinds is None or kind in user.kinds]
        lines = [*batches.get(user.user_id, ()), *lines]
        load = _load_of(Role(user.role), user.user_id, loads)
        if lines or any(load):
            digests[user.user_id] = _words(values["today"], load, lines)
    outbox.post_digests(session, street, digests, _channels(session, list(digests)), now=now)
    return len(users)


def _claim(session: Session, street: str, users: Sequence[UUID], now: datetime) -> set[UUID]:
    """Those for whom nobody else sums up this morning: the key lets one of two heartbeats through."""
    rows = session.execute(
        text(
            "INSERT INTO daily_digest (street_code, user_id, digest_on, created_at)"
            " SELECT :street, wanted, :today, :now FROM unnest(CAST(:users AS uuid[])) AS wanted ORDER BY wanted"
            " ON CONFLICT (street_code, user_id, digest_on) DO NOTHING RETURNING user_id"
        ),
        {"street": street, "users": list(users), "today": clock.today(now), "now": now},
    )
    return set(rows.scalars())


def _said(
    session: Session,
    street: str,
    places: Sequence[str],
    users: Sequence[UUID],
    calendar: WorkingCalendar,
    opening: datetime,
) -> dict[UUID, list[tuple[str, str]]]:
    """(kind, line) of what each was told since their last summary, or since the working morning before."""
    today = clock.today(opening)
    before = working_hours.opening(calendar.shift(today, -1), calendar)
    last = session.execute(
        text(
            "SELECT user_id, max(digest_on) AS day FROM daily_digest WHERE street_code = :street"
            " AND user_id = ANY(:users) AND digest_on < :today GROUP BY user_id"
        ),
        {"street": street, "users": list(users), "today": today},
    )
    # After days without anybody working here, nothing that was said meanwhile is left out.
    since = {row.user_id: min(before, working_hours.opening(row.day, calendar)) for row in last}
    rows = session.execute(
        text(
            "SELECT user_id, kind, text, task_id, created_at FROM notification WHERE street_code = ANY(:streets)"
            " AND user_id = ANY(:users) AND created_at >= :since AND created_at < :opening AND kind <> :digest"
            " ORDER BY created_at, notification_id"
        ),
        {
            "streets": list(places),
            "users": list(users),
            "since": min(since.values(), default=before),
            "opening": opening,
            "digest": outbox.DIGEST,
        },
    )
    found: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        if row.created_at >= since.get(row.user_id, before):
            line = row.text if row.task_id is None else f"{row.text}（任务 {row.task_id}）"
            found[row.user_id].append((row.kind, line))
    return found


def batch_lines(
    session: Session, street: str, users: Sequence[UUID], calendar: WorkingCalendar, today: date
) -> dict[UUID, list[str]]:
    """What committee advisors hear on the day by which last month's records go into the Community Cloud (A21)."""
    first = today.replace(day=1)
    number = int(rulebooks.of_district(session, street).parameter("batch_working_day", today).value)
    if calendar.shift(first - ONE_DAY, number) != today:
        return {}
    month = period_of(first - ONE_DAY, Frequency.MONTH)
    rows = session.execute(
        _BATCHES,
        {
            "street": street,
            "users": list(users),
            "role": Role.COMMITTEE_ADVISOR,
            "first": month.first,
            "last": month.last,
        },
    )
    return {row.user_id: [f"{month.name}的走访记录共{row.records}条，请于今天以前汇总录入社区云。"] for row in rows}


def _loads(session: Session, streets: Sequence[str], today: date) -> dict[str, dict[UUID | None, Load]]:
    """Overdue and due-soon tasks by street and assignee, as their lamps show them (A31)."""
    found: dict[str, dict[UUID | None, Load]] = defaultdict(dict)
    for soon, streets_alike in lamps.alike(lamps.of_streets(session, streets, today)).items():
        values = {
            "streets": streets_alike,
            "today": today,
            "lit": soon.lit(today),
            "month_days": soon.month_days,
            "share": soon.share,
        }
        for row in session.execute(_LOADS, values):
            found[row.street_code][row.assignee_id] = Load(row.overdue, row.due_soon)
    return found


def _load_of(role: Role, user: UUID, loads: Mapping[str, Mapping[UUID | None, Load]]) -> Load:
    """Their own tasks, or those of everybody they answer for."""
    if role in _OWN_TASKS:
        return sum((street[user] for street in loads.values() if user in street), Load())
    if role in _WHOLE_STREET or role is Role.DISTRICT_OFFICER:
        return sum((load for street in loads.values() for load in street.values()), Load())
    return Load()


def _words(today: date, load: Load, lines: Sequence[str]) -> str:
    head = f"{today}：逾期任务{load.overdue}件，即将到期{load.due_soon}件，新消息{len(lines)}条。"
    more = [f"另有{len(lines) - MOST_LINES}条，请登录查看。"] if len(lines) > MOST_LINES else []
    return "\n".join([head, *lines[:MOST_LINES], *more])


def _channels(session: Session, users: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    rows = session.execute(
        text(
            "SELECT user_id, channel_id FROM notification_channel WHERE user_id = ANY(:users)"
            " ORDER BY user_id, channel_id"
        ),
        {"users": list(users)},
    )
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in rows:
        found[row.user_id].append(row.channel_id)
    return found
