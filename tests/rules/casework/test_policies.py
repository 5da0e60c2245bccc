"""The casework policy: complete, dated, sourced; and what a district's version may say."""

import pickle
from datetime import date, timedelta
from typing import Any

import pytest
import yaml

from rules.casework.casebook import Casebook
from rules.casework.codes import Category, Dimension, Level, PartnerKind, RuleName, Sign
from rules.casework.limits import LimitName, bundled
from rules.casework.policies import casework_texts, load_casework_policies, parse_casework_policy
from rules.casework.rules import Kind
from rules.documents import DocumentInvalid
from rules.policies import NotInForce, load_policies
from tests.rules.casework.cases import POLICY, RULEBOOK

LATER = date(2026, 9, 1)
RULES: list[dict[str, Any]] = yaml.safe_load(casework_texts()[0])["rules"]

LABELS = """
economy 经济 income_lost 收入中断 rigid_spending 刚性支出重 debt 负债 benefit_not_claimed 该享未享
health 健康 acute 突发不适 chronic_untreated 慢病未规律治疗 medicine_cost 药费负担重 self_care_lost 自理能力下降
 serious_illness 疑似重病 mental 情绪或精神异常
education 教育 dropout_risk 失学风险 fees 学费困难 no_tutoring 无人辅导
housing 居住 unsafe 用电用气或房屋不安全 leak 漏水破损 no_barrier_free 需适老化改造 eviction 住房不稳
employment 就业 unemployed 失业 wants_training 想学技能 carer_bound 因照料不能就业
social 社会参与 alone 独居无人往来 no_supporter 无赡养扶养 conflict 家庭矛盾 abuse 疑似侵害
"""
CATEGORIES = """
daily_care 生活照料 medical 医疗康复 counselling 心理疏导 family 家庭关系调适 employment 就业支持 education 教育助学
housing 居住改善 aid 救助申请 legal 法律援助 goods 物资帮扶 social_life 社会参与 other 其他
"""


def problems(document: Any, **beside: Any) -> dict[str, str]:
    with pytest.raises(DocumentInvalid) as refused:
        parse_casework_policy(document, **({"version": 2, "effective_on": LATER} | beside))
    return {problem.loc.partition(" ")[0]: problem.code for problem in refused.value.problems}


def rules(*changed: dict[str, Any]) -> dict[str, Any]:
    """A version with the bundled rules and more."""
    return {"rules": [*RULES, *changed]}


def rule(**changes: Any) -> dict[str, Any]:
    made = {
        "id": "a",
        "clause": "四（二）",
        "label": "甲",
        "when": {"level_at_least": "watch"},
        "raises": {"plan": True},
    }
    return {key: value for key, value in (made | changes).items() if value is not None}


def test_the_policy_is_in_force_from_the_day_the_guidance_was_issued() -> None:
    assert (POLICY.id, POLICY.version, POLICY.effective_on) == ("casework-2024-33", 1, date(2024, 7, 23))
    with pytest.raises(NotInForce):
        POLICY.limit(LimitName.NEED, date(2024, 7, 22))


def test_it_is_no_tier_policy_and_the_tier_policy_is_none_of_it() -> None:
    assert [policy.id for policy in load_casework_policies()] == ["casework-2024-33"]
    assert [policy.id for policy in load_policies()] == ["songjiang-2024-33"]


def test_the_dimensions_and_signs_are_called_as_on_the_form() -> None:
    said = [
        word
        for dimension, terms in POLICY.dimensions.items()
        for word in (dimension, terms.label, *(w for sign, each in terms.signs.items() for w in (sign, each.label)))
    ]
    assert said == LABELS.split()
    assert list(POLICY.dimensions) == list(Dimension)
    assert {POLICY.dimension_of(sign) for sign in Sign} == set(Dimension)
    assert list(POLICY.levels.items()) == [
        (Level.OK, "无异常"),
        (Level.WATCH, "关注"),
        (Level.RISK, "有隐患"),
        (Level.URGENT, "急需"),
    ]


def test_the_categories_are_called_as_settled_and_each_has_partners_that_take_it() -> None:
    assert [word for category, terms in POLICY.categories.items() for word in (category, terms.label)] == (
        CATEGORIES.split()
    )
    assert all(terms.partners for terms in POLICY.categories.values())
    assert {partner for terms in POLICY.categories.values() for partner in terms.partners} == set(PartnerKind)


def test_each_dimension_names_the_category_its_rules_raise_and_abuse_is_a_matter_of_family() -> None:
    assert {dimension.value: terms.category.value for dimension, terms in POLICY.dimensions.items()} == {
        "economy": "aid",
        "health": "medical",
        "education": "education",
        "housing": "housing",
        "employment": "employment",
        "social": "social_life",
    }
    social = POLICY.dimensions[Dimension.SOCIAL].signs
    assert social[Sign.ABUSE].category is Category.FAMILY
    assert social[Sign.ALONE].category is Category.SOCIAL_LIFE


