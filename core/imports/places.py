"""Streets and committees as files name them: by code or by any usual form of the name."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from core.events import names
from core.imports.sheets import Cell, CellInvalid
from core.imports.values import code
from core.organisation.streets import Divisions

_SUFFIX: Final = re.compile(r"(?:居民委员会|村民委员会|居委会|村委会|居委|村委)$")
_MOST_ALIKE: Final = 3
_BLANK: Final = re.compile(r"\s+")


class Places:
    """Finds the committee a row names; every spelling is looked up once."""

    def __init__(self, divisions: Divisions) -> None:
        self._committees, self._names = divisions.committees, divisions.committee_names
        self._streets: dict[str, str] = {}
        for known, name in divisions.streets.items():
            self._streets |= {known: known, name: known, _short_street(name): known}
        self._named: dict[str, set[str]] = defaultdict(set)
        for known, name in divisions.committee_names.items():
            for key in {name, *_shorter(name)}:
                self._named[key].add(known)
        self._found: dict[tuple[Cell, Cell], tuple[str, str] | CellInvalid] = {}

    def find(self, street: Cell, committee: Cell) -> tuple[str, str]:
        """(street code, committee code); raises `CellInvalid`, naming the candidates of an ambiguous name by code."""
        key = (street, committee)
        if key not in self._found:
            try:
                self._found[key] = self._find(street, committee)
            except CellInvalid as problem:
                self._found[key] = problem
        found = self._found[key]
        if isinstance(found, CellInvalid):
            raise found
        return found

    def _find(self, street: Cell, committee: Cell) -> tuple[str, str]:
        within, named = self._street(_tidy(street)), _tidy(committee)
        candidates = {named} if named in self._committees else self._by_name(named)
        if not candidates:
            # 松江区岳阳街道龙潭社区居委会: what stands before the committee names its street.
            for name in sorted(self._streets, key=len, reverse=True):
                _, found, after = named.partition(name)
                if found and after and not name.isdigit():
                    within, candidates = within or self._streets[name], self._by_name(after)
                    break
        if within is not None:
            inside = {known for known in candidates if self._committees[known] == within}
            if candidates and not inside:
                raise CellInvalid("committee_elsewhere", "这个居（村）委会不属于本行所填的街镇，请核对。")
            candidates = inside
        if not candidates:
            raise CellInvalid(
                "unknown_committee", f"没有这个居（村）委会：请填 12 位代码或名称。{self._alike(named, within)}"
            )
        if len(candidates) > 1:
            several = "、".join(sorted(candidates))
            raise CellInvalid("ambiguous_committee", f"有几个居（村）委会同名：请填其中之一的代码：{several}。")
        [found_code] = candidates
        return self._committees[found_code], found_code

    def _alike(self, named: str, street: str | None) -> str:
        """The committees that may be meant, for a person to decide: part of a name is not the name."""
        *_, short = (named, *_shorter(named))
        alike = sorted(
            known
            for known, name in self._names.items()
            if short
            and street in (None, self._committees[known])
            and any(short in other or other in short for other in _shorter(name))
        )
        if not 1 <= len(alike) <= _MOST_ALIKE:
            return ""
        return f"是不是{'、'.join(f'“{self._names[known]}”（{known}）' for known in alike)}？"

    def _by_name(self, named: str) -> set[str]:
        """The committees of a name; one of 居委 or 村委 is meant where both kinds bear it."""
        short = next((self._named[key] for key in (named, *_shorter(named)) if key in self._named), set())
        wanted = "居" if re.search("居委|居民|社区", named) else "村" if "村" in named else ""
        return {known for known in short if wanted in self._names[known][-3:]} or short

    def _street(self, named: str) -> str | None:
        if not named:
            return None
        found = self._streets.get(named)
        if found is None:
            for name, known in self._streets.items():
                if len(name) > 2 and not name.isdigit() and named.endswith(name):
                    return known
            raise CellInvalid("unknown_street", "没有这个街镇：请填 9 位代码或名称。")
        return found


def _tidy(cell: Cell) -> str:
    return _BLANK.sub("", unicodedata.normalize("NFKC", names.visible(code(cell))))


def _shorter(name: str) -> Iterator[str]:
    """龙潭社区, then 龙潭, for 龙潭社区居委会 and 龙潭社区居民委员会; a village may be written without its 村."""
    name = _SUFFIX.sub("", name)
    for ending in ("", "社区", "村"):
        name = name.removesuffix(ending)
        if name:
            yield name


def _short_street(name: str) -> str:
    return re.sub(r"(?:街道|镇)$", "", name) or name
