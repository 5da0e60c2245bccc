"""Invented people: residents who do not exist (area 319999) and their visitors, the same ones for the same seed."""

import itertools
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from core import seeds
from core.events import id_numbers

Fact = dict[str, Any]

SEED = 20240723
COMMITTEES_EACH = 9  # committees of one committee advisor
CAPACITY = 40  # visits a month
SHORT_OF_PEOPLE = "310117107"  # a street whose advisors cannot do everything, so that its pools fill

_TIERS, _SHARES = ("high", "key", "general"), (12, 30, 58)
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "司徒", "皇甫")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾"
    "夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_WORDS: Mapping[str, Sequence[str]] = {
    group: words.split()
    for group, words in {
        "old_men": "建国 国强 志明 德林 金根 阿根 永康 福生 炳生 根发 荣华 宝根 正祥 树人 伯良 关林 水根 仁德 光明",
        "old_women": "秀英 桂英 玉兰 凤英 桂芳 素珍 月娥 金妹 彩娣 根妹 雪珍 巧云 美娟 惠芳 林妹 招娣 爱珍 翠英 淑琴",
        "men": "伟 强 磊 军 勇 杰 涛 超 明 斌 志强 海波 晓东 建平 俊杰 文军 国栋 永明 振华 家豪",
        "women": "芳 敏 静 丽 艳 娟 霞 燕 玲 红梅 晓燕 雪梅 丽华 海燕 文静 佳怡 慧敏 春兰 婷婷 美玲",
        "children": "子轩 浩宇 梓涵 欣怡 宇航 思远 一诺 雨桐 嘉乐 诗涵 俊熙 语嫣 天佑 可心 沐阳 若曦",
        "roads": "人民北路 中山中路 谷阳路 文诚路 乐都路 荣乐东路 思贤路 新松江路 沪松公路 车亭公路 松卫路 北松公路",
    }.items()
}
_NAMES_OF_STREETS: Mapping[str, str] = {
    "310117001": "yueyang",
    "310117002": "yongfeng",
    "310117003": "fangsong",
    "310117004": "zhongshan",
    "310117005": "guangfulin",
    "310117006": "jiuliting",
    "310117102": "sijing",
    "310117103": "sheshan",
    "310117104": "chedun",
    "310117105": "xinqiao",
    "310117106": "dongjing",
    "310117107": "jiuting",
    "310117109": "maogang",
    "310117116": "shihudang",
    "310117117": "xinbang",
    "310117120": "yexie",
    "310117121": "xiaokunshan",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A committee and its street, as the seed has them."""

    street: str
    street_name: str
    committee: str
    committee_name: str


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who signs in."""

    username: str
    name: str
    role: str
    street: str | None = None
    committees: tuple[str, ...] = ()
    capacity: int = CAPACITY
    where: str = "全区"


@dataclass(slots=True)
class Resident:
    """An invented person as the register knows them. `expected` is the tier that the facts were chosen for."""

    number: int
    name: str
    born: date
    id_number: str | None
    place: Place
    household: str
    relation: str
    expected: str
    facts: list[Fact] = field(default_factory=list)

    @property
    def reference(self) -> dict[str, str]:
        """How an event names this person."""
        return {"id_number": self.id_number} if self.id_number else {"external_id": f"R{self.number:06d}"}

    @property
    def tags(self) -> set[str]:
        """The assistance this person has."""
        return {fact["tag"] for fact in self.facts if fact["kind"] == "assistance"}

    def data(self) -> dict[str, Any]:
        """The `data` of the event that registers this person."""
        person = {
            **self.reference,
            "name": self.name,
            "street": self.place.street,
            "committee": self.place.committee,
            "phone": f"100{self.number:08d}",
            "address": f"{self.place.street_name}{_WORDS['roads'][self.number % 12]}{self.number % 300 + 1}号",
            "household": self.household,
            "relation": self.relation,
        }
        if self.id_number is None:
            person |= {"birth_date": self.born.isoformat(), "sex": "male" if self.number % 2 else "female"}
        return {"person": person, "facts": self.facts}


def places() -> list[Place]:
    """Every committee of the 17 streets, in order of code."""
    return [
        Place(street["code"], street["name"], committee["code"], committee["name"])
        for street in seeds.official_streets()
        for committee in street["committees"]
    ]


def staff(*, capacity: int | None = None) -> list[Staff]:
    """Three for the district; for each street a manager, an advisor and committee advisors; some visitors.

    `capacity` replaces that of everybody, visits a month.
    """
    dice = random.Random(SEED)
    names = iter(_staff_names(dice))
    found = [
        Staff("admin", next(names), "admin"),
        Staff("district", next(names), "district_officer"),
        Staff("auditor", next(names), "auditor"),
    ]
    by_street: dict[str, list[Place]] = {}
    for place in places():
        by_street.setdefault(place.street, []).append(place)
    for index, (street, committees) in enumerate(by_street.items()):
        known, label = _NAMES_OF_STREETS.get(street, street), committees[0].street_name
        found.append(Staff(f"{known}-manager", next(names), "street_manager", street, where=label))
        found.append(Staff(f"{known}-advisor", next(names), "street_advisor", street, where=label))
        usual = CAPACITY // 8 if street == SHORT_OF_PEOPLE else CAPACITY
        for number, own in enumerate(_shares(committees), start=1):
            found.append(_of_committees(f"{known}-{number}", next(names), own, capacity or usual))
        if index < 5:
            visitor = _of_committees(f"{known}-visitor", next(names), committees[-3:], capacity or CAPACITY // 4)
            found.append(
                Staff(visitor.username, visitor.name, "visitor", street, visitor.committees, 10, visitor.where)
            )
    return found


def _of_committees(username: str, name: str, own: Sequence[Place], capacity: int) -> Staff:
    where = f"{own[0].street_name}：{own[0].committee_name}等{len(own)}个居村"
    return Staff(
        username, name, "committee_advisor", own[0].street, tuple(place.committee for place in own), capacity, where
    )


def _shares(committees: Sequence[Place]) -> list[list[Place]]:
    """Neighbouring committees for each advisor; a third of the next one's are shared, so that there is a choice."""
    people = max(2, round(len(committees) / COMMITTEES_EACH))
    bounds = [round(len(committees) * number / people) for number in range(people + 1)]
    shares = []
    for first, last in itertools.pairwise(bounds):
        shared = (last - first) // 3 if last < len(committees) else 0
        shares.append(list(committees[first : last + shared]))
    return shares


def _staff_names(dice: random.Random) -> list[str]:
    surnames = dice.sample(_SURNAMES, len(_SURNAMES))
    return [
        surname + dice.choice(_WORDS["men" if index % 3 == 0 else "women"]) for index, surname in enumerate(surnames)
    ]


def residents(count: int, today: date) -> list[Resident]:
    """People of all ages from 3 to 95 with facts that put about 10 % into the high tier, 30 % key, the rest general.

    Facts are dated before `today`. The first one lives in the first committee, is of the general tier, and no news
    is invented about them: they are there to be tried out on.
    """
    dice = random.Random(SEED + 1)
    everywhere = places()
    made: list[Resident] = []
    born_that_day: Counter[tuple[date, bool]] = Counter()
    while len(made) < count:
        place = everywhere[0] if not made else dice.choice(everywhere)
        surname = dice.choice(_COMPOUND) if dice.random() < 0.02 else dice.choice(_SURNAMES)
        household = f"H{len(made) + 1:05d}"
        members = 1 if not made else dice.choices((1, 2, 3, 4), (45, 30, 17, 8))[0]
        shared = dice.choices(_TIERS, _SHARES)[0]
        for member in range(min(members, count - len(made))):
            # Hardship runs in families.
            expected = shared if dice.random() < 0.7 else dice.choices(_TIERS, _SHARES)[0]
            made.append(
                _resident(len(made) + 1, surname, place, household, member, expected, today, born_that_day, dice)
            )
    # Names the way real registers hold them: a character outside the BMP, a name with a middle dot.
    for number, name in ((11, "王𠮷平"), (12, "阿依古丽·买买提")):
        if number < count:
            made[number].name = name
    for number in (21, 22):
        if number < count:
            made[number].id_number = None
    return made


def _resident(
    number: int,
    surname: str,
    place: Place,
    household: str,
    member: int,
    expected: str,
    today: date,
    born_that_day: Counter[tuple[date, bool]],
    dice: random.Random,
) -> Resident:
    expected = "general" if number == 1 else expected
    shape = dice.choice(_SHAPES[expected])
    youngest, oldest = _AGES.get(shape, (3, 95))
    if member >= 2:
        youngest, oldest = (3, 17) if youngest <= 17 else (youngest, oldest)
    elif youngest < 19:
        youngest = 19
    # A triangle with its top near the end: most people of the register are old.
    age = int(dice.triangular(youngest, oldest + 0.99, youngest + (oldest - youngest) * 0.7))
    born = today - timedelta(days=int(age * 365.25) + dice.randrange(5, 360))
    is_man = dice.random() < 0.48
    born_that_day[born, is_man] += 1
    relation = ("户主", "配偶", "子女", "子女")[member]
    if member == 1:
        surname = dice.choice(_SURNAMES)
    return Resident(
        number=number,
        name=surname + _given_name(age, is_man, dice),
        born=born,
        id_number=id_numbers.make(born, 2 * born_that_day[born, is_man] + is_man),
        place=place,
        household=household,
        relation=relation,
        expected=expected,
        facts=_FACTS[shape](dice, today) if number > 1 else [_assistance(dice, today, "dibao_urban")],
    )


def _given_name(age: int, is_man: bool, dice: random.Random) -> str:
    group = "children" if age < 18 else ("old_men" if is_man else "old_women") if age >= 60 else None
    return dice.choice(_WORDS[group or ("men" if is_man else "women")])


def _before(dice: random.Random, today: date, least: int, most: int) -> str:
    return (today - timedelta(days=dice.randint(least, most))).isoformat()


def _assistance(dice: random.Random, today: date, *tags: str, support: str | None = None) -> Fact:
    fact: Fact = {"kind": "assistance", "tag": dice.choice(tags), "valid_from": _before(dice, today, 200, 2200)}
    return {**fact, "valid_to": None, **({"support": support} if support else {})}


_DIBAO = ("dibao_urban", "dibao_rural", "dibao_edge")


def _aided_and_struck(dice: random.Random, today: date) -> list[Fact]:
    happened = _before(dice, today, 1, 60)
    cause = dice.choice(("accident", "serious_illness", "emergency"))
    return [
        _assistance(dice, today, *_DIBAO),
        {"kind": "major_change", "cause": cause, "valid_from": happened, "valid_to": None},
    ]


def _ill(dice: random.Random, today: date) -> list[Fact]:
    basis = dice.choice(("outpatient_registration", "diagnosis", "civil_affairs"))
    since = _before(dice, today, 60, 900)
    return [
        _assistance(dice, today, *_DIBAO, "expenditure_poor"),
        {"kind": "serious_illness", "basis": basis, "valid_from": since, "valid_to": None},
    ]


def _disabled(dice: random.Random, today: date) -> list[Fact]:
    category, grade = dice.choice(((1, 1), (4, 2), (5, 3), (6, 2), (6, 3), (7, 1)))
    since = _before(dice, today, 300, 6000)
    return [
        _assistance(dice, today, *_DIBAO),
        {"kind": "disability", "category": category, "grade": grade, "valid_from": since, "valid_to": None},
    ]


def _in_the_register(dice: random.Random, today: date) -> list[Fact]:
    facts = [_assistance(dice, today, *_DIBAO, *_DIBAO, "expenditure_poor")]
    if dice.random() < 0.1:
        since = _before(dice, today, 30, 400)
        facts.append({"kind": "outreach", "tag": "covered_more_possible", "valid_from": since, "valid_to": None})
    return facts


def _warned(dice: random.Random, today: date) -> list[Fact]:
    pushed = _before(dice, today, 20, 200)
    return [{"kind": "warning", "warning": "illness_poverty", "valid_from": pushed, "valid_to": None}]


_SHAPES: Mapping[str, Sequence[str]] = {
    "high": ("old_and_alone", "old_and_alone", "struck"),
    "key": ("ill", "ill", "disabled", "disabled", "aided_disabled", "alone"),
    "general": (*("register",) * 16, "institution", "warned"),
}
_AGES: Mapping[str, tuple[int, int]] = {
    "old_and_alone": (71, 95),
    "struck": (20, 85),
    "alone": (45, 68),
    "institution": (60, 95),
}
_FACTS: Mapping[str, Any] = {
    "old_and_alone": lambda dice, today: [_assistance(dice, today, "tekun", support="scattered")],
    "struck": _aided_and_struck,
    "ill": _ill,
    "disabled": _disabled,
    "aided_disabled": lambda dice, today: [_assistance(dice, today, "severe_disability_aid")],
    "alone": lambda dice, today: [_assistance(dice, today, "tekun", support="scattered")],
    "register": _in_the_register,
    "institution": lambda dice, today: [_assistance(dice, today, "tekun", support="centralised")],
    "warned": _warned,
}
