"""Cuts a stream of lines into portions of whole lines, holding no more than one portion."""

from typing import Final

from core.events.strict_json import MAX_BYTES

PORTION_BYTES: Final = 192 * 1024


class Portions:
    """Bytes in as they come, whole lines out.

    A line beyond the limit of an event is cut short one byte after it: what is left is still too long to be accepted,
    and the rest of it is never held.
    """

    def __init__(self) -> None:
        self._lines = bytearray()  # whole lines
        self._rest = bytearray()  # of a line whose end has not come yet

    @property
    def size(self) -> int:
        """The bytes held."""
        return len(self._lines) + len(self._rest)

    @property
    def is_full(self) -> bool:
        """Whether there is enough for a portion."""
        return len(self._lines) >= PORTION_BYTES

    def add(self, chunk: bytes) -> None:
        """Take in what came."""
        cut = chunk.rfind(b"\n") + 1
        if cut:
            first = chunk.index(b"\n") + 1
            self._hold(chunk[:first])
            if not self._rest.endswith(b"\n"):
                self._rest += b"\n"
            self._lines += self._rest
            self._lines += chunk[first:cut]
            self._rest.clear()
        self._hold(chunk[cut:])

    def take(self, *, is_last: bool = False) -> bytes:
        """The whole lines so far; with `is_last` also what follows them."""
        if is_last:
            self._lines += self._rest
            self._rest.clear()
        taken = bytes(self._lines)
        self._lines.clear()
        return taken

    def _hold(self, piece: bytes) -> None:
        room = MAX_BYTES + 1 - len(self._rest)
        self._rest += piece[: max(0, room)]
