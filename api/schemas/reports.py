"""What reports answer."""

from api.schemas.common import Day, Shown


class CoverageRow(Shown):
    """The periodic duties of one street, committee or tier; a rate without anything to divide by is null."""

    key: str
    name: str
    owed: int
    met: int
    late: int
    missed: int
    excused: int
    open: int
    face_to_face: int
    late_entry: int
    met_rate: float | None
    face_to_face_rate: float | None


class CoverageReport(Shown):
    """A report over one period."""

    period: str
    by: str
    as_known_on: Day | None
    rows: list[CoverageRow]
