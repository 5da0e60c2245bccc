"""Every address a page stands at or will stand at, and which of them each role finds in its menu.

An address that no page has been built for answers 404, and no menu shows it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.organisation.roles import Role

ADDRESSES: Final[Sequence[str]] = (
    "/",
    "/login",
    "/account",
    "/notifications",
    "/help",
    "/tasks",
    "/tasks/{task_id}",
    "/visits/new",
    "/visits/{visit_id}",
    "/residents",
    "/residents/{resident_id}",
    "/leads/new",
    "/drafts",
    "/desk",
    "/cases",
    "/referrals",
    "/calls",
    "/street",
    "/people",
    "/coverage",
    "/escalation",
    "/alerts",
    "/community-cloud",
    "/district",
    "/why",
    "/policies",
    "/calendar",
    "/audit",
    "/imports",
    "/plans/{plan_id}",
    "/partners",
    "/cards",
    "/experiences",
    "/policy-topics",
    "/feeds",
    "/reports",
    "/admin/keys",
    "/admin/health",
    "/admin/backups",
)

# No scheme, no host, and nothing that a browser could take for one.
_OWN: Final = re.compile(r"/(?![/\\])[\x21-\x7e]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a menu; `icon` is drawn in the bar at the bottom of a telephone."""

    address: str
    words: str
    icon: str


_VISITS = Item("/tasks", "走访", "house")
_RESIDENTS = Item("/residents", "居民", "people")
_LEAD = Item("/leads/new", "记线索", "note")
_NEWS = Item("/notifications", "消息", "bell")
_ALERTS = Item("/alerts", "来信", "letter")
_REPORTS = Item("/reports", "报表", "chart")
_WHY = Item("/why", "查一个问题", "question")
_CLOUD = Item("/community-cloud", "社区云", "cloud")
_PEOPLE = Item("/people", "人员", "badge")
_CALENDAR = Item("/calendar", "日历", "calendar")
_COVERAGE = Item("/coverage", "扩面", "plus")
_REFERRALS = Item("/referrals", "转介", "arrow")

# In the order of use: what a day begins with stands first, and at the bottom of a telephone are four of them.
MENUS: Final[Mapping[Role, Sequence[Item]]] = {
    Role.VISITOR: (_VISITS, _RESIDENTS, _LEAD, _NEWS),
    Role.COMMITTEE_ADVISOR: (_VISITS, _RESIDENTS, _LEAD, _CLOUD, _NEWS),
    Role.STREET_ADVISOR: (
        Item("/desk", "工作台", "desk"),
        _VISITS,
        _RESIDENTS,
        Item("/cases", "个案", "folder"),
        _REFERRALS,
        Item("/calls", "来电", "phone"),
        _NEWS,
    ),
    Role.STREET_MANAGER: (
        Item("/street", "本街镇", "map"),
        _VISITS,
        _RESIDENTS,
        _PEOPLE,
        _ALERTS,
        _COVERAGE,
        Item("/escalation", "升级链", "stairs"),
        _REPORTS,
        _NEWS,
    ),
    Role.DISTRICT_OFFICER: (
        Item("/district", "全区", "map"),
        _RESIDENTS,
        _ALERTS,
        _WHY,
        Item("/policies", "政策", "book"),
        _COVERAGE,
        Item("/feeds", "数据来源", "feed"),
        _CALENDAR,
        _REPORTS,
        _NEWS,
    ),
    Role.ADMIN: (
        _PEOPLE,
        Item("/admin/keys", "密钥", "key"),
        Item("/admin/health", "运行", "pulse"),
        Item("/admin/backups", "备份", "folder"),
        _CALENDAR,
        _NEWS,
    ),
    Role.AUDITOR: (Item("/audit", "审计", "book"), _WHY, _REPORTS),
}


def menu(built: Collection[str], role: Role) -> list[Item]:
    """What a role finds in its menu: as far as it is built."""
    return [item for item in MENUS[role] if item.address in built]


def start(built: Collection[str], role: Role) -> str | None:
    """Where the day of a role begins, once that is built."""
    first = MENUS[role][0].address
    return first if first in built else None


def own(written: str | None) -> str:
    """An address of this site as somebody wrote it; whatever else it may be leads home."""
    return written if written and _OWN.fullmatch(written) else "/"
