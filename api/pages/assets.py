"""The static files: read once, named by what is in them, so that browsers keep them for good."""

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request, Response

from core.errors import NotFound

router = APIRouter(include_in_schema=False)

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, plain and packed; `mark` tells one content from another."""

    mark: str
    plain: bytes
    packed: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """Every file that a page may ask for, by name."""
    found = {}
    for file in files("api.pages").joinpath("static").iterdir():
        media_type = _TYPES.get("." + file.name.rpartition(".")[2])
        if media_type is not None:
            plain = file.read_bytes()
            found[file.name] = Asset(
                sha256(plain).hexdigest()[:12], plain, gzip.compress(plain, 9, mtime=0), media_type
            )
    return found


def url(name: str) -> str:
    """The address of a file as it is now."""
    return f"/static/{assets()[name].mark}/{name}"


@router.get("/static/{mark}/{name}")
async def static(mark: str, name: str, request: Request) -> Response:
    """One file; a page of an older program may still ask under the mark it knew."""
    asset = assets().get(name)
    if asset is None:
        raise NotFound("这个地址没有内容。")
    headers = {"cache-control": _FOR_GOOD if mark == asset.mark else "no-cache", "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, headers=headers | {"content-encoding": "gzip"}, media_type=asset.media_type)
    return Response(asset.plain, headers=headers, media_type=asset.media_type)
