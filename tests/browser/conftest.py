"""The app served once a module, a browser, and pages that write down what goes wrong in them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from .served import PATIENCE, browser, chromium, is_fault, served


@pytest.fixture(scope="module")
def address():
    pytest.importorskip("playwright", reason="playwright is not installed: pip install playwright")
    if chromium() is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def opened(address):
    with browser() as found:
        yield found


@pytest.fixture
def watched(opened):
    """A page of a fresh profile that writes down its console errors and the hosts it asks."""
    context = opened.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.faults, page.hosts = [], set()
    page.on("console", lambda message: page.faults.append(message.text) if is_fault(message) else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("request", lambda request: page.hosts.add(urlsplit(request.url).hostname))
    page.on("websocket", lambda socket: page.hosts.add(urlsplit(socket.url).hostname))
    yield page
    context.close()
