"""The app served on a free port and opened in Chromium, for browser tests and screenshots."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 180_000  # milliseconds: a busy machine is no fault of the page
BASE = "--server.baseUrlPath"
NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = """() => !document.querySelector("[data-testid='stApp'][data-test-script-state='running']")
  && !document.querySelector("[data-testid='stSkeleton'], [data-testid='stAppSkeleton']")
  && [...document.querySelectorAll("[data-testid='stVegaLiteChart']")].every(c => c.querySelector("svg, canvas"))"""


def chromium() -> str | None:
    """Path of a Chromium on this machine, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def served(stand_in: bool = True, *options: str, front: str = "tests/browser/serve_with_draws.py") -> Iterator[str]:
    """Serve the app on a free port of this machine, with stand-in draws or the project's posterior; its address."""
    port = free_port()
    fronts = [front] if stand_in else ["-m", "streamlit", "run", "app.py"]
    command = [sys.executable, *fronts, "--server.port", str(port), *options]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [*command, "--server.headless", "true"],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            env={**os.environ, "NO_PROXY": "*"},
        )
        try:
            base = options[options.index(BASE) + 1] if BASE in options else ""
            address = f"http://127.0.0.1:{port}/{base}".rstrip("/")
            _wait(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(10)


def free_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(1200):
        if server.poll() is not None:
            raise RuntimeError(f"The server ended at once with exit code {server.returncode}.")
        try:
            with opener.open(f"{address}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The server did not answer at {address} within two minutes.")


@contextmanager
def browser(*flags: str) -> Iterator[Any]:
    """A Chromium with a fresh profile, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *flags])
        try:
            yield opened
        finally:
            opened.close()


def is_fault(message: Any) -> bool:
    """Streamlit asks for its own server below a page's path first, is told 404, and goes on at the root."""
    return message.type == "error" and not ("404" in message.text and "/_stcore/" in message.location["url"])


def settle(page: Any) -> None:
    """Wait until the charts are drawn and no run of the page is under way."""
    page.wait_for_selector("h1", timeout=PATIENCE)
    page.wait_for_function(QUIET, timeout=PATIENCE)
    page.wait_for_timeout(300)
    page.wait_for_function(QUIET, timeout=PATIENCE)


def choose_plan(page: Any) -> None:
    """Start from the plan as written, so that scenario and baseline differ."""
    page.locator("[data-testid='stSidebar'] [data-testid='stSelectbox'] input").first.click()
    options = page.get_by_role("option")
    options.filter(has_text="规划文本").or_(options.filter(has_text="as written")).first.click()
    page.locator("h2").filter(has_text="规划文本").or_(
        page.locator("h2").filter(has_text="as written")
    ).first.wait_for()
    settle(page)
