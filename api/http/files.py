"""Files in answers: what they are called, and what the OpenAPI document says of them."""

from typing import Any
from urllib.parse import quote

from fastapi import Response

from core.documents import word, workbooks


def document(content: bytes, name: str) -> Response:
    """A Word file to save under a name; names hold no personal data."""
    return _file(content, word.MEDIA_TYPE, f"{name}.docx")


def workbook(content: bytes, name: str) -> Response:
    """A workbook to save under a name."""
    return _file(content, workbooks.MEDIA_TYPE, f"{name}.xlsx")


def described(media_type: str, words: str) -> dict[int | str, dict[str, Any]]:
    """The answer 200 of a route that gives a file."""
    schema = {"type": "string", "contentMediaType": media_type}
    return {200: {"description": words, "content": {media_type: {"schema": schema}}}}


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(
        content, media_type=media_type, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )
