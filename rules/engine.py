"""The one place that knows durable-rules: rules compiled into a ruleset, records judged by it, one session each.

The engine gets one flat record of ones and zeros per judgement and one rule per conjunct, because joins, nested
conditions and long-lived sessions crash it or lose work; a catch-all rule proves that a judgement ran to its end.
"""

import weakref
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from threading import Lock
from typing import Any, Final

from durable.engine import Host, durable_rules_engine

from rules.cases import CaseTable
from rules.conditions import Rule

MEMO_RECORDS: Final = 65_536
RULESETS_KEPT: Final = 128
_EVALUATED: Final = "evaluated"
_CATCH_ALL: Final = -1
_names = count()


class EngineFailed(RuntimeError):
    """The engine did not run a judgement to its end: there is no result, rather than a wrong one."""


class _QuietHost(Host):  # type: ignore[misc]  # durable has no types
    def _run(self) -> None:
        """The stock host starts two polling threads here, which steal events from callers and are never needed."""


class Ruleset:
    """Compiled rules, judging records of their case table. Thread-safe."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        """Compile the rules; raises RulesetTooLarge."""
        self.table = CaseTable(rules)
        self._names = tuple(leaf.name for leaf in self.table.leaves)
        self._memo: dict[int, tuple[int, ...]] = {}
        self._lock = Lock()
        self._sessions = count()
        self._fired: list[int] = []
        self._name = f"ruleset_{next(_names)}"
        self._host = _QuietHost()
        self._host.register_rulesets({self._name: self._definition()})
        self._engine = self._host.get_ruleset(self._name)
        # The library never frees a ruleset by itself. At exit the process frees everything at once.
        weakref.finalize(self, durable_rules_engine.delete_ruleset, self._engine._handle).atexit = False
        # Warmed before anybody waits: the first judgement of a ruleset initialises it.
        self.fired(0)

    def fired(self, record: int) -> tuple[int, ...]:
        """The rules whose conditions hold for a record, as indices in rule order; raises EngineFailed."""
        known = self._memo.get(record)
        if known is None:
            with self._lock:
                known = self._judge(record)
                if len(self._memo) >= MEMO_RECORDS:
                    self._memo.clear()
                self._memo[record] = known
        return known

    def _definition(self) -> dict[str, dict[str, Any]]:
        fired = self._fired

        def firing(index: int) -> Callable[[Any], None]:
            return lambda _closure: fired.append(index)

        definition: dict[str, dict[str, Any]] = {}
        for number, case in enumerate(self.table.cases):
            literals = [
                {name: int(bool(case.needs & 1 << index))}
                for index, name in enumerate(self._names)
                if (case.needs | case.forbids) & 1 << index
            ]
            condition = literals[0] if len(literals) == 1 else {"$and": literals}
            definition[f"case_{number}"] = {"all": [{"m": condition}], "run": firing(case.rule)}
        # Of the lowest priority: once it has fired, every case that holds has fired before it.
        definition["catch_all"] = {"all": [{"m": {_EVALUATED: 1}}], "pri": 1, "run": firing(_CATCH_ALL)}
        return definition

    def _judge(self, record: int) -> tuple[int, ...]:
        session = f"s{next(self._sessions)}"
        fact: dict[str, str | int] = {name: record >> index & 1 for index, name in enumerate(self._names)}
        fact |= {"sid": session, _EVALUATED: 1}
        self._fired.clear()
        state = self._host.assert_fact(self._name, fact)
        if not self._fired or self._fired[-1] != _CATCH_ALL:
            # Deleting a session in which nothing fired crashes the process, so this one stays.
            raise EngineFailed("The rule engine did not finish a judgement.")
        self._engine.delete_state(session)
        if state.get("exception"):
            raise EngineFailed("An action of the rule engine failed.")
        return tuple(sorted(set(self._fired[:-1])))


@lru_cache(maxsize=RULESETS_KEPT)
def compiled(rules: tuple[Rule, ...]) -> Ruleset:
    """The ruleset of these rules, shared by everybody who has the same ones; raises RulesetTooLarge."""
    return Ruleset(rules)
