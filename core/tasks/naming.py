"""What people call the things that tasks are about."""

from collections.abc import Sequence
from typing import Final, NamedTuple, assert_never

from rules.casework.codes import Dimension, Level
from rules.facts import FactKind

_CHANGES: Final = {"emergency": "突发事件", "accident": "意外事故", "serious_illness": "罹患重病"}
DIMENSIONS: Final = {
    Dimension.ECONOMY: "经济",
    Dimension.HEALTH: "健康",
    Dimension.EDUCATION: "教育",
    Dimension.HOUSING: "居住",
    Dimension.EMPLOYMENT: "就业",
    Dimension.SOCIAL: "社会参与",
}
LEVELS: Final = {Level.OK: "无异常", Level.WATCH: "关注", Level.RISK: "有隐患", Level.URGENT: "急需"}


class Channel(NamedTuple):
    """By which way a lead came, and the clause that opens it."""

    label: str
    clause: str


# Neighbours, relatives and the like tell what they see: 三（三）; the hotline is dialled: 三（四）.
_CHANNELS: Final = {
    "neighbour": Channel("邻居反映的线索，请核实", "三（三）"),
    "relative": Channel("亲属反映的线索，请核实", "三（三）"),
    "family_doctor": Channel("家庭医生反映的线索，请核实", "三（三）"),
    "property": Channel("物业反映的线索，请核实", "三（三）"),
    "grid": Channel("网格巡查的线索，请核实", "三（三）"),
    "hotline": Channel("救助服务热线的来电，请核实", "三（四）"),
}
_OTHER: Final = Channel("收到线索，请核实", "三（三）")


def of_channel(channel: str) -> Channel:
    """The way by which a lead came."""
    return _CHANNELS.get(channel, _OTHER)


def of_news(kind: FactKind, cause: str) -> str:
    """What came as news: a warning, a major change, an illness."""
    match kind:
        case FactKind.WARNING:
            return "因病致贫预警"
        case FactKind.SERIOUS_ILLNESS:
            return "走访发现的重病"
        case FactKind.MAJOR_CHANGE:
            return f"近期遭遇重大变故（{_CHANGES[cause]}）" if cause in _CHANGES else "近期遭遇重大变故"
        case FactKind.ASSISTANCE | FactKind.OUTREACH | FactKind.DISABILITY | FactKind.PAUSE | FactKind.STREET_TAG:
            raise ValueError(f"A fact of kind {kind} is no news.")
        case _:
            assert_never(kind)


def of_findings(found: Sequence[tuple[Dimension, Level]]) -> str:
    """What a visit found."""
    listed = "、".join(f"{DIMENSIONS[dimension]}{LEVELS[level]}" for dimension, level in found)
    return f"走访发现{listed}，请跟踪回访" if listed else "走访发现风险隐患，请跟踪回访"
