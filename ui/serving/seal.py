"""What a browser may do with the page: run the page's own scripts, ask its own server, and be framed by nobody else."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from innovation.ui import frame, language
from innovation.ui.text.catalogue import LANGUAGES

SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
STREAMLIT = Path(streamlit.__file__).parent / "static" / "index.html"


class Sealed:
    """Sends every answer with the headers that bound what a browser does with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with the headers."""

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers())
            await send(message)

        await self._app(scope, receive, sealed)


@cache
def headers() -> dict[str, str]:
    """Security headers of the page; scripts that stand in it are named by their hashes."""
    texts = [STREAMLIT.read_text(encoding="utf-8"), frame.scripts(), *map(language.script, LANGUAGES)]
    hashes = [_hash(script) for text in texts for script in SCRIPT.findall(text)]
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *hashes]),
        "style-src": "'self' 'unsafe-inline'",  # Streamlit writes its styles while it runs
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{kind} {places}" for kind, places in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",  # a link holds a visitor's whole work
    }


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
