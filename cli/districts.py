"""Adding a district from the shell: whoever may see what hangs on these rows, so only the owner writes them."""

import json
from pathlib import Path

from cli.database import prepare, transaction
from cli.embedded.folder import servers
from cli.embedded.servers import CommandFailed
from core import migrations, seeds
from core.organisation import streets
from core.settings import Settings
from core.store.scopes import Scope


def add(settings: Settings, file: Path) -> str:
    """Add the district of a file; returns what was done. Raises `Refusal` for divisions that cannot be."""
    try:
        document = json.loads(file.read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as problem:
        raise CommandFailed(f"{file} 不是 UTF-8 的 JSON 文件：{problem}。") from None
    area = seeds.read(document)
    with servers(settings, broker=False) as found:
        prepare(found, migrates=True)
        with migrations.as_owner(found.owner_url or "") as session:
            seeds.add_district(session, area)
    return f"{area.code} {area.name}：{len(area.streets)} 个街镇，{len(area.committees)} 个居村。"


def names(settings: Settings) -> list[tuple[str, str]]:
    """Code and name of every district."""
    with servers(settings, broker=False) as found:
        prepare(found)
        with transaction(found.settings.database_url or "", Scope()) as session:
            return list(streets.load(session).districts.items())
