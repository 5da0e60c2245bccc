"""Fields nobody may read from a stolen disk, and the blind index that still finds them.

A sealed field is `algorithm | key id | nonce | ciphertext`, bound to its table, column and row, so that a value copied
into another row does not open. The blind index is an HMAC under a key of its own: equal ID numbers meet, and nothing
else shows.
"""

import contextlib
import hmac
import os
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

AES_GCM = 1
KEY_BYTES = 32
NONCE_BYTES = 12
FIELD_KEY_FILE = "field-1.key"
INDEX_KEY_FILE = "index.key"


class SealBroken(Exception):
    """A sealed field does not open: wrong key, or moved or altered ciphertext."""


@dataclass(frozen=True)
class Keys:
    """The encryption keys of an instance: `fields` by key id, the newest seals; `index` for the blind index.

    What is called `keys` in core is always these; those of monitoring systems are `core.alerts.source_keys`.
    """

    fields: dict[int, bytes]
    index: bytes

    def __post_init__(self) -> None:
        if any(len(key) != KEY_BYTES for key in (*self.fields.values(), self.index)):
            raise ValueError(f"An encryption key is {KEY_BYTES} bytes long; look at the key folder.")

    @cached_property
    def _ciphers(self) -> dict[int, AESGCM]:
        # Made once: setting up a key costs as much as sealing a small field.
        return {key_id: AESGCM(key) for key_id, key in self.fields.items()}

    @cached_property
    def _newest(self) -> tuple[bytes, AESGCM]:
        key_id = max(self.fields)
        return bytes((AES_GCM, key_id)), self._ciphers[key_id]

    def seal(self, value: str | bytes, *, table: str, column: str, row: str) -> bytes:
        """Encrypt one field, bound to where it stands."""
        mark, cipher = self._newest
        nonce = os.urandom(NONCE_BYTES)
        plain = value.encode() if isinstance(value, str) else value
        return mark + nonce + cipher.encrypt(nonce, plain, _place(table, column, row))

    def open(self, sealed: bytes, *, table: str, column: str, row: str) -> bytes:
        """Decrypt one field; raises `SealBroken` when it was moved, altered or sealed under an unknown key."""
        if len(sealed) < 2 + NONCE_BYTES:
            raise SealBroken(f"{table}.{column} does not open: it was cut off.")
        algorithm, key_id, nonce, body = sealed[0], sealed[1], sealed[2 : 2 + NONCE_BYTES], sealed[2 + NONCE_BYTES :]
        if algorithm != AES_GCM or key_id not in self.fields:
            raise SealBroken(f"No key {key_id} for algorithm {algorithm}; restore the key folder.")
        try:
            return self._ciphers[key_id].decrypt(nonce, body, _place(table, column, row))
        except InvalidTag:
            raise SealBroken(f"{table}.{column} does not open: it was altered or moved.") from None

    def person_key(self, kind: str, value: str) -> bytes:
        """The blind index of an identifier, e.g. `("id_number", "3199…")`: 32 bytes."""
        return hmac.digest(self.index, f"{kind}\x00{value}".encode(), "sha256")


def _place(table: str, column: str, row: str) -> bytes:
    return f"{table}/{column}/{row}".encode()


def digest(secret: str) -> bytes:
    """How tokens and API keys are stored: they are random, so a plain SHA-256 is enough."""
    return sha256(secret.encode()).digest()


def ensure_keys(folder: Path) -> Keys:
    """The keys of `folder`, made on the first start (folder 0700, files 0600)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in (FIELD_KEY_FILE, INDEX_KEY_FILE):
        if (folder / name).exists():
            continue
        # Written aside and linked into place: a crash leaves no half-written key, and of two starters one wins.
        draft = folder / f".{name}.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, folder / name)
        draft.unlink()
    return load_keys(folder)


def load_keys(folder: Path) -> Keys:
    """The keys of `folder`; a missing one is an error, never a new key that would open nothing."""
    fields = {int(path.stem.removeprefix("field-")): path.read_bytes() for path in folder.glob("field-*.key")}
    if not fields:
        raise FileNotFoundError(f"No encryption key in {folder}; `tanfang up` makes them on a first start.")
    return Keys(fields=fields, index=(folder / INDEX_KEY_FILE).read_bytes())
