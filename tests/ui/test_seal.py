"""The headers of every answer let a browser run the page's own scripts and nothing else."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from pathlib import Path

from innovation.ui import frame, language
from innovation.ui.serving import seal
from innovation.ui.text.catalogue import LANGUAGES

UI = Path(seal.__file__).parents[1]


def policy() -> dict[str, list[str]]:
    text = seal.headers()["Content-Security-Policy"]
    return {kind: places for kind, *places in map(str.split, text.split(";"))}


def test_every_script_of_the_page_may_run_and_no_other():
    allowed = policy()["script-src"]
    pieces = [frame.scripts(), *map(language.script, LANGUAGES)]
    bodies = [body for piece in pieces for body in re.findall("<script>(.*?)</script>", piece, re.DOTALL)]

    assert len(bodies) == 4
    for body in bodies:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'" in allowed
    assert {place for place in allowed if not place.startswith("'sha256-")} == {"'self'"}


def test_scripts_stand_only_where_the_headers_look_for_them():
    holding = {path.name for path in UI.rglob("*.j2") if "<script" in path.read_text(encoding="utf-8")}

    assert holding == {"scripts.html.j2", "language.html.j2"}


def test_nothing_is_asked_framed_or_sent_elsewhere():
    assert policy()["default-src"] == ["'none'"]
    assert policy()["connect-src"] == policy()["frame-ancestors"] == ["'self'"]
    assert policy()["form-action"] == policy()["base-uri"] == ["'none'"]


def test_an_answer_of_any_kind_carries_the_headers():
    sent = []

    async def answers(scope, receive, send):
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message):
        sent.append(message)

    asyncio.run(seal.Sealed(answers)({"type": "http"}, None, send))

    carried = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    assert carried == {name.lower(): value for name, value in seal.headers().items()}
    assert sent[1] == {"type": "http.response.body", "body": b""}
