"""In a sandbox: what can be asked."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

documentation = APIRouter(include_in_schema=False)

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


def _page(title: str, body: str) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), headers=_POLICY)


@documentation.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Every address with what it does, written by ourselves: nothing is loaded from elsewhere."""
    schema: dict[str, Any] = request.app.openapi()
    groups: dict[str, list[str]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            entry = (
                f"<dt><code>{method.upper()} {escape(path)}</code></dt>"
                f"<dd>{escape(operation.get('description') or operation.get('summary') or '')}</dd>"
            )
            groups.setdefault((operation.get("tags") or [""])[0], []).append(entry)
    sections = (f"<h2>{escape(tag)}</h2>\n<dl>{''.join(entries)}</dl>" for tag, entries in groups.items())
    return _page("探访关爱 接口一览", f"<h1>接口一览</h1>\n{''.join(sections)}")
