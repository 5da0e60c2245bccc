"""The demo: invented people of the right mixture, untidy news, and a sandbox that shows every part of the work."""

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from cli.demo import filling, people
from cli.demo import news as demo_news
from cli.demo.client import Client
from cli.up import fill
from core import clock
from core.events import id_numbers
from core.events.cloudevents import Rejection, parse_event
from core.settings import Settings
from rules.facts import Person, parse_fact
from rules.policies import load_policies
from rules.rulebook import Rulebook
from tests.cli.running import Up, stop_servers

TODAY = date(2026, 8, 15)
START, END = clock.at(TODAY, 9), clock.at(date(2026, 11, 23), 18)


@pytest.fixture(scope="module")
def register() -> list[people.Resident]:
    return people.residents(2000, TODAY)


def test_the_invented_people_do_not_exist_and_are_the_same_every_time(register: list[people.Resident]) -> None:
    numbers = [one.id_number for one in register if one.id_number]
    assert len(set(numbers)) == len(numbers) >= 1990
    assert all(id_numbers.normalise(one) == one and one.startswith("319999") for one in numbers)
    assert people.residents(2000, TODAY) == register


def test_they_are_of_all_ages_and_some_have_rare_names(register: list[people.Resident]) -> None:
    ages = [(TODAY - one.born).days // 365.25 for one in register]
    assert min(ages) <= 8
    assert max(ages) >= 92
    assert any(ord(letter) > 0xFFFF for one in register for letter in one.name)
    assert any(one.name.startswith("欧阳") for one in register)


def test_about_a_tenth_is_at_high_risk_and_three_tenths_are_key(register: list[people.Resident]) -> None:
    rulebook = Rulebook(load_policies())
    tiers: Counter[str] = Counter()
    for one in register:
        person = Person(birth_date=one.born, facts=tuple(parse_fact(fact) for fact in one.facts))
        tier = rulebook.verdict(person, TODAY).tier
        assert tier == one.expected, one
        tiers[tier] += 1
    shares = {tier: count / len(register) for tier, count in tiers.items()}
    assert 0.08 <= shares["high"] <= 0.12
    assert 0.27 <= shares["key"] <= 0.33
    assert 0.57 <= shares["general"] <= 0.63


def test_about_sixty_advisors_serve_every_committee() -> None:
    staff = people.staff()
    assert 55 <= sum(one.role.endswith("advisor") for one in staff) <= 65
    assert len({one.username for one in staff}) == len({one.name for one in staff}) == len(staff)
    served = {code for one in staff if one.role == "committee_advisor" for code in one.committees}
    assert served == {place.committee for place in people.places()}
    assert len({place.street for place in people.places()}) == 17


def test_the_news_is_well_formed_but_for_one_event_and_comes_twice_late_and_out_of_order(
    register: list[people.Resident],
) -> None:
    news = demo_news.stream(register, START, END)
    refused = [one for one in news if isinstance(parse_event(one.event, index=0, now=one.at), Rejection)]
    assert len(refused) == 1
    names = Counter(one.event["id"] for one in news)
    assert sum(count > 1 for count in names.values()) >= 5
    times = [one.event["time"] for one in news if one not in refused]
    assert times != sorted(times)
    assert START <= news[0].at <= news[-1].at <= END
    assert all(register[0].reference != one.event["data"]["person"] for one in news)
    assert demo_news.stream(register, START, END) == news


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    stop_servers(tmp_path / "data")


@pytest.mark.long(25)
def test_a_filled_sandbox_shows_visits_made_and_missed_and_the_printed_commands_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(filling, "RESIDENTS", 120)
    monkeypatch.setattr(filling, "DAYS", 50)
    up = Up(folder, "--sandbox")
    try:
        fill(Settings(data=folder))
        said = capsys.readouterr().out
        assert filling.PASSWORD in said
        assert re.findall(r"^\d\. ", said, re.MULTILINE) == ["1. ", "2. ", "3. "]
        with Client(up.url) as client:
            client.token = client.sign_in("district", filling.PASSWORD)["token"]
            tasks = list(client.items("/v1/tasks"))
            alerts = Counter(one["status"] for one in client.items("/v1/alerts"))
            levels = {one["level"] for one in client.items("/v1/escalations")}
            now = client.call("POST", "/v1/sandbox/settle")["now"]
        assert {"open", "done"} <= {one["state"] for one in tasks}
        assert any(one["overdue"] for one in tasks)
        assert alerts["quarantined"] == alerts["conflict"] == 1
        assert max(levels) == 5
        assert now[:10] == clock.today(clock.real_now()).isoformat()
        _try_the_printed_commands(said)
        fill(Settings(data=folder))
        again = capsys.readouterr()
        assert "nothing is added" in again.err
        assert "yueyang-1" in again.out
    finally:
        up.stop()


def _try_the_printed_commands(said: str) -> None:
    if not (shutil.which("curl") and shutil.which("bash")):
        return
    commands = re.split(r"^\d\. .*\n", said, flags=re.MULTILINE)[1:3]
    pushed, shown = (
        subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
        for command in (commands[0], f"sleep 2\n{commands[1]}")
    )
    assert json.loads(pushed)["accepted"] == 1
    [task] = json.loads(shown)["items"]
    assert task["kind"] == "visit"
    assert [duty["kind"] for duty in task["duties"]] == ["response"]
    assert "continuity" in task["assigned_because"]
