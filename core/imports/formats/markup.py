"""XML read as a stream, without entities and other ways to make much out of little."""

from collections.abc import Callable, Iterator, Mapping
from typing import IO, Final, TypeAlias, TypeVar
from xml.parsers import expat

from core.errors import Invalid
from core.imports.formats.archives import damaged

Told = TypeVar("Told")
Start: TypeAlias = Callable[[str, dict[str, str]], None]
End: TypeAlias = Callable[[str], None]
Text: TypeAlias = Callable[[str], None]

DEEPEST: Final = 64
# A text comes in pieces of at most 8,192 characters; formatted cells are written in many short ones.
MOST_PIECES: Final = 4096
_CHUNK_BYTES: Final = 64 << 10
_LONGEST_TOKEN_BYTES: Final = 1 << 20


def told(stream: IO[bytes], start: Start, end: End, text: Text | None, ready: list[Told]) -> Iterator[Told]:
    """What the handlers put into `ready`, as soon as they do.

    `start` gets names and attributes as they are written, prefix included; whoever keeps texts or counts depth bounds
    them by the limits above.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    # Entities are declared in a document type, and no spreadsheet has one.
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    fed = 0
    try:
        while chunk := stream.read(_CHUNK_BYTES):
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _LONGEST_TOKEN_BYTES:
                raise too_much()
            yield from ready
            ready.clear()
        parser.Parse(b"", True)
    except (expat.ExpatError, MemoryError, LookupError, ValueError):
        # Handlers stumble too: over a number or a day that is none, and over a text or a style that is not there.
        raise damaged() from None
    yield from ready
    ready.clear()


def too_much() -> Invalid:
    """The refusal of markup that no spreadsheet writes: nested or long beyond all use."""
    return Invalid("这个文件的内部结构不是正常的工作簿（嵌套过深或单元格过长），没有读取。")


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def unprefixed(attributes: Mapping[str, str]) -> dict[str, str]:
    """Attributes by their names without prefix."""
    return {local(name): value for name, value in attributes.items()}


def _refuse_document_type(name: str, system_id: str | None, public_id: str | None, has_internal: bool) -> None:
    raise Invalid("这个文件里有 DTD（实体声明），正常的工作簿没有这种内容，没有读取。")
