"""The proxy as deploy/nginx.conf tells it, with nginx itself: at a port of its own, below a path, and under attack."""

from __future__ import annotations

import asyncio
import base64
import http.client
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from innovation.ui.text.catalogue import catalogue
from tests.browser.served import BASE, PATIENCE, browser, chromium, free_port, is_fault, served, settle
from tests.browser.test_pages import TITLES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed: apt-get install nginx-light"),
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine: apt-get install chromium"),
]
CONFIGURATION = Path(__file__).parents[1] / "deploy" / "nginx.conf"
NAME, USER, PASSWORD = "simulator.example", "planner", "secret"
AUTHORIZATION = {"Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
ALLOWED = ("--server.allowedHosts", NAME)


@contextmanager
def proxied(folder: Path, *options: str) -> Iterator[int]:
    """The port at which nginx, with the documented file, serves the app."""
    port, path = free_port(), options[options.index(BASE) + 1] + "/" if BASE in options else ""
    certificate, key, users = folder / "simulator.pem", folder / "simulator.key", folder / "simulator.users"
    signed = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    places = ["-subj", f"/CN={NAME}", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run([*signed, *places], check=True, capture_output=True)
    made = subprocess.run(["openssl", "passwd", "-apr1", PASSWORD], check=True, capture_output=True, text=True)
    users.write_text(f"{USER}:{made.stdout}", encoding="ascii")
    with served(True, *ALLOWED, *options) as address:
        text = CONFIGURATION.read_text(encoding="utf-8")
        for ours, yours in {
            "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
            "/etc/ssl/simulator.pem": str(certificate),
            "/etc/ssl/simulator.key": str(key),
            "/etc/nginx/simulator.users": str(users),
            "location / {": f"location /{path} {{",
            "http://127.0.0.1:8501": address.removesuffix("/" + path.rstrip("/")),
        }.items():
            assert ours in text
            text = text.replace(ours, yours)
        places = "".join(f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi"))
        whole = f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
        whole += f"events {{}}\nhttp {{ access_log off; {places}\n{text}\n}}\n"
        (folder / "nginx.conf").write_text(whole, encoding="utf-8")
        nginx = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")])
        try:
            wait_for(port, nginx)
            yield port
        finally:
            nginx.terminate()
            nginx.wait(10)


def wait_for(port: int, nginx: subprocess.Popen) -> None:
    for _ in range(100):
        assert nginx.poll() is None, "nginx ended at once"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("nginx did not answer")


@contextmanager
def planner(port: int) -> Iterator:
    """A page of Chromium that knows the password, resolves the name, and writes down its faults."""
    with browser(f"--host-resolver-rules=MAP {NAME} 127.0.0.1") as opened:
        context = opened.new_context(
            ignore_https_errors=True,
            http_credentials={"username": USER, "password": PASSWORD},
            viewport={"width": 1280, "height": 900},
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda said: page.faults.append(said.text) if is_fault(said) else None)
        yield page


def unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def asked(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=unverified(), timeout=60)
    connection.request(method, path, body, {"Host": f"{NAME}:{port}", **AUTHORIZATION, **headers})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_every_page_works_at_a_port_of_its_own_and_nothing_is_blocked(tmp_path):
    with proxied(tmp_path) as port, planner(port) as page:
        for path, title in TITLES.items():
            page.goto(f"https://{NAME}:{port}/{path}?lang=zh")
            settle(page)
            assert page.locator("h1").inner_text() == catalogue("zh")(title)

        page.goto(f"https://{NAME}:{port}/lab?lang=en")
        settle(page)
        page.locator("[data-testid='stSidebar'] input[type='range']").first.press("End")
        page.wait_for_selector("h2:has-text('My scenario')")
        page.get_by_role("button", name="Files and report").click()
        with page.expect_download() as report:
            page.get_by_role("button", name="Report for a meeting").click()
        file = tmp_path / "mine.yaml"
        with page.expect_download() as scenario:
            page.get_by_role("button", name="Scenario file (YAML)").click()
        scenario.value.save_as(file)
        page.locator("[data-testid='stFileUploader'] input").set_input_files(file)
        page.get_by_text("mine.yaml").wait_for()

        assert report.value.failure() is None
        assert "My scenario" in file.read_text(encoding="utf-8")
        assert page.faults == []


def test_the_page_works_below_a_path(tmp_path):
    with proxied(tmp_path, BASE, "simulator") as port, planner(port) as page:
        page.goto(f"https://{NAME}:{port}/simulator/lab?lang=en")
        settle(page)
        page.locator("[data-testid='stSidebar'] input[type='range']").first.press("End")
        page.wait_for_selector("h2:has-text('My scenario')")
        page.get_by_role("link", name="Compare").click()
        page.wait_for_selector("h1:has-text('Compare')")
        settle(page)

        assert urlpath(page.url) == "/simulator/compare"
        assert page.faults == []
        assert asked(port, "GET", "/").status == 404


def urlpath(url: str) -> str:
    return re.sub(r"^https://[^/]+|\?.*$", "", url)


def test_the_proxy_asks_for_a_password_seals_the_page_and_bounds_what_one_visitor_takes(tmp_path):
    with proxied(tmp_path) as port:
        stranger = asked(port, "GET", "/", Authorization="")
        page = asked(port, "GET", "/")
        hidden = {path: asked(port, "GET", f"/_stcore/{path}").status for path in ("metrics", "agent/openapi.json")}
        foreign = asked(port, "GET", "/", Origin="https://evil.example")
        uploads = Counter(asked(port, "PUT", f"/_stcore/upload_file/me/{n}", bytes(2**19)).status for n in range(60))
        large = asked(port, "PUT", "/_stcore/upload_file/me/large", bytes(2**20 + 1))
        sockets = asyncio.run(opened_at_once(port, 40))

    assert stranger.status == 401
    assert page.status == 200
    assert page.headers["Server"] == "nginx"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert hidden == {"metrics": 404, "agent/openapi.json": 404}
    assert foreign.status == 403
    assert large.status in (413, 429)
    assert uploads[429] >= 40  # of 60: the burst passes, and what a minute allows while they are sent
    assert sockets[101] <= 24
    assert sockets[429] == 40 - sockets[101]


async def opened_at_once(port: int, count: int) -> Counter:
    """Statuses of so many WebSockets that one visitor holds at once."""
    held, statuses = [], Counter()
    for _ in range(count):
        try:
            held.append(
                await connect(
                    f"wss://{NAME}:{port}/_stcore/stream",
                    host="127.0.0.1",
                    port=port,
                    ssl=unverified(),
                    origin=f"https://{NAME}:{port}",
                    additional_headers=AUTHORIZATION,
                    subprotocols=["streamlit"],
                    proxy=None,
                )
            )
            statuses[101] += 1
        except InvalidStatus as refused:
            statuses[refused.response.status_code] += 1
    for one in held:
        await one.close()
    return statuses
