"""A district in which an invented year is lived: on each of its busy days people move, fall ill, are visited, die."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from tests.journeys.district import District
from tests.journeys.lives import Fact, Life, Went, named, visits_of
from tests.journeys.scripts import (
    ALL_WELL,
    COMMITTEES,
    OVERLAYS,
    RISK,
    TAGGED,
    TAGS,
    Script,
    Step,
    colleague,
    month_end,
)

Answer = tuple[int, Any]

# A correction later than that after the close needs approval (A21).
APPROVAL_DAYS: Final = 15


@dataclass
class Year:
    """A district in which a script is played."""

    district: District
    script: Script
    lives: list[Life] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    # Which street put which document in force from which day.
    overlays: list[tuple[str, date, dict[str, Any]]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def open(self) -> None:
        """Everybody who works here, and everybody on the register; both streets keep a tag of their own."""
        for committee in COMMITTEES:
            self.district.add(colleague(committee), "committee_advisor", street=committee[:9], committees=[committee])
        for street in sorted({committee[:9] for committee in COMMITTEES}):
            assert self._cover(street, TAGGED, self.today)[0] < 300
        for number, (born, committee) in enumerate(self.script.births):
            dice = Random(self.script.seed * 1_000 + number)
            facts = [self._aid(dice, tag) for tag in dice.sample(TAGS, dice.choice((1, 1, 2)))]
            resident = self.district.register(*facts, committee=committee, born=born)
            life = Life(number, born, resident, committee, committee)
            for fact in facts:
                life.tell(self.now, "fact", **fact)
            self.lives.append(life)

    def play(self, step: Step) -> None:
        """One step; what is refused is written down like what is not."""
        life = self.lives[step.who]
        act: Callable[[Life, Random], Answer | None] = getattr(self, step.what)
        answer = None if life.is_merged_away else act(life, Random(step.seed))
        status, body = answer or (0, None)
        assert status < 500, (step, body)
        refused = body.get("code") if status >= 400 else None
        self.told.append(f"{step.on} #{step.who} {step.what} {status} {refused or ''}".rstrip())
        if status and status < 300:
            self.done[step.what] += 1
        self.district.door.world.settle()
        self.district.door.world.business.at += timedelta(minutes=1)

    @property
    def now(self) -> datetime:
        return self.district.door.world.now

    @property
    def today(self) -> date:
        return self.district.today

    def about(self, life: Life) -> list[str]:
        """What happened to somebody."""
        return [line for line in self.told if f" #{life.number} " in line]

    # News

    def aided(self, life: Life, dice: Random) -> Answer | None:
        known = {fact["tag"] for fact in life.open(self.today, "assistance")}
        free = [tag for tag in TAGS if tag not in known]
        return self._record(life, self._aid(dice, dice.choice(free))) if free else None

    def ill(self, life: Life, dice: Random) -> Answer | None:
        basis = dice.choice(("diagnosis", "outpatient_registration", "found_on_visit"))
        return self._record(life, {"kind": "serious_illness", "basis": basis, "valid_from": self._near(dice, -20, 0)})

    def disabled(self, life: Life, dice: Random) -> Answer | None:
        grade = dice.choice((2, 3, 4))
        return self._record(
            life, {"kind": "disability", "category": 5, "grade": grade, "valid_from": self._near(dice, -9, 9)}
        )

    def paused(self, life: Life, dice: Random) -> Answer | None:
        begins = self.today.replace(day=1) + timedelta(days=dice.choice((0, 31)))
        ends = None if dice.random() < 0.3 else self._near(dice, 40, 70)
        pause = {"kind": "pause", "reason": "住院", "valid_from": str(begins.replace(day=1)), "valid_to": ends}
        return self._record(life, pause)

    def tagged(self, life: Life, dice: Random) -> Answer | None:
        """A street's own tag, which only its people enter."""
        fact = {"kind": "street_tag", "tag": "living_alone", "valid_from": self._near(dice, -9, 0)}
        if life.has(fact):
            return None
        path = f"/v1/residents/{life.resident.resident_id}/facts"
        answer = self._ask("POST", path, by="advisor-" + life.committee[:9], json=fact)
        if answer[0] < 300:
            life.tell(self.now, "fact", **fact)
        return answer

    def ended(self, life: Life, dice: Random) -> Answer | None:
        open_ = life.open(self.today, "assistance", "major_change", "serious_illness", "pause")
        if not open_:
            return None
        fact = dice.choice(open_)
        on = max(fact["valid_from"], self._near(dice, -6, 6))
        life.tell(self.now, "ended", on=on, **named(fact))
        return self._tell(life, "fact.ended", on=on, **named(fact))

    def retracted(self, life: Life, dice: Random) -> Answer | None:
        facts = life.known(self.today).facts
        if not facts:
            return None
        fact = dice.choice(facts)
        life.tell(self.now, "retracted", **named(fact))
        return self._tell(life, "fact.retracted", reason="同名误报", **named(fact))

    def changed(self, life: Life, dice: Random) -> Answer | None:
        cause = dice.choice(("accident", "emergency", "serious_illness", "other"))
        happened_on = dice.choice((str(self.today), self._near(dice, -40, 0)))
        return self._news(
            life,
            f"change.{cause}",
            {"kind": "major_change", "cause": cause, "valid_from": happened_on},
            happened_on=happened_on,
        )

    def warned(self, life: Life, dice: Random) -> Answer | None:
        pushed_on = dice.choice((str(self.today), self._near(dice, -360, -300)))
        fact = {"kind": "warning", "warning": "illness_poverty", "valid_from": pushed_on}
        return self._news(life, "warning.illness_poverty", fact, pushed_on=pushed_on)

    def led(self, life: Life, dice: Random) -> Answer | None:
        return self._tell(life, "lead.reported", channel=dice.choice(("hotline", "neighbour")), description="几天没见")

    def left(self, life: Life, dice: Random) -> Answer | None:
        return self._go(life, "left", self._near(dice, -3, 0))

    def died(self, life: Life, dice: Random) -> Answer | None:
        return self._go(life, "died", self._near(dice, -20, 0))

    def restored(self, life: Life, dice: Random) -> Answer | None:
        """Of all who died or left, somebody did not."""
        gone = [each for each in self.lives if each.is_gone(self.today) and not each.is_merged_away]
        if not gone:
            return None
        back = dice.choice(gone)
        self.told.append(f"{self.today} #{back.number} is back")
        back.tell(self.now, "restored")
        return self._tell(back, "resident.restored", reason="派出所核实，系同名他人")

    def moved(self, life: Life, dice: Random) -> Answer | None:
        to = dice.choice([committee for committee in COMMITTEES if committee != life.committee])
        on = self._near(dice, -15, 0)
        life.tell(self.now, "moved", on=on, to=to)
        # Of several moves the one that begins last says where they belong.
        answer = self._tell(life, "resident.moved", on=on, to_street=to[:9], to_committee=to)
        life.committee = max(
            (each.said for each in life.told if each.what == "moved"),
            key=lambda move: (move["on"], move is life.told[-1].said),
        )["to"]
        return answer

    def twice(self, life: Life, dice: Random) -> Answer | None:
        """Somebody was on the register twice, and the two become one."""
        other = dice.choice([each for each in self.lives if each is not life and not each.is_merged_away])
        if life.is_gone(self.today) or other.is_gone(self.today):
            return None
        answer = self._ask(
            "POST",
            f"/v1/residents/{life.resident.resident_id}/merge",
            by="district",
            json={"with": other.resident.resident_id, "reason": "电话核实，是同一人"},
        )
        if answer[0] < 300:
            other.is_merged_away = True
            life.untold = other.untold = "merged"
            self.told.append(f"{self.today} #{other.number} is #{life.number} now")
        return answer

    # Work

    def visited(self, life: Life, dice: Random) -> Answer | None:
        return self._visit(dice, life)

    def visited_together(self, life: Life, dice: Random) -> Answer | None:
        near = [each for each in self.lives if each.committee == life.committee and not each.is_merged_away]
        return self._visit(dice, *dice.sample(near, min(3, len(near))))

    def visited_again(self, life: Life, dice: Random) -> Answer | None:
        """The same visit is recorded by two people, and merged."""
        if not life.visits:
            return None
        went = dice.choice(life.visits)
        return self._visit(dice, life, on=went.service_date, mode=went.form["mode"])

    def corrected(self, life: Life, dice: Random) -> Answer | None:
        if not life.visits:
            return None
        went = dice.choice(life.visits)
        me = life.resident.resident_id
        changes: list[dict[str, Any]] = [
            {"mode": dice.choice(("home_visit", "phone", "reception"))},
            {"service_date": str(went.service_date - timedelta(days=dice.choice((1, 9))))},
            {"initiated_by": dice.choice(("resident", "advisor"))},
        ]
        if went.form["resident_ids"] == [me]:
            changes += [{"met": {me: not went.met}}, {"dimensions": dice.choice((ALL_WELL, RISK))}]
        change = dice.choice(changes)
        answer = self._mend(life, "PATCH", went.visit_id, **change, reason="当时写错了")
        if answer[0] < 300:
            for each in visits_of(self.lives, went.visit_id):
                each.form.update(change)
                earlier = min(each.service_date, date.fromisoformat(each.form["service_date"]))
                each.service_date = date.fromisoformat(each.form["service_date"])
                each.is_corrected_late |= (self.today - month_end(earlier)).days > APPROVAL_DAYS
            went.met = change.get("met", {}).get(me, went.met)
        return answer

    def voided(self, life: Life, dice: Random) -> Answer | None:
        standing = [went for went in life.visits if not went.is_void]
        if not standing:
            return None
        went = dice.choice(standing)
        answer = self._mend(life, "POST", f"{went.visit_id}/void", reason="没有去过")
        if answer[0] < 300:
            for each in visits_of(self.lives, went.visit_id):
                each.is_void = True
        return answer

    def tried(self, life: Life, dice: Random) -> Answer | None:
        outcome = dice.choice(("not_home", "refused", "refused", "hospital", "moved", "other"))
        task = self._task(life, dice, "visit")
        return task and self._act(life, task, "attempts", outcome=outcome, on=str(self.today), note="敲门")

    def excused(self, life: Life, dice: Random) -> Answer | None:
        """Somebody does not want to be visited, on two days."""
        task = self._task(life, dice, "visit")
        if task is None:
            return None
        for days in (1, 0):
            self._act(life, task, "attempts", outcome="refused", on=str(self.today - timedelta(days=days)), note="拒访")
        duty = dice.choice(sorted(task["duties"], key=str))
        period = {"period": duty["period"]} if duty["period"] else {}
        answer = self._act(life, task, "excuse", kind=duty["kind"], reason="两次拒访", **period)
        if answer[0] < 300:
            life.excused |= dict.fromkeys(period.values(), self.today)
        return answer

    def decided(self, life: Life, dice: Random) -> Answer | None:
        """Some open question of the district is answered."""
        found = self._somebodys_task(dice, dice.choice(("decision", "confirm")))
        if found is None:
            return None
        life, task = found
        if task["kind"] == "decision":
            return self._decide(life, task, dice)
        answer = self._act(life, task, "decide", outcome=dice.choice(("confirm", "confirm", "reject")), result="已核实")
        if answer[0] < 300:
            life.untold = "confirmed"
        return answer

    def completed(self, life: Life, dice: Random) -> Answer | None:
        kind = dice.choice(("lead", "welfare_check", "follow_up"))
        found = self._somebodys_task(dice, kind)
        return None if found is None else self._act(*found, "complete", result="已联系，情况平稳")

    def away(self, life: Life, dice: Random) -> Answer | None:
        absence = {"from": self._near(dice, 0, 5), "to": self._near(dice, 6, 20), "reason": "年休假"}
        who = self.district.id_of(dice.choice((life.committee, colleague(life.committee))))
        return self._ask("POST", f"/v1/users/{who}/absences", by="manager-" + life.committee[:9], json=absence)

    def handed_over(self, life: Life, dice: Random) -> Answer | None:
        who = self.district.id_of(dice.choice((life.committee, colleague(life.committee))))
        return self._ask(
            "POST", f"/v1/users/{who}/handover", by="manager-" + life.committee[:9], json={"dry_run": False}
        )

    def covered(self, life: Life, dice: Random) -> Answer | None:
        later = self.today + timedelta(days=dice.randint(1, 30))
        return self._cover(life.committee[:9], dice.choice(OVERLAYS), later)

    # How it is said

    def _ask(self, method: str, path: str, *, by: str, json: Any, headers: dict[str, str] | None = None) -> Answer:
        return self.district.ask(method, path, by=by, json=json, headers=headers)

    def _cover(self, street: str, document: dict[str, Any], on: date) -> Answer:
        body = {"document": document, "effective_on": str(on), "comment": "试行"}
        answer = self._ask("PUT", f"/v1/streets/{street}/coverage", by=f"manager-{street}", json=body)
        if answer[0] < 300:
            self.overlays.append((street, on, document))
        return answer

    def _near(self, dice: Random, low: int, high: int) -> str:
        return str(self.today + timedelta(days=dice.randint(low, high)))

    def _aid(self, dice: Random, tag: str) -> Fact:
        support = {"support": dice.choice(("scattered", "scattered", "centralised"))} if tag == "tekun" else {}
        return {"kind": "assistance", "tag": tag, "valid_from": self._near(dice, -50, 0), "valid_to": None, **support}

    def _tell(self, life: Life, event_type: str, **data: Any) -> Answer:
        self.district.tell(event_type, life.resident, **data)
        return 202, None

    def _record(self, life: Life, fact: Fact) -> Answer | None:
        return self._news(life, "fact.recorded", fact, fact=fact)

    def _news(self, life: Life, event_type: str, fact: Fact, /, **data: Any) -> Answer | None:
        if life.has(fact):
            return None
        life.tell(self.now, "fact", **fact)
        return self._tell(life, event_type, **data)

    def _go(self, life: Life, what: str, on: str) -> Answer | None:
        if life.is_gone(self.today):
            return None
        life.tell(self.now, what, on=on)
        return self._tell(life, f"resident.{what}", on=on)

    def _visit(self, dice: Random, *lives: Life, on: date | None = None, mode: str | None = None) -> Answer:
        first = lives[0]
        by = dice.choice((first.committee, colleague(first.committee), f"advisor-{first.committee[:9]}"))
        service_date = on or max(self.script.first, self.today - timedelta(days=dice.choice((0, 0, 0, 0, 1, 5, 25))))
        met = {life.resident.resident_id: dice.random() < 0.85 for life in lives}
        form = self.district.form(
            *(life.resident for life in lives),
            mode=mode or dice.choice(("home_visit", "home_visit", "home_visit", "phone", "wechat", "reception")),
            service_date=str(service_date),
            met=met,
            initiated_by=dice.choice(("advisor", "advisor", "advisor", "resident")),
            several_households=True,
            merge=True,
        )
        if (found := dice.choice((None, ALL_WELL, RISK))) and len(lives) == 1:
            form["dimensions"] = found
        answer = self._ask("POST", "/v1/visits", by=by, json=form)
        if answer[0] in (200, 201):
            visit_id = answer[1]["visit_id"]
            for life in lives:
                share = Went(visit_id, service_date, self.now, dict(form), met[life.resident.resident_id])
                life.visits = [went for went in life.visits if went.visit_id != visit_id] + [share]
            if answer[0] == 200:
                # A merge is the union of two records, which is not told here again: other tests know more.
                for life in self.lives:
                    if visits_of([life], visit_id):
                        life.untold = "merged visits"
        return answer

    def _mend(self, life: Life, method: str, visit: str, **body: Any) -> Answer:
        by = "advisor-" + life.committee[:9]
        return self._ask(method, f"/v1/visits/{visit}", by=by, json=body, headers={"If-Match": "*"})

    def _task(self, life: Life, dice: Random, kind: str) -> Any:
        found = self.district.everything(
            "/v1/tasks", by="district", state="open", kind=kind, resident_id=life.resident.resident_id
        )
        return dice.choice(sorted(found, key=_place)) if found else None

    def _somebodys_task(self, dice: Random, kind: str) -> tuple[Life, Any] | None:
        """An open task of a kind, whoever it is about."""
        by_id = {life.resident.resident_id: life for life in self.lives}
        found = [
            (by_id[task["resident"]["resident_id"]], task)
            for task in self.district.everything("/v1/tasks", by="district", state="open", kind=kind)
        ]
        return dice.choice(sorted(found, key=lambda each: (each[0].number, _place(each[1])))) if found else None

    def _decide(self, life: Life, task: Any, dice: Random) -> Answer:
        """The change is over, or goes on."""
        causes = {cause["happened_on"] for cause in task["causes"]}
        facts = [fact for fact in life.open(self.today, "major_change") if fact["valid_from"] in causes]
        outcome = dice.choice(("close", "extend"))
        until = {"until": self._near(dice, 1, 20)} if outcome == "extend" else {}
        answer = self._act(life, task, "decide", outcome=outcome, result="已核实", **until)
        if answer[0] < 300 and outcome == "close":
            if len(facts) == 1:
                life.tell(self.now, "ended", on=self._near(dice, -1, -1), **named(facts[0]))
            else:
                life.untold = "decided"
        return answer

    def _act(self, life: Life, task: Any, what: str, **body: Any) -> Answer:
        street = task["resident"]["committee"][:9]
        return self._ask("POST", f"/v1/tasks/{task['task_id']}/{what}", by=f"advisor-{street}", json=body)


def _place(task: Any) -> tuple[Any, ...]:
    """Where a task stands among others, in every world alike."""
    return task["due_on"], str(task["tier"]), str([sorted(duty.items()) for duty in task["duties"]]), str(task["why"])
