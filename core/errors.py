"""Refusals, named in the domain; `api.http.errors` holds the one table that turns them into HTTP.

Each says by `code` which it is, by `title` in a few words what happened, and by `advice` what would help: of these is
made what people read in `docs/errors.md` and in the OpenAPI document. The `detail` of one raised says it of its case.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import ClassVar, TypedDict
from uuid import UUID

from rules.facts import Problem


class Refusal(Exception):
    """Something the product will not do. `detail` says what happened and what would help, never personal data."""

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "请求被拒绝"
    advice: ClassVar[str] = "请按说明修改后重试。"

    def __init__(self, detail: str, *, problems: Sequence[Problem] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.problems = tuple(problems)

    @property
    def more(self) -> Mapping[str, object]:
        """What the problem document says beside the fields that all have."""
        return {}


class NotFound(Refusal):
    """Not there, or outside the caller's streets or committees: which of the two is not revealed."""

    code = "not_found"
    title = "没有找到"
    advice = "请核对地址和编号；本人街镇、居村范围以外的内容，一律按没有处理。"


class Merged(Refusal):
    """A resident was merged into another one, who is `into`; said only to whoever may see that one."""

    code = "merged"
    title = "这位居民已与另一位合并"
    advice = "请改用 `into` 中的编号：两人的情况都在那里。"

    def __init__(self, into: UUID) -> None:
        super().__init__("两份登记是同一个人，已经合并。")
        self.into = into

    @property
    def more(self) -> Mapping[str, object]:
        return {"into": self.into}


class NotAllowed(Refusal):
    """The caller's role may not do this."""

    code = "forbidden"
    title = "没有这项权限"
    advice = "请由有权限的角色办理；密钥缺少权限时，请区里另发密钥。"


class NotSignedIn(Refusal):
    """No valid session or key came with the request."""

    code = "unauthorized"
    title = "没有登录，或登录已失效"
    advice = "请在 `Authorization` 头中带上有效的密钥或登录令牌；登录过期的请重新登录。"


class SignatureMissing(NotSignedIn):
    """The source has to sign, and what came is not signed."""

    code = "signature_missing"
    title = "缺少签名"
    advice = "请按 Standard Webhooks 带上 `webhook-id`、`webhook-timestamp`、`webhook-signature` 三个头。"


class SignatureStale(NotSignedIn):
    """The timestamp of a signed request is too old, or lies ahead."""

    code = "signature_stale"
    title = "签名的时间相差太多"
    advice = "请校准发送方的时钟，每次重发都用新的时间戳重新签名。"


class SignatureInvalid(NotSignedIn):
    """The signature of a request does not hold."""

    code = "signature_invalid"
    title = "签名不正确"
    advice = "请核对签名所用的密钥，并确认请求体在签名以后没有改动。"


class Invalid(Refusal):
    """The request says something impossible."""

    code = "invalid"
    title = "请求的内容有误"
    advice = "请按 `errors` 中逐项的说明修改后重新提交。"


class UnknownParameter(Invalid):
    """The address takes no query parameter of this name."""

    code = "unknown_parameter"
    title = "有不认识的查询参数"
    advice = "请对照接口说明核对参数的名称；不认识的参数一律拒绝，不会忽略。"


class BeforePolicy(Invalid):
    """No policy is in force on the day asked about."""

    code = "before_policy"
    title = "这一天还没有生效的政策"
    advice = "请选择政策生效当天或以后的日期。"


class NotAnIdNumber(Invalid):
    """What stands for an ID number is none."""

    code = "id_number"
    title = "身份证号码不正确"
    advice = "请核对号码的位数、出生日期和最后一位校验码。"


class PersonUnknown(Invalid):
    """Nobody in the register has this identifier."""

    code = "unknown_person"
    title = "登记册中没有这个人"
    advice = "请核对身份证号码或来源编号，或者先登记这位居民。"


class DocumentUnreadable(Invalid):
    """A policy or a coverage cannot be read, or its rules cannot work."""

    code = "document_invalid"
    title = "规则文件有误"
    advice = "请按 `errors` 中标明的位置修改规则文件。"


class Narrowing(Invalid):
    """A street would give less than the district (A25)."""

    code = "narrows"
    title = "不能低于全区的要求"
    advice = "街镇只能在全区规则之上放宽；请按 `errors` 中标明的项目调整。"


class NothingAccepted(Invalid):
    """No event of a request was taken."""

    code = "not_accepted"
    title = "没有一条消息可以接收"
    advice = "请按 `rejected` 中逐条的说明修改后重新推送。"


class BodyRefused(Invalid):
    """The body of a request cannot be read; nothing in it was looked at."""


class BodyTooLarge(BodyRefused):
    """The body, or an event in it, is larger than is taken at once."""

    code = "too_large"
    title = "请求体太大"
    advice = "请分成几次发送；持续大量的消息请按行以数据流推送。"


