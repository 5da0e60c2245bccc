"""In a sandbox: the interface, address by address."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse

documentation = APIRouter(include_in_schema=False)

STATIC: Final = Path(__file__).resolve().parent.parent / "static"
_REFERENCE_POLICY: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
}


@documentation.get("/docs")
async def reference() -> FileResponse:
    """The interface, address by address, with whatever can be tried: Swagger UI from files of our own."""
    return FileResponse(STATIC / "reference.html", headers=_REFERENCE_POLICY)
