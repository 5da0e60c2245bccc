"""What was measured, and how it is printed."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `baseline` is what it is compared with, where there is such a thing."""

    name: str
    value: float
    unit: str
    baseline: float | None = None

    @property
    def ratio(self) -> str:
        """The value as a share of its baseline."""
        return f"{self.value / self.baseline:.2f}" if self.baseline else "-"


def table(figures: Iterable[Figure]) -> str:
    """A line each: figure, value, ratio to its baseline."""
    rows = [("figure", "value", "ratio")]
    rows += [(one.name, f"{_short(one.value)} {one.unit}".strip(), one.ratio) for one in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"{name:{widths[0]}}  {value:>{widths[1]}}  {ratio:>{widths[2]}}" for name, value, ratio in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is at least as large as this share of all (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
