"""The server's door turns strangers away before Streamlit sees them, and bounds what visitors can park behind it."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from innovation.ui.serving import door

HOST = "simulator.example:8443"
SETTINGS = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def asked(guard, kind="http", method="GET", path="/", **headers: str) -> int:
    """Status of the answer to one request."""
    statuses = []

    async def send(message):
        statuses.append(message.get("status"))

    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "extensions": {"websocket.http.response": {}},
    }
    asyncio.run(guard(scope, None, send))
    return statuses[0]


async def served(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})


def behind(app, hosts, monkeypatch, below=""):
    """The app behind all guards, as the server puts them."""
    settings = {"server.allowedHosts": hosts, "server.baseUrlPath": below}
    monkeypatch.setattr(door.st, "get_option", settings.__getitem__)
    for guard in reversed(door.guards()):
        app = guard.cls(app, *guard.args, **guard.kwargs)
    return app


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        (f"https://{HOST}", 200),
        (f"http://{HOST.upper()}", 200),
        ("https://simulator.example", 403),  # another port is another origin
        ("https://evil.example", 403),
        (f"https://{HOST}.evil.example", 403),
        (f"https://evil.example/{HOST}", 403),
        ("http://localhost:8443", 403),
        ("http://[broken", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_only_the_page_s_own_origin_is_answered(kind, origin, status):
    headers = {} if origin is None else {"origin": origin}

    assert asked(door.SameOrigin(served), kind, host=HOST, **headers) == status


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_host_that_nobody_allowed_is_refused_even_where_the_origin_agrees(kind, monkeypatch):
    guarded = behind(served, ["simulator.example"], monkeypatch)

    assert asked(guarded, kind, host="rebound.example", origin="http://rebound.example") == 400
    assert asked(guarded, kind, host=HOST, origin=f"https://{HOST}") == 200
    assert asked(guarded, kind, host="127.0.0.1:8501") == 200


def test_the_settings_allow_this_machine_s_names_alone():
    assert SETTINGS["server"]["allowedHosts"] == ["127.0.0.1", "localhost"]


def test_a_visitor_too_many_is_told_to_come_again_and_let_in_when_another_leaves(monkeypatch):
    monkeypatch.setattr(door, "MOST_VISITORS", 1)
    inside = []

    async def stays(scope, receive, send):
        inside.append(await refused())
        await send({"type": "websocket.accept", "status": 200})

    async def refused():
        answers = []

        async def send(message):
            answers.append(message.get("status"))

        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [],
                 "extensions": {"websocket.http.response": {}}}  # fmt: skip
        await guard(scope, None, send)
        return answers[0]

    guard = door.Bounds(stays)

    assert asked(guard, "websocket") == 200
    assert inside == [503]
    assert asked(guard, "websocket") == 200


@pytest.mark.parametrize(
    ("size", "ends"),
    [(door.MOST_SAID, []), (door.MOST_SAID + 1, [{"type": "websocket.close", "code": 1009}])],
)
def test_a_message_too_long_ends_the_visit_before_the_page_reads_it(size, ends):
    heard, sent = [], []

    async def listens(scope, receive, send):
        heard.append(await receive())

    async def receive():
        return {"type": "websocket.receive", "bytes": bytes(size)}

    async def send(message):
        sent.append(message)

    asyncio.run(door.Bounds(listens)({"type": "websocket", "path": "/_stcore/stream", "headers": []}, receive, send))

    assert sent == ends
    assert [message["type"] for message in heard] == ["websocket.disconnect" if ends else "websocket.receive"]


def test_a_visitor_s_uploads_replace_one_another_and_all_together_are_bounded(monkeypatch):
    uploads = MemoryUploadedFileManager("/upload")
    monkeypatch.setattr(door, "get_instance", lambda: type("Runtime", (), {"uploaded_file_mgr": uploads}))
    size = door.MOST_PARKED // 4
    sent = iter(range(100))

    async def parks(scope, receive, send):
        visitor, name = scope["path"].split("/")[-2:]
        uploads.add_file(visitor, UploadedFileRec(name, name, "", bytes(size)))
        await send({"type": "http.response.start", "status": 204})

    def put(visitor):
        return asked(door.Bounds(parks), method="PUT", path=f"/simulator/_stcore/upload_file/{visitor}/{next(sent)}")

    assert [put("one") for _ in range(9)] == [204] * 9
    assert len(uploads.file_storage["one"]) == 1
    assert [put(f"visitor {number}") for number in range(6)] == [204] * 4 + [503] * 2
    assert put("one") == 204  # whose own upload makes room


def test_so_many_uploads_are_read_at_once_and_no_more(monkeypatch):
    uploads = MemoryUploadedFileManager("/upload")
    monkeypatch.setattr(door, "get_instance", lambda: type("Runtime", (), {"uploaded_file_mgr": uploads}))
    answers = []

    async def slow(scope, receive, send):
        await asyncio.sleep(0.01)
        await send({"status": 204})

    async def put(guard, number):
        async def send(message):
            answers.extend([message["status"]] if "status" in message else [])

        path = f"/_stcore/upload_file/{number}/1"
        await guard({"type": "http", "method": "PUT", "path": path, "headers": []}, None, send)

    async def together():
        guard = door.Bounds(slow)
        await asyncio.gather(*(put(guard, number) for number in range(door.MOST_READ + 3)))

    asyncio.run(together())

    assert sorted(answers) == [204] * door.MOST_READ + [503] * 3


@pytest.mark.parametrize("below", ["", "simulator"])
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("", 200),
        ("lab", 200),
        ("lab/", 200),
        ("today", 200),
        ("nope", 307),
        ("lab/x", 307),
        ("_stcore/health", 200),
        ("static/js/index.js", 200),
    ],
)
def test_an_address_that_no_part_has_leads_to_the_first(monkeypatch, below, address, status):
    guard = behind(served, ["simulator.example"], monkeypatch, below)
    root = f"/{below}/" if below else "/"

    assert asked(guard, path=root + address, host=HOST, accept="text/html,*/*") == status
