"""Lists for the shell: one thing a line, words apart by tabs, so that `cut` and `grep` can read them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.organisation.users import Account


def key_lines(keys: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Each key: id, state, source, scopes, types, streets, end, last used; `-` is no limit or never."""
    for key in keys:
        limits = (",".join(key[name]) for name in ("scopes", "types", "streets"))
        yield _line(key["key_id"], key["state"], key["source"], *limits, key["expires_at"], key["last_used_on"])


def secret_lines(secrets: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Each signing secret: id, state, source, whether the source has to sign, since when."""
    for secret in secrets:
        mark = "obligatory" if secret["obligatory"] else "optional"
        yield _line(secret["secret_id"], secret["state"], secret["source"], mark, secret["created_at"])


def user_lines(accounts: Iterable[Account]) -> Iterator[str]:
    """Each account: user name, state, role, street or else district, name, last day; `-` is the city or no end."""
    for account in accounts:
        has_state = "锁定" if account.locked_at else "正常" if account.has_password else "待设密码"
        state = has_state if account.active else "停用"
        place = account.street or account.district
        yield _line(account.username, state, account.role.value, place, account.name, account.valid_until)


def _line(*cells: object) -> str:
    return "\t".join(str(cell) if cell else "-" for cell in cells)