def test_the_seven_rules_name_clause_label_and_what_they_raise() -> None:
    assert [each.rule.id for each in POLICY.rules] == list(RuleName)
    assert all(each.rule.clause.startswith("四（") and each.rule.label for each in POLICY.rules)
    assert {each.rule.id: each.raises.kinds for each in POLICY.rules} == {
        "urgent": (Kind.NEED, Kind.FOLLOW_UP, Kind.NOTICE),
        "risk": (Kind.NEED, Kind.FOLLOW_UP),
        "watched_twice": (Kind.SUGGESTION,),
        "several_risks": (Kind.PLAN,),
        "illness_seen": (Kind.FACT,),
        "abuse_seen": (Kind.NEED, Kind.FOLLOW_UP, Kind.NOTICE),
        "not_claimed": (Kind.NEED,),
    }
    (abuse,) = (each.raises.notice for each in POLICY.rules if each.rule.id == "abuse_seen")
    assert abuse is not None
    assert list(abuse.to) == ["street_advisor", "street_manager"]
    assert "立即报告" in abuse.words


def test_a_version_states_only_what_it_changes_and_its_numbers_name_its_source() -> None:
    document = "source: 松民发〔2026〕9号\nlimits: {need_working_days: 8, follow_up_days: {urgent: 5}}\n"
    later = parse_casework_policy(document, version=2, effective_on=LATER)
    assert (later.version, later.effective_on, later.id) == (2, LATER, POLICY.id)
    assert (later.rules, later.dimensions) == (POLICY.rules, POLICY.dimensions)
    changed, kept = later.limit(LimitName.NEED, LATER), later.limit(LimitName.FOLLOW_UP_RISK, LATER)
    assert (changed.amount, changed.reference) == (8, "松民发〔2026〕9号")
    assert later.limit(LimitName.FOLLOW_UP_URGENT, LATER).amount == 5
    assert kept == POLICY.limit(LimitName.FOLLOW_UP_RISK, LATER)
    # Before its first day its numbers were the former ones.
    assert later.limit(LimitName.NEED, date(2026, 8, 31)).amount == 10


# Those that stand fixed have a range of one number.
@pytest.mark.parametrize("name", [name for name, number in bundled().items() if len(set(number.limits or ())) != 1])
def test_what_a_number_changes_to_is_in_force_on_its_day_and_not_before(name: LimitName) -> None:
    former, limits = POLICY.limit(name, LATER).amount, bundled()[name].limits
    other = former + 1 if limits is None or former < limits[1] else former - 1
    parameter, _, part = name.partition(".")
    document = {"source": "松民发〔2026〕9号", "limits": {parameter: {part: other} if part else other}}
    book = Casebook([POLICY, parse_casework_policy(document, version=2, effective_on=LATER)], rulebook=RULEBOOK)
    before = LATER - timedelta(days=1)
    assert (book.on(before).limits[name].amount, book.on(LATER).limits[name].amount) == (former, other)
    assert (book.changes_on(before), book.changes_on(LATER)) == (LATER, None)


def test_a_version_may_say_its_first_day_itself() -> None:
    assert parse_casework_policy("version: 3\neffective_on: 2026-09-01\n").effective_on == LATER
    same = parse_casework_policy({"version": 2, "effective_on": "2026-09-01"}, version=2, effective_on=LATER)
    assert same.effective_on == LATER


def test_a_policy_crosses_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(POLICY)) == POLICY


