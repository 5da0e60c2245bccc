"""The record form (domain §6): what it says, and what two forms about the same visit say together (A21)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

import orjson

from core.errors import Invalid
from core.store.json import Json
from rules.casework.codes import Dimension, Level
from rules.facts import Problem
from rules.parameters import Initiator, Mode


@dataclass(frozen=True, slots=True)
class Form:
    """A record form, already checked for shape; `fields` is everything as it was sent, `merge` left out."""

    visit_id: UUID
    resident_ids: tuple[UUID, ...]
    mode: Mode
    service_date: date
    initiated_by: Initiator
    met: Mapping[UUID, bool]
    dimensions: Mapping[Dimension, Level]
    visited_by_role: str | None
    several_households: bool
    merge: bool
    fields: Json = field(default_factory=dict)

    @classmethod
    def of(cls, fields: Mapping[str, Any], *, merge: bool = False) -> "Form":
        """The form that some fields make; raises `Invalid` where one contradicts another."""
        resident_ids = tuple(UUID(said) for said in fields["resident_ids"])
        met = {UUID(said): value for said, value in (fields.get("met") or {}).items()}
        if not met.keys() <= set(resident_ids):
            raise Invalid(
                "写有是否见到的居民不在这次走访中。", problems=[Problem("met", "value", "只能写这次走访的居民。")]
            )
        if fields["mode"] == Mode.OTHER and not fields.get("mode_text"):
            raise Invalid(
                "服务方式为其他，却没有写明是什么方式。",
                problems=[Problem("mode_text", "missing", "服务方式为 `other` 时必须填写。")],
            )
        return cls(
            visit_id=UUID(fields["visit_id"]),
            resident_ids=resident_ids,
            mode=Mode(fields["mode"]),
            service_date=date.fromisoformat(fields["service_date"]),
            initiated_by=Initiator(fields["initiated_by"]),
            met=met,
            dimensions={
                Dimension(name): Level(found["level"])
                for name, found in (fields.get("dimensions") or {}).items()
                if found is not None
            },
            visited_by_role=fields.get("visited_by_role"),
            several_households=bool(fields.get("several_households")),
            merge=merge,
            fields=dict(fields),
        )

    @property
    def digest(self) -> bytes:
        """Tells a repetition from a conflict."""
        return sha256(orjson.dumps(self.fields, option=orjson.OPT_SORT_KEYS)).digest()

    @property
    def is_checked(self) -> bool:
        """Whether the six-dimension check (四（二）) was done, all of it."""
        return len(self.dimensions) == len(Dimension)

    @property
    def found_risk(self) -> bool:
        """Whether the check found something to look at again."""
        return any(level.is_alarming for level in self.dimensions.values())

    def was_met(self, resident_id: UUID) -> bool:
        """Whether somebody was met; everybody was, unless the form says otherwise."""
        return self.met.get(resident_id, True)

    def changed(self, changes: Mapping[str, Any]) -> "Form":
        """The form with some fields as they should have been; None takes a field out."""
        fields = {**self.fields, **changes}
        resident_ids = set(fields["resident_ids"])
        if "met" not in changes and fields.get("met"):
            # Who was no part of it after all was not met either.
            fields["met"] = {said: value for said, value in fields["met"].items() if said in resident_ids}
        if "mode_text" not in changes and fields["mode"] != Mode.OTHER:
            fields["mode_text"] = None
        if fields.get("dimensions"):
            looked_at = {name: _said(found) for name, found in fields["dimensions"].items() if found is not None}
            fields["dimensions"] = looked_at or None
        return Form.of({name: value for name, value in fields.items() if value is not None})


def renamed(form: Form, resident_id: UUID, to: UUID) -> Form:
    """The form as it reads when one resident turns out to be another; who was met as either was met."""
    fields = {**form.fields, "resident_ids": [str(to if said == resident_id else said) for said in form.resident_ids]}
    fields["resident_ids"] = list(dict.fromkeys(fields["resident_ids"]))
    if form.met.keys() & {resident_id, to}:
        told = [form.was_met(said) for said in form.resident_ids if said in (resident_id, to)]
        others = {str(said): value for said, value in form.met.items() if said != resident_id}
        fields["met"] = {**others, str(to): any(told)}
    return Form.of(fields)


def union(earlier: Form, later: Form) -> Form:
    """What two forms about the same visit say together: nothing of either is lost, and the earlier one keeps its name.

    Met if either says so, both texts, the worse level of each dimension (A21).
    """
    one, other = earlier.fields, later.fields
    residents = _joined(one["resident_ids"], other["resident_ids"])
    met = {
        said: any(form.was_met(UUID(said)) for form in (earlier, later) if UUID(said) in form.resident_ids)
        for said in residents
        if UUID(said) in earlier.met or UUID(said) in later.met
    }
    by_advisor = Initiator.ADVISOR in (earlier.initiated_by, later.initiated_by)
    said: dict[str, Any] = {
        **other,
        **one,
        "resident_ids": residents,
        "participants": _joined(one["participants"], other["participants"]),
        "services": _joined(one["services"], other["services"]),
        "tags": _joined(one.get("tags") or (), other.get("tags") or ()) or None,
        "duration_hours": max(one["duration_hours"], other["duration_hours"]),
        "initiated_by": Initiator.ADVISOR.value if by_advisor else earlier.initiated_by.value,
        "narrative": _both(one["narrative"], other["narrative"], "\n"),
        "companions": _both(one.get("companions"), other.get("companions"), "；"),
        "mode_text": _both(one.get("mode_text"), other.get("mode_text"), "；"),
        "met": met or None,
        "dimensions": _worse(one.get("dimensions") or {}, other.get("dimensions") or {}) or None,
        "several_households": earlier.several_households or later.several_households or None,
    }
    return Form.of({name: value for name, value in said.items() if value is not None})


def _joined(one: Iterable[str], other: Iterable[str]) -> list[str]:
    return list(dict.fromkeys((*one, *other)))


def _both(one: str | None, other: str | None, between: str) -> str | None:
    if not one or not other:
        return one or other
    return one if other in one else f"{one}{between}{other}"


_Found = Mapping[str, Any]


def _worse(one: Mapping[str, _Found], other: Mapping[str, _Found]) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for name in Dimension:
        both = [said for said in (one.get(name), other.get(name)) if said is not None]
        if not both:
            continue
        worst = max(both, key=lambda said: Level(said["level"]).rank)
        notes = [cast("str", said["note"]) for said in both if said.get("note")]
        note = reduce(lambda before, after: str(_both(before, after, "\n")), notes) if notes else None
        found[name.value] = {**worst, **({"note": note} if note else {})}
    return found


def _said(found: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of a dimension, without what was left out."""
    return {name: value for name, value in found.items() if value is not None}
