"""The style sheet, the script and the icon, served under names that carry their content's hash.

A browser may keep them for ever, because a changed file has another name. Pages are not its
business.
"""

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

MOUNTED_AT: Final = "/static"
_FOLDER: Final = Path(__file__).resolve().parent / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its public name, its content and the same content compressed."""

    name: str
    media_type: str
    content: bytes
    compressed: bytes


def static_url(file: str) -> str:
    """Return the address of ``app.css``, ``kit.js`` or ``favicon.svg``: ``/static/app.<hash>.css``.

    Raises ``KeyError`` for a file that does not exist, so that a page with a dead link fails.
    """
    return f"{MOUNTED_AT}/{_by_file()[file].name}"


async def static_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve the files as an ASGI application, to be mounted at ``MOUNTED_AT``."""
    request = Request(scope, receive)
    name = request.url.path.rpartition("/")[2]
    await _response(request, _by_name().get(name))(scope, receive, send)


def _response(request: Request, asset: Asset | None) -> Response:
    if asset is None:
        return PlainTextResponse("Not found\n", status_code=404)
    if request.method not in {"GET", "HEAD"}:
        return PlainTextResponse("Method not allowed\n", 405, headers={"Allow": "GET, HEAD"})
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "Cache-Control": _FOR_EVER,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if packed:
        headers["Content-Encoding"] = "gzip"
    content = asset.compressed if packed else asset.content
    return Response(content, media_type=asset.media_type, headers=headers)


@cache
def _by_file() -> dict[str, Asset]:
    return {path.name: _read(path) for path in sorted(_FOLDER.iterdir()) if path.suffix in _TYPES}


@cache
def _by_name() -> dict[str, Asset]:
    return {asset.name: asset for asset in _by_file().values()}


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(
        name=f"{path.stem}.{sha256(content).hexdigest()[:12]}{path.suffix}",
        media_type=_TYPES[path.suffix],
        content=content,
        compressed=gzip.compress(content, mtime=0),
    )
