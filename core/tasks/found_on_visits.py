"""Illnesses that somebody found on a visit, when that visit turns out not to have been so (A8, A21)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text

from core import clock
from core.alerts.entering import OWN
from core.policy.street_pass import StreetPass
from core.residents.dossiers import Dossier
from core.store.json import Json
from rules.facts import Fact, FactKind

# Whoever was visited, by whom; one that was merged into another stands or falls with it.
_VISITS: Final = text(
    "SELECT v.resident_id, v.visitor_id, v.service_date, v.entered_at, v.earlier,"
    " coalesce(later.met, v.met) AND NOT coalesce(later.voided, v.voided) AS stands FROM visit_resident v"
    " LEFT JOIN visit_resident later ON later.street_code = v.street_code AND later.visit_id = v.merged_into"
    "  AND later.resident_id = v.resident_id"
    " WHERE v.street_code = :street AND v.resident_id = ANY(:residents)"
)


def unfounded(pass_: StreetPass, known: Sequence[Dossier]) -> set[tuple[UUID, date]]:
    """The residents with the first day of the illness that nobody found: whoever told of it was not there.

    A fact names no visit. It was found on one of the same person, of that day or written down on the day when the
    illness was told; as long as one of these stands, or there was none, somebody has to confirm it.
    """
    told = [
        (dossier.resident.resident_id, fact)
        for dossier in known
        for fact in dossier.history.facts
        if needs_asking(fact)
    ]
    if not told:
        return set()
    values = {"street": pass_.street, "residents": sorted({resident_id for resident_id, _ in told})}
    visits: dict[tuple[UUID, str], list[Row[Any]]] = defaultdict(list)
    for visit in pass_.session.execute(_VISITS, values):
        visits[visit.resident_id, f"{OWN}{visit.visitor_id}"].append(visit)
    found = set()
    for resident_id, fact in told:
        on = [visit for visit in visits[resident_id, str(fact.source)] if _may_have_found(visit, fact)]
        if on and not any(visit.stands for visit in on):
            found.add((resident_id, fact.valid_from))
    return found


def needs_asking(fact: Fact) -> bool:
    """Whether an illness was found on a visit and nobody has confirmed it yet."""
    return fact.kind is FactKind.SERIOUS_ILLNESS and fact.basis == "found_on_visit" and fact.confirmed_on is None


def _may_have_found(visit: Row[Any], fact: Fact) -> bool:
    days = {visit.service_date, *_days_before(visit.earlier)}
    return fact.valid_from in days or clock.today(visit.entered_at) == fact.recorded_on


def _days_before(told: Json | None) -> Iterator[date]:
    """The service days that a visit had before it was corrected."""
    while told is not None:
        yield date.fromisoformat(told["service_date"])
        told = told["earlier"]
