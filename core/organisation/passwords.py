"""Passwords and one-time codes: judged, hashed, compared. Hashing takes its time on purpose: never in a transaction."""

import hmac
import secrets
from functools import cache
from typing import Final

from pwdlib import PasswordHash

from core.errors import Invalid
from core.store import crypto
from rules.facts import Problem

CHARACTERS: Final = 8
MOST_CHARACTERS: Final = 256
CODE_HOURS: Final = 24
# Read out over the telephone and typed on one: capitals and digits that look like no other.
_ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_GROUPS, _IN_GROUP = 3, 4


def judge(password: str, *, username: str, loc: str = "password") -> None:
    """Refuse a password that is too easy to guess; `loc` is the field it came in."""
    if len(password) < CHARACTERS:
        raise _refused(loc, f"密码至少要 {CHARACTERS} 个字符。")
    if len(password) > MOST_CHARACTERS:
        raise _refused(loc, f"密码最多 {MOST_CHARACTERS} 个字符。")
    if password.casefold() == username.casefold():
        raise _refused(loc, "密码不能和用户名相同。")
    if len(set(password)) == 1:
        raise _refused(loc, "密码不能全是同一个字符。")


def _refused(loc: str, words: str) -> Invalid:
    return Invalid(words, problems=[Problem(loc, "password", words)])


def hashed(password: str) -> str:
    """A password as it is stored (argon2)."""
    return _hasher().hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """Whether a password is the stored one; nothing stored takes as long, and is never right.

    Else the time an answer takes would tell which names exist.
    """
    nobody = _nobody()
    return _hasher().verify(password, stored or nobody) and stored is not None


# Made when they are first needed: hashing takes its time also while a command starts.
@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex(16))


def new_code() -> str:
    """A code that opens an account once: 59 random bits, e.g. `K7MP-4QXW-2RTB`."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_IN_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def code_digest(code: str) -> bytes:
    """How a code is stored; small letters, blanks and hyphens count for nothing."""
    return crypto.digest("".join(filter(str.isalnum, code)).upper())


def is_code(secret: str, stored: bytes | None) -> bool:
    """Whether what was typed is the code with this digest."""
    return stored is not None and hmac.compare_digest(code_digest(secret), stored)