class TooManyEvents(BodyRefused):
    """A request that is held in memory brings more events than fit."""

    code = "too_many"
    title = "一次的消息太多"
    advice = "请分批发送，或者改用按行的数据流。"


class MediaUnsupported(BodyRefused):
    """The body is of a kind that is not taken here."""

    code = "content_type"
    title = "不支持这种内容类型"
    advice = "请不加压缩地发送 JSON，并在 `Content-Type` 头中如实注明。"


class CharsetUnsupported(BodyRefused):
    """The body is said to be in another encoding than UTF-8."""

    code = "charset"
    title = "字符编码不是 UTF-8"
    advice = "请以 UTF-8 编码发送。"


class JsonInvalid(BodyRefused):
    """The body is no JSON."""

    code = "json_invalid"
    title = "请求体不是有效的 JSON"
    advice = "请核对请求体的格式；说明中标有出错的位置。"


class ByteOrderMark(BodyRefused):
    """UTF-8 came with a byte order mark."""

    code = "bom"
    title = "请求体带有字节顺序标记"
    advice = "请去掉开头的字节顺序标记后发送。"


class NotUtf8(BodyRefused):
    """The bytes of the body are no UTF-8."""

    code = "encoding"
    title = "请求体不是有效的 UTF-8"
    advice = "请以 UTF-8 编码发送。"


class HoldsNul(BodyRefused):
    """A text holds the NUL character."""

    code = "nul"
    title = "文字中有空字符"
    advice = "请去掉文字中的空字符（U+0000）。"


class TooDeep(BodyRefused):
    """Values lie nested deeper than is read."""

    code = "too_deep"
    title = "嵌套的层数太多"
    advice = "请减少 JSON 的嵌套层数。"


class DuplicateKey(BodyRefused):
    """An object names the same key twice."""

    code = "duplicate_key"
    title = "同一个对象中有重复的键"
    advice = "请让每个键在一个对象中只出现一次。"


class NumberNotFinite(BodyRefused):
    """NaN or Infinity, which JSON does not know."""

    code = "number_not_finite"
    title = "数值不是有限的数"
    advice = "JSON 中没有 `NaN` 和 `Infinity`，请改为数字或 `null`。"


class NumberOutOfRange(BodyRefused):
    """A number that does not fit 64 bits."""

    code = "number_out_of_range"
    title = "数值超出范围"
    advice = "数字须在 64 位的范围以内；更长的编号请写成文字。"


class LoneSurrogate(BodyRefused):
    """A text holds half of a surrogate pair."""

    code = "lone_surrogate"
    title = "文字中有不完整的字符"
    advice = "请核对 `\\u` 转义是否成对。"


class BodyEmpty(BodyRefused):
    """There is no event in the body."""

    code = "empty"
    title = "请求体中没有消息"
    advice = "请在请求体中至少放一条消息。"


class NotAnArray(BodyRefused):
    """A batch is no array."""

    code = "not_an_array"
    title = "批量消息不是数组"
    advice = "批量推送时，请求体须是消息的数组。"


class HeaderRepeated(BodyRefused):
    """A header that describes the body is sent twice."""

    code = "repeated_header"
    title = "请求头重复"
    advice = "描述请求体的头只能出现一次。"


class Conflict(Refusal):
    """Somebody was faster, or the thing is in another state."""

    code = "conflict"
    title = "与现有的内容冲突"
    advice = "请重新查看现在的情况，再决定是否重试。"


class Replayed(Conflict):
    """A signed message was taken in before."""

    code = "replayed"
    title = "这条签名的消息已经收过"
    advice = "重发时请用新的时间戳重新签名；内容已经收到的不必再发。"


class NotQuarantined(Conflict):
    """Only a quarantined alert is replayed."""

    code = "not_quarantined"
    title = "这条消息不在待处理之列"
    advice = "只有待处理的消息可以更正重放；请查看它现在的状态。"


class BodyLost(Conflict):
    """What an alert said can no longer be read."""

    code = "unreadable"
    title = "原来的内容已无法读取"
    advice = "请在重放时附上完整的 `data`。"


class DayDifference(TypedDict):
    """A day of a year that another notice says otherwise."""

    day: date
    was: bool
    now: bool


class Confirmed(Conflict):
    """The year's notice was entered already, and says otherwise (A41); `difference` names the days."""

    code = "confirmed"
    title = "这一年的日历已经确认"
    advice = "请核对 `difference` 中列出的日期；确实要替换的，请带上 `replace: true` 再提交。"

    def __init__(self, detail: str, *, difference: Sequence[DayDifference]) -> None:
        words = {True: "上班", False: "休息"}
        problems = [
            Problem("days", "confirmed", f"{each['day']} 原为{words[each['was']]}，现为{words[each['now']]}。")
            for each in difference
        ]
        super().__init__(detail, problems=problems)
        self.difference = tuple(difference)

    @property
    def more(self) -> Mapping[str, object]:
        return {"difference": self.difference}


