"""Word files from templates that can be edited in any word processor: `{{ name }}` stands for what is filled in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from docx.shared import Cm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import Environment, StrictUndefined

from rules.facts import CONTROL_BUT_LINES

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TEMPLATES: Final = Path(__file__).parent / "templates"
_LINE_END: Final = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as it stands in a line of text, as wide or as high as said, in centimetres."""

    image: bytes
    width: float | None = None
    height: float | None = None


def fill(template: str, values: Mapping[str, object]) -> bytes:
    """The document that a template makes of some values; whatever a text says, it is printed as it is."""
    document = DocxTemplate(_TEMPLATES / f"{template}.docx")

    def ready(value: object) -> object:
        match value:
            case Picture():
                width, height = (None if size is None else Cm(size) for size in (value.width, value.height))
                return InlineImage(document, BytesIO(value.image), width=width, height=height)
            case str():
                # What XML cannot say would make a file that no program opens.
                return CONTROL_BUT_LINES.sub("", _LINE_END.sub("\n", value))
        return value

    # A field of the template that nobody fills is our mistake, not an empty line.
    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=ready)
    document.render({**values}, environment, autoescape=True)
    made = BytesIO()
    document.save(made)
    return made.getvalue()
