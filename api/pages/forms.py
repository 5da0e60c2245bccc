"""What a form sent: read strictly and within bounds, and turned into what core takes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from api.http import bodies, errors
from core.errors import Invalid
from rules import facts
from rules.facts import Problem

# A form kept through a log-in is encoded twice.
MOST_BYTES: Final = 512 * 1024
MOST_FIELDS: Final = 2_000
SECRETS: Final = ("password", "current", "new", "again")
MEDIA_TYPE: Final = "application/x-www-form-urlencoded"
_LINE_ENDS: Final = re.compile(r"\r\n?")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
Checked = TypeVar("Checked", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form in the order of the page; a name may come several times."""

    pairs: Sequence[tuple[str, str]] = ()

    def text(self, name: str) -> str:
        """The last value of a field without blanks around it; '' when it is empty or missing."""
        return next((value.strip() for given, value in reversed(self.pairs) if given == name), "")

    def optional(self, name: str) -> str | None:
        """The text of a field, or None when nothing stands in it."""
        return self.text(name) or None

    def secret(self, name: str) -> str:
        """A password as it was typed, blanks and all."""
        return next((value for given, value in reversed(self.pairs) if given == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a group of check boxes."""
        return [value for given, value in self.pairs if given == name]

    def flag(self, name: str) -> bool:
        """Whether a check box is ticked."""
        return any(given == name for given, _ in self.pairs)

    def day(self, name: str) -> date | None:
        """The day in a field, or None when it is empty; raises `Invalid` for what is no day."""
        written = self.text(name)
        if not written:
            return None
        try:
            if _DAY.fullmatch(written):
                return date.fromisoformat(written)
        except ValueError:
            pass
        raise wrong(name, "请写成年-月-日，例如 2026-03-20。")

    def whole(self, name: str) -> int | None:
        """The whole number in a field, or None when it is empty; raises `Invalid` for what is none."""
        written = self.text(name)
        if not written:
            return None
        if re.fullmatch(r"[+-]?\d{1,9}", written, re.ASCII):
            return int(written)
        raise wrong(name, "请填整数。")

    def decimal(self, name: str) -> Decimal | None:
        """The number in a field, or None when it is empty; raises `Invalid` for what is none."""
        written = self.text(name)
        try:
            found = Decimal(written) if written else None
        except InvalidOperation:
            found = Decimal("NaN")
        if found is not None and not found.is_finite():
            raise wrong(name, "请填数字，例如 1.5。")
        return found

    @property
    def kept(self) -> "Form | None":
        """What a page may hold that asks something else in between; nothing of a form with passwords."""
        return None if any(name in SECRETS for name, _ in self.pairs) else self

    @property
    def line(self) -> str:
        """All of it in one line."""
        return urlencode(self.pairs)


def wrong(loc: str, words: str) -> Invalid:
    """The refusal of one field."""
    return Invalid(words, problems=[Problem(loc, "invalid", words)])


def checked(model: type[Checked], values: Mapping[str, Any]) -> Checked:
    """The same body that a program would send, checked by the same schema; raises `Invalid` naming the fields."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        raise Invalid("有几处需要改。", problems=errors.problems(error.errors())) from None


async def read(request: Request) -> Form:
    """What a form sent; read once, however often it is asked for."""
    known: Form | None = getattr(request.state, "form", None)
    if known is None:
        # A body is read once: what refuses it leaves an empty form for whoever asks again.
        request.state.form = Form()
        body = await bodies.read(request, MOST_BYTES)
        if body and request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
            raise Invalid("请用本系统的页面填写。")
        known = request.state.form = parsed(body)
    return known


def parsed(body: bytes) -> Form:
    """The fields of a body; raises `Invalid` for one that no page of ours sends."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Invalid("表单的内容无法读取，请从页面上重新填写。") from None
    return Form([(_clean(name), _clean(value)) for name, value in pairs])


def _clean(text: str) -> str:
    # What is pasted from a word processor may hold characters that nobody sees; they are no reason to lose a text.
    return facts.CONTROL_BUT_LINES.sub("", _LINE_ENDS.sub("\n", text))


FormDep = Annotated[Form, Depends(read)]
