"""A database as an earlier program left it, with rows in every table; people and keys in it are invented."""

import base64
import subprocess
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from cli.embedded.postgres import SUPERUSER, as_role, binaries
from core.store.crypto import FIELD_KEY_FILE, INDEX_KEY_FILE
from core.store.database import libpq_url

DUMP: Final = Path(__file__).parent / "data" / "revision_0006.sql"
REVISION: Final = "0006"
UPSTREAM_KEY: Final = "tfk_mWwXEqQctOcMqcyNcIJtCWTCdHhZS5agquhRMtqQLVM"
_KEYS: Final = {
    FIELD_KEY_FILE: "DWolPUcyE5i9e6i6Z3F9xqa2Jch8qP3Xjq0mHVGrebI=",
    INDEX_KEY_FILE: "JwUm9uY7Laq0wRMDD11O1SrFDT5WS7DyjeERU8yzhiM=",
}


def load(url: str) -> None:
    """Fill an empty database, as the superuser, who owned everything then."""
    subprocess.run(
        [binaries() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", DUMP, libpq_url(as_role(url, SUPERUSER))],
        check=True,
        capture_output=True,
        cwd="/",
    )


def write_keys(folder: Path) -> Path:
    """The encryption keys with which it was sealed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in _KEYS.items():
        (folder / name).write_bytes(base64.b64decode(content))
    return folder


def sockets_of(url: str) -> Path:
    """The folder through which the embedded server of an address is reached."""
    return Path(str(make_url(url).query["host"]))