class Provisional(Conflict):
    """A single day of a year whose notice is still to be entered."""

    code = "provisional"
    title = "这一年的日历还是暂定的"
    advice = "请先录入全年的放假通知，再改个别日期。"


class WorkInProgress(Conflict):
    """Too many of somebody's tasks are long overdue for taking new ones."""

    code = "work_in_progress"
    title = "手上逾期的任务太多"
    advice = "请先办完逾期的任务，再领取新的。"


class Taken(Conflict):
    """Somebody else has the task."""

    code = "taken"
    title = "任务已由他人领取"
    advice = "说明中写有现在由谁办理；需要调整的请由街镇分派。"


class Closed(Conflict):
    """The task is done or cancelled already."""

    code = "closed"
    title = "任务已经结束"
    advice = "请刷新列表，查看任务现在的状态。"


class Recused(Conflict):
    """This user is recused from this resident."""

    code = "recused"
    title = "需要回避"
    advice = "请分派给不需要回避的人员。"


class Absent(Conflict):
    """The person is away until after the task is due."""

    code = "absent"
    title = "这位人员请假到任务到期以后"
    advice = "请分派给别人；仍要分派给他的，请带上 `anyway: true`。"


class NothingToUndo(Conflict):
    """The caller did nothing with this task that could be taken back, or something happened since."""

    code = "nothing_to_undo"
    title = "没有可以撤销的操作"
    advice = "只能撤销自己对这项任务的最后一次操作；之后别人又办理过的，请重新分派。"


class UndoTooLate(Conflict):
    """It was too long ago to be taken back."""

    code = "undo_too_late"
    title = "已经超过撤销的时间"
    advice = "操作以后 10 分钟以内可以撤销；过了时间的，请重新分派。"


class VisitDuplicate(Conflict):
    """Somebody recorded a visit of this resident, day and mode."""

    code = "duplicate_visit"
    title = "同一天同一方式的走访已有记录"
    advice = '确属同一次走访的，请带上 `"merge": true` 合并；不是的，请核对日期和方式。'


class SeveralHouseholds(Conflict):
    """One home visit is said to have gone to several households."""

    code = "several_households"
    title = "一次上门涉及几户"
    advice = '确是一次上门走访了几户的，请带上 `"several_households": true`；不是的，请按户分别记录。'


class VisitVoided(Conflict):
    """A visit that was voided is not corrected any more."""

    code = "voided"
    title = "这次走访已经作废"
    advice = "作废的走访不能再更正；确有其事的，请用新的 `visit_id` 重新记录。"


class DraftOld(Conflict):
    """A draft was saved elsewhere since the caller saw it; `stored` is that one, and nothing of either is lost."""

    code = "draft_old"
    title = "草稿已在别处改过"
    advice = "`stored` 是现在存着的一份；请核对两份的内容，再带上它的 `seen` 保存。"

    def __init__(self, stored: Mapping[str, object]) -> None:
        super().__init__("这份草稿在别处改过，没有覆盖。请核对两份的内容。")
        self.stored = stored

    @property
    def more(self) -> Mapping[str, object]:
        return {"stored": self.stored}


class VersionMissing(Refusal):
    """Which version is to be changed is not said."""

    code = "if_match_required"
    title = "没有说明要更正哪一个版本"
    advice = "请先查看现在的内容，再在 `If-Match` 头中带上它的 `ETag`。"


class VersionOld(Refusal):
    """Somebody changed it since the version that the caller has seen."""

    code = "if_match_failed"
    title = "内容已被他人更改"
    advice = "请重新查看现在的内容，再带上新的 `ETag` 更正。"


class Busy(Refusal):
    """Too much at once, or the database is away: try again after `retry_after_seconds`."""

    code = "busy"
    title = "服务正忙"
    advice = "请在 `Retry-After` 所写的秒数以后重试；已经答复接收的内容不会丢失。"

    def __init__(self, detail: str, *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class DatabaseAway(Busy):
    """The database does not answer; nothing was changed."""

    code = "database_unavailable"
    title = "数据库暂时没有应答"
    advice = "没有作任何改动；请在 `Retry-After` 所写的秒数以后重试。"


class TooMany(Busy):
    """One caller asks for more than its share: try again after `retry_after_seconds`."""

    code = "too_many_requests"
    title = "请求太频繁"
    advice = "请放慢发送，在 `Retry-After` 所写的秒数以后重试。"


def every(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Every kind of refusal below one, in the order in which they are written down."""
    for below in kind.__subclasses__():
        if "code" in vars(below):
            yield below
        yield from every(below)
