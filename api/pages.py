"""The few pages for people: welcome, API reference, what each problem code means. Nothing is fetched from elsewhere."""

from html import escape
from pathlib import Path
from typing import Annotated

from litestar import Response, get
from litestar.params import Parameter

from api.auth import PUBLIC, may
from api.problem_codes import CODES, Code
from api.problems import not_found

FOLDER = Path(__file__).parent / "docs_page"
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
HTML = "text/html"
FILES = {
    "docs.css": "text/css",
    "docs.js": "text/javascript",
}

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Jifen 积分</title>
<link rel="stylesheet" href="/docs/docs.css">
<link rel="icon" href="data:,">
</head>
<body><div class="page">{body}</div></body>
</html>
"""


@get("/", opt=may(PUBLIC), include_in_schema=False)
async def welcome() -> Response[bytes]:
    """Where to go from here."""
    return _file("welcome.html", HTML)


@get("/docs", opt=may(PUBLIC), include_in_schema=False)
async def docs() -> Response[bytes]:
    """The API reference, for people."""
    return _file("index.html", HTML)


@get("/docs/{name:str}", opt=may(PUBLIC), include_in_schema=False)
async def docs_file(name: Annotated[str, Parameter()]) -> Response[bytes]:
    """The script and the style of the pages."""
    if name not in FILES:
        raise not_found(f"The pages have no file {name!r}.")
    return _file(name, FILES[name])


@get("/problems", opt=may(PUBLIC), include_in_schema=False)
async def problem_pages() -> Response[bytes]:
    """All problem codes."""
    rows = "".join(
        f'<tr><td>{code.status}</td><td><a href="/problems/{name}"><code>{name}</code></a></td>'
        f"<td>{escape(code.title)}</td></tr>"
        for name, code in sorted(CODES.items(), key=_by_status)
    )
    return _page("Problem codes", f"<h1>错误代码 · Problem codes</h1><table>{rows}</table>")


@get("/problems/{code:str}", opt=may(PUBLIC), include_in_schema=False)
async def problem_page(code: Annotated[str, Parameter()]) -> Response[bytes]:
    """What a problem code means: where the `type` of a problem leads."""
    if code not in CODES:
        raise not_found(f"There is no problem code {code!r}; /problems lists them all.")
    meaning = CODES[code]
    return _page(
        code,
        f"<h1>{escape(meaning.title)}</h1><p><code>{code}</code> · HTTP {meaning.status}</p>"
        f"<p>{escape(meaning.advice)}</p>"
        '<p><a href="/problems">All problem codes</a> · <a href="/docs">API reference</a></p>',
    )


def _by_status(item: tuple[str, Code]) -> int:
    return item[1].status


def _page(title: str, body: str) -> Response[bytes]:
    content = PAGE.format(title=escape(title), body=body).encode()
    return Response(content, media_type=HTML, headers=HEADERS)


def _file(name: str, media_type: str) -> Response[bytes]:
    return Response((FOLDER / name).read_bytes(), media_type=media_type, headers=HEADERS)
