"""The plain pages: where one has landed, and in a sandbox what can be asked."""

from html import escape
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse

router = APIRouter(include_in_schema=False)
documentation = APIRouter(include_in_schema=False)

STATIC: Final = Path(__file__).resolve().parent.parent / "static"
_REFERENCE_POLICY: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
}
_POLICY = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1.125rem/1.7 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }}
h1 {{ font-size: 1.6rem; }} h2 {{ font-size: 1.2rem; margin-top: 2rem; }}
a {{ color: #0b4f8a; }} code {{ font-size: 1rem; }} dt {{ margin-top: .6rem; }} dd {{ margin-left: 1.5rem; }}
</style>
</head>
<body>
{body}
</body>
</html>
"""
_LANDING = """<h1>探访关爱</h1>
<p>监测系统推送消息，合适的救助顾问收到探访任务，并知道原因；无人上门时，上级会得到提醒。</p>
<ul>
<li><a href="/health/ready">运行状态</a></li>
<li><a href="/openapi.json">接口文件（OpenAPI）</a></li>
{more}</ul>
"""


def _page(title: str, body: str) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), headers=_POLICY)


@router.get("/")
async def landing(request: Request) -> HTMLResponse:
    """What this is."""
    is_sandbox = request.app.state.context.settings.sandbox
    more = '<li><a href="/docs">接口说明（沙箱）</a></li>\n' if is_sandbox else ""
    return _page("探访关爱", _LANDING.format(more=more))


@documentation.get("/docs")
async def reference() -> FileResponse:
    """The interface, address by address, with whatever can be tried: Swagger UI from files of our own."""
    return FileResponse(STATIC / "reference.html", headers=_REFERENCE_POLICY)
