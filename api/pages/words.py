"""What people read for the codes of the contract, where a page shows them."""

from collections.abc import Mapping
from typing import Final

from core.imports.words import TAG_NAMES
from core.store.models.accounts import TextSize
from core.store.words import AttemptOutcome, TaskEventKind, TaskKind
from core.tasks import naming
from rules.casework.codes import Dimension, Level
from rules.duties import DutyKind, DutyState, Refused
from rules.parameters import Initiator, Mode, VisitorRole

TEXT_SIZES: Final[Mapping[TextSize, str]] = {
    TextSize.STANDARD: "标准",
    TextSize.LARGE: "大",
    TextSize.LARGEST: "特大",
}
TAGS: Final[Mapping[str, str]] = TAG_NAMES
DIMENSIONS: Final[Mapping[Dimension, str]] = naming.DIMENSIONS
LEVELS: Final[Mapping[Level, str]] = naming.LEVELS
KINDS: Final[Mapping[TaskKind, str]] = {
    TaskKind.VISIT: "走访",
    TaskKind.DECISION: "待决定",
    TaskKind.CONFIRM: "待确认",
    TaskKind.WELFARE_CHECK: "安好确认",
    TaskKind.LEAD: "线索",
    TaskKind.FOLLOW_UP: "回访",
}
EVENTS: Final[Mapping[TaskEventKind, str]] = {
    TaskEventKind.OPENED: "开始",
    TaskEventKind.CHANGED: "有变化",
    TaskEventKind.ASSIGNED: "分派",
    TaskEventKind.PLANNED: "排了日子",
    TaskEventKind.PULLED: "领取",
    TaskEventKind.CLAIMED: "领取",
    TaskEventKind.RELEASED: "交还",
    TaskEventKind.HANDED_OVER: "移交",
    TaskEventKind.HANDOVER_REVERTED: "移交撤回",
    TaskEventKind.UNDONE: "撤销",
    TaskEventKind.ATTEMPT: "去过，没办成",
    TaskEventKind.EXCUSED: "免除",
    TaskEventKind.ESCALATED: "提醒或上报",
    TaskEventKind.COMPLETED: "办结",
    TaskEventKind.DONE: "完成",
    TaskEventKind.CANCELLED: "取消",
    TaskEventKind.REOPENED: "重新开始",
}
OUTCOMES: Final[Mapping[AttemptOutcome, str]] = {
    AttemptOutcome.NOT_HOME: "没遇到",
    AttemptOutcome.REFUSED: "拒绝",
    AttemptOutcome.MOVED: "搬走",
    AttemptOutcome.HOSPITAL: "住院",
    AttemptOutcome.OTHER: "其他",
}
MODES: Final[Mapping[Mode, str]] = {
    Mode.HOME_VISIT: "走访",
    Mode.RECEPTION: "接待",
    Mode.PHONE: "电话",
    Mode.WECHAT: "微信",
    Mode.BUILDING_VIDEO: "楼宇视频",
    Mode.OTHER: "其他",
}
# In the order and the wording of the annex.
SERVICES: Final[Mapping[str, str]] = {
    "policy_explain": "政策解读",
    "apply_on_behalf": "代办申请",
    "need_screen": "需求排摸",
    "lead_handle": "线索处理",
    "hardship_verify": "困境核实",
    "need_assess": "需求评估",
    "match_resource": "匹配资源",
    "referral": "转介服务",
    "care": "关心关爱",
    "counsel": "开展心理慰藉、提升社会能力服务",
}
INITIATORS: Final[Mapping[Initiator, str]] = {Initiator.ADVISOR: "救助顾问", Initiator.RESIDENT: "居民"}
VISITORS: Final[Mapping[VisitorRole, str]] = {
    VisitorRole.STREET_ADVISOR: "街镇救助顾问",
    VisitorRole.COMMITTEE_ADVISOR: "村居救助顾问",
    VisitorRole.GRID_WORKER: "网格员",
    VisitorRole.VOLUNTEER: "志愿者",
    VisitorRole.SOCIAL_WORKER: "第三方社工",
    VisitorRole.RELATIVE: "亲属",
    VisitorRole.NEIGHBOUR: "邻里",
    VisitorRole.FAMILY_DOCTOR: "家庭医生",
}
DUTIES: Final[Mapping[DutyKind, str]] = {
    DutyKind.PERIODIC: "定期走访",
    DutyKind.RESPONSE: "因消息走访",
    DutyKind.FOLLOW_UP: "回访",
}
DUTY_STATES: Final[Mapping[DutyState, str]] = {
    DutyState.OPEN: "还没去",
    DutyState.MET: "已完成",
    DutyState.LATE: "迟了，已去",
    DutyState.MISSED: "没有去",
    DutyState.EXCUSED: "免除",
    DutyState.CANCELLED: "取消",
}
BECAUSE: Final[Mapping[str, str]] = {
    Refused.NOT_MET: "没有见到人",
    Refused.RECUSED: "记录人需要回避",
    Refused.ROLE: "走访人员的身份不能算作走访，只作线索",
    Refused.BEFORE_START: "走访早于这项要求开始的日子",
    Refused.BEFORE_NEWS: "走访在消息到来以前就录入了",
    Refused.AFTER_END: "走访晚于这项要求结束的日子",
    Refused.NEEDS_APPROVAL: "补录太晚，要等街镇救助顾问审核",
    Refused.MODE: "这种服务方式不能算，要用规定的方式",
    Refused.RESIDENT_INITIATED: "由居民发起，不能算",
    Refused.NO_DIMENSION_CHECK: "由居民发起，又没有把六方面看全，不能算",
    "already_met": "此前的走访已经完成了这一项",
    "made_up": "这一期已经过去，记为事后补走",
}
