"""Identifiers made in Python, so that no database default is needed on a distributed table."""

import os
import threading
import time
from uuid import UUID

_TAIL_BITS = 74
_TIME_BITS = 48
_lock = threading.Lock()
_latest = 0


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562 version 7): new rows land together in an index.

    Those of one process are in the order in which they were made, also within a millisecond, so that the lines of a
    history can be told in order by their ids.
    """
    global _latest
    milliseconds = time.time_ns() // 1_000_000
    tail = int.from_bytes(os.urandom(10), "big") >> (80 - _TAIL_BITS)
    with _lock:
        # By a random step, so that two processes of one parent part ways.
        step = 1 + (tail & 0xFFFF_FFFF)
        _latest = max(_latest + step, (milliseconds & (2**_TIME_BITS - 1)) << _TAIL_BITS | tail)
        made = _latest
    value = (made >> _TAIL_BITS) << 80
    value |= 0x7 << 76
    value |= ((made >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= made & (2**62 - 1)
    return UUID(int=value)
