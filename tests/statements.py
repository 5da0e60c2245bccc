"""Counting what is sent to the database: how many statements something takes must not depend on how many rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


class Statements:
    """Hears of every statement that any engine of this process sends."""

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The statements that are sent meanwhile, by whichever thread."""
        sent: list[str] = []

        def note(*said: Any) -> None:
            _, _, statement, parameters, _, are_many = said
            # Many sets of parameters are as many statements, also when they go in one breath.
            sent.extend([statement] * (len(parameters) if are_many else 1))

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(Engine, "before_cursor_execute", note)


def growth(few: Sequence[str], many: Sequence[str]) -> dict[str, int]:
    """What was sent more often for many rows than for few, unless no more was sent in all."""
    return dict(Counter(many) - Counter(few)) if len(many) > len(few) else {}
