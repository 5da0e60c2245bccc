"""Passwords as they are stored (argon2): hashing takes its time on purpose, so none is hashed before one is given."""

import secrets
from functools import cache

from pwdlib import PasswordHash

from core.errors import Invalid

PASSWORD_CHARACTERS = 8


def hashed(password: str) -> str:
    """A password as it is stored; raises `Invalid` for one too short."""
    if len(password) < PASSWORD_CHARACTERS:
        raise Invalid(f"密码至少 {PASSWORD_CHARACTERS} 个字符。")
    return _hasher().hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """Whether a password is the stored one; for an unknown user (None) the check takes as long.

    Else answers would tell which names exist.
    """
    nobody = _nobody()
    return _hasher().verify(password, stored or nobody) and stored is not None


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex(16))
