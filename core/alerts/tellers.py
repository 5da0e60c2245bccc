"""Who told: the name by which people know a source of news, theirs or their own colleague's."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.alerts.entering import OWN
from core.organisation import users

# A source to which nobody gave a name, and a periodic visit, of which no news tells.
UNNAMED: Final = "外部系统"
PERIODIC: Final = "定期走访"
_FILES: Final = "/tanfang/import/"
_FILE: Final = "导入的登记册"

_NAMES: Final = text("SELECT source, name FROM source_name WHERE source = ANY(:sources)")
_PUT: Final = text(
    "INSERT INTO source_name (district_code, source, name) VALUES (:district, :source, :name)"
    " ON CONFLICT (district_code, source) DO UPDATE SET name = EXCLUDED.name"
)


def names(session: Session, sources: Collection[str]) -> dict[str, str]:
    """What people call each of some sources."""
    if not sources:
        return {}
    given = {row.source: row.name for row in session.execute(_NAMES, {"sources": list(sources)})}
    own = {source: UUID(source.removeprefix(OWN)) for source in sources if is_own(source)}
    colleagues = users.names(session, list(own.values())) if own else {}
    found = {source: _FILE if source.startswith(_FILES) else UNNAMED for source in sources}
    return found | {source: name for source, user in own.items() if (name := colleagues.get(user))} | given


def is_own(source: str) -> bool:
    """Whether somebody who works here told it on a screen."""
    return source.startswith(OWN)


def put(session: Session, district: str, source: str, name: str) -> None:
    """Give a source the name by which people know it, instead of any it had."""
    session.execute(_PUT, {"district": district, "source": source, "name": name})