@pytest.mark.parametrize(
    ("document", "loc", "code"),
    [
        ({"colour": 1}, "colour", "unknown_field"),
        ({"rules": []}, "rules", "missing"),
        ({"title": ""}, "title", "text"),
        ({"levels": {"ok": "好"}}, "levels.urgent", "missing"),
        ({"dimensions": {}}, "dimensions.health", "missing"),
        ({"categories": {"aid": {"label": "救助"}}}, "categories.aid.partners", "type"),
        ({"limits": {"need_days": 3}}, "limits.need_days", "unknown_field"),
        ({"limits": {"need_working_days": 0}}, "limits.need_working_days", "range"),
        ({"limits": {"follow_up_days": 30}}, "limits.follow_up_days", "type"),
        ({"limits": {"follow_up_days": {"watch": 30}}}, "limits.follow_up_days.watch", "unknown_field"),
        ({"limits": {"follow_up_days": {"risk": 400}}}, "limits.follow_up_days.risk", "range"),
        # Settled for everybody: B12, B13, B19.
        ({"limits": {"referral_reopen_days": 60}}, "limits.referral_reopen_days", "range"),
        ({"limits": {"follow_up_after_end_days": 31}}, "limits.follow_up_after_end_days", "range"),
        ({"limits": {"hand_over_working_days": 6}}, "limits.hand_over_working_days", "range"),
        (rules(rule(id="urgent")), "rules.7.id", "duplicate"),
        (rules(rule(clause=None)), "rules.7.clause", "missing"),
        (rules(rule(label=None)), "rules.7.label", "missing"),
        (rules(rule(when=None)), "rules.7.when", "missing"),
        (rules(rule(raises=None)), "rules.7.raises", "missing"),
        (rules(rule(raises={"plan": False})), "rules.7.raises", "type"),
        (rules(rule(raises={"plan": 1})), "rules.7.raises.plan", "type"),
        (rules(rule(raises={"task": {}})), "rules.7.raises.task", "unknown_field"),
        (rules(rule(raises={"need": {"urgency": "soon"}})), "rules.7.raises.need.urgency", "enum"),
        (rules(rule(raises={"need": None})), "rules.7.raises.need.urgency", "missing"),
        (
            rules(rule(raises={"need": {"urgency": "normal", "category": "food"}})),
            "rules.7.raises.need.category",
            "enum",
        ),
        (rules(rule(raises={"suggestion": {}})), "rules.7.raises.suggestion.text", "missing"),
        (rules(rule(raises={"follow_up": "watch"})), "rules.7.raises.follow_up", "enum"),
        (rules(rule(raises={"fact": {"kind": "disability"}})), "rules.7.raises.fact.kind", "enum"),
        (
            rules(rule(raises={"fact": {"kind": "serious_illness", "basis": "diagnosis"}})),
            "rules.7.raises.fact.basis",
            "enum",
        ),
        (rules(rule(raises={"notice": {"to": ["mayor"], "words": "急"}})), "rules.7.raises.notice.to.0", "enum"),
        (rules(rule(raises={"notice": {"to": ["committee"]}})), "rules.7.raises.notice.words", "missing"),
        (rules(rule(fixed="yes")), "rules.7.fixed", "type"),
        (rules(rule(when={"sign": "abuse", "dimension": "health"})), "rules.7.when", "ambiguous"),
        (rules(rule(when={"sign": "fever"})), "rules.7.when.sign.0", "enum"),
        (rules(rule(when={"level_at_least": "ok"})), "rules.7.when.level_at_least", "enum"),
        (rules(rule(when={"times_in_a_row": 1})), "rules.7.when.times_in_a_row", "range"),
        (rules(rule(when={"open_dimensions_at_least": 7})), "rules.7.when.open_dimensions_at_least", "range"),
        (rules(rule(when={"tag": "living_alone"})), "rules.7.when.tag", "unknown_tag"),
    ],
)
def test_what_is_wrong_is_named_where_it_is(document: dict[str, Any], loc: str, code: str) -> None:
    assert problems(document).get(loc) == code


def test_a_line_number_is_named_in_yaml() -> None:
    text = "rules:\n  - id: a\n    clause: 四\n    label: 甲\n    when: {dimension: garden}\n    raises: {plan: true}\n"
    with pytest.raises(DocumentInvalid) as refused:
        parse_casework_policy(text, version=2, effective_on=LATER)
    assert "rules.0.when.dimension.0 (line 5)" in [problem.loc for problem in refused.value.problems]


def test_a_version_and_a_day_said_twice_must_agree() -> None:
    assert problems({"version": 3}) == {"version": "differs"}
    assert problems({"effective_on": "2026-10-01"}) == {"effective_on": "differs"}
    assert problems({}, version=None) == {"version": "range"}
    assert problems({}, effective_on=None) == {"effective_on": "missing"}
    assert problems({}, effective_on=date(2020, 1, 1))["limits.need_working_days"] == "missing"


@pytest.mark.parametrize("name", ["illness_seen", "abuse_seen"])
def test_what_is_settled_for_everybody_stays_in_every_version_unchanged(name: str) -> None:
    without = [each for each in RULES if each["id"] != name]
    assert problems({"rules": without}) == {"rules": "fixed"}
    changed = [each | {"label": "别的"} if each["id"] == name else each for each in RULES]
    assert problems({"rules": changed}) == {"rules": "fixed"}


def test_the_district_may_change_or_drop_its_other_rules() -> None:
    kept = [each for each in RULES if each["id"] != "watched_twice"]
    later = parse_casework_policy({"rules": kept}, version=2, effective_on=LATER)
    assert "watched_twice" not in {each.rule.id for each in later.rules}


def test_a_sign_stands_in_one_dimension_and_none_is_forgotten() -> None:
    dimensions = yaml.safe_load(casework_texts()[0])["dimensions"]
    dimensions["health"]["signs"] |= {"abuse": "疑似侵害"}
    assert problems({"dimensions": dimensions}) == {"dimensions.social.signs.abuse": "duplicate"}
    del dimensions["health"]["signs"]["abuse"], dimensions["health"]["signs"]["acute"]
    assert problems({"dimensions": dimensions}) == {"dimensions": "missing"}


def test_rules_wider_than_the_engine_holds_are_refused() -> None:
    either = [{"any": [{"age_at_least": age}, {"age_below": age - 1}]} for age in range(10, 28)]
    assert problems(rules(rule(when={"all": either}))) == {"rules": "too_large"}
