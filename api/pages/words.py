"""What people read for the codes of the contract, where a page shows them."""

from collections.abc import Mapping
from typing import Final

from core.organisation.roles import Role
from core.store.models.accounts import TextSize

ROLES: Final[Mapping[Role, str]] = {
    Role.ADMIN: "系统管理员",
    Role.DISTRICT_OFFICER: "区级工作人员",
    Role.STREET_MANAGER: "街镇负责人",
    Role.STREET_ADVISOR: "街镇救助顾问",
    Role.COMMITTEE_ADVISOR: "村居救助顾问",
    Role.VISITOR: "走访人员",
    Role.AUDITOR: "审计人员",
}
TEXT_SIZES: Final[Mapping[TextSize, str]] = {
    TextSize.STANDARD: "标准",
    TextSize.LARGE: "大",
    TextSize.LARGEST: "特大",
}
TIERS: Final[Mapping[str, str]] = {"high": "高风险", "key": "重点", "general": "一般", "none": "不在档"}
