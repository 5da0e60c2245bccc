"""A second district, invented: no district has this code."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from cli.embedded.postgres import as_role
from core import migrations, seeds
from core.store.database import Database
from core.store.logins import OWNER

DISTRICT: Final = "310199"
STREET: Final = "310199001"
OTHER_STREET: Final = "310199002"
COMMITTEE: Final = "310199001001"
DOCUMENT: Final[dict[str, Any]] = {
    "district": {"code": DISTRICT, "name": "测试区", "city": "上海市"},
    "streets": [
        {
            "code": street,
            "name": name,
            "kind": "subdistrict",
            "committees": [
                {"code": f"{street}00{number}", "name": f"{name}第{number}居委会", "kind": "urban"} for number in (1, 2)
            ],
        }
        for street, name in ((STREET, "东测街道"), (OTHER_STREET, "西测镇"))
    ],
}


def add(url: str) -> None:
    """Add it, as the owner does."""
    with migrations.as_owner(as_role(url, OWNER)) as session:
        seeds.add_district(session, seeds.read(DOCUMENT))


@contextmanager
def with_it(url: str) -> Iterator[Database]:
    """A way into a database that knows both districts from the start."""
    add(url)
    database = Database(url, pool_size=8)
    yield database
    database.dispose()
