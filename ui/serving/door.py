"""The server's door: who may ask, and how much at once; nothing here looks anything up or leaves the machine.

Streamlit answers a foreign origin by asking the internet for its own address, on the loop that serves everybody; so
whoever is foreign is turned away before Streamlit sees them.
"""

from __future__ import annotations

import asyncio
import logging
import re
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from innovation.ui.addresses import ADDRESSES

from .seal import Sealed

THIS_MACHINE = ("127.0.0.1", "localhost")  # whoever asks by these names is here already: the operator's own checks
MOST_VISITORS = 200  # open pages
MOST_SAID = 128 * 2**10  # bytes of a visitor's message; a page's controls take 6 kB, the longest link 16
MOST_READ = 8  # uploads under way, of 1 MB each
MOST_PARKED = 32 * 2**20  # bytes of uploads that wait for their page
UPLOAD = re.compile(r"/_stcore/upload_file/(?P<visitor>[^/]+)/[^/]+$")
SERVED = ("_stcore", "static", "app", "media", "component")  # what Streamlit serves beside pages
LATER = {"Retry-After": "10"}
_log = logging.getLogger("uvicorn.error")  # the server's own, which writes where the operator looks


def guards() -> list[Middleware]:
    """What every request passes, outermost first."""
    hosts = [*THIS_MACHINE, *st.get_option("server.allowedHosts")]
    return [
        Middleware(Sealed),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        Middleware(SameOrigin),
        Middleware(KnownAddresses),
        Middleware(Bounds),
    ]


@asynccontextmanager
async def serving(app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Open the browser where the server was started at a screen; an App leaves that to its owner."""
    if not st.get_option("server.headless"):
        address = f"http://{st.get_option('server.address')}:{st.get_option('server.port')}"
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address)
    yield {}


def drop(upload: UploadedFile) -> None:
    """Let go of a file that was read; Streamlit would keep it for as long as its page is open."""
    visit = get_script_run_ctx()
    if visit is not None and exists():
        uploads: Any = get_instance().uploaded_file_mgr
        uploads.remove_file(visit.session_id, upload.file_id)


class SameOrigin:
    """Turns away whatever a page of another origin asks: the origin's name and port must be the Host's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or answer 403."""
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            origin, host = headers.get("origin"), headers.get("host", "")
            if origin is not None and _place(origin) != host.lower():
                _log.warning(
                    "Refused a request of origin %.100r to host %.100r: a proxy must pass Host on.", origin, host
                )
                await PlainTextResponse("Foreign origin", 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _place(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


class KnownAddresses:
    """Leads whoever opens an address that no part of the page has to the first one, with what the link holds.

    Streamlit would say so in English only, and below another folder serve a page without its scripts.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        below = str(st.get_option("server.baseUrlPath") or "").strip("/")
        self._root = f"/{below}/" if below else "/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or answer where the page is."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(self._root):
            asked, accepted = scope["path"].removeprefix(self._root).strip("/"), Headers(scope=scope).get("accept", "")
            first = asked.partition("/")[0]
            if asked and asked not in ADDRESSES and first not in SERVED and "text/html" in accepted:
                query = scope.get("query_string", b"").decode("latin-1")
                await RedirectResponse(self._root + (f"?{query}" if query else ""), 307)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Bounds:
    """Bounds what visitors can park here: open pages, their messages, uploads under way and uploads that wait."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._visitors = self._read = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or answer 503 and when to come again."""
        upload = UPLOAD.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if scope["type"] == "websocket":
            await self._visit(scope, receive, send)
        elif upload:
            await self._upload(upload["visitor"], scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _visit(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._visitors >= MOST_VISITORS:
            await PlainTextResponse("Too many visitors", 503, LATER)(scope, receive, send)
            return

        async def heard() -> Message:
            message = await receive()
            if len(message.get("bytes") or b"") <= MOST_SAID:
                return message
            await send({"type": "websocket.close", "code": 1009})
            return {"type": "websocket.disconnect", "code": 1009}

        self._visitors += 1
        try:
            await self._app(scope, heard, send)
        finally:
            self._visitors -= 1

    async def _upload(self, visitor: str, scope: Scope, receive: Receive, send: Send) -> None:
        uploads: Any = get_instance().uploaded_file_mgr
        uploads.remove_session_files(visitor)  # the page reads one file at a time
        parked = sum(stat.byte_length for family in uploads.get_stats().values() for stat in family)
        if self._read >= MOST_READ or parked > MOST_PARKED:
            await PlainTextResponse("Too many uploads", 503, LATER)(scope, receive, send)
            return
        self._read += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._read -= 1
