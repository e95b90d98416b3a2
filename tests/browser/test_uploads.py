"""A file that the page has read is not kept in the server's memory."""

from __future__ import annotations

import time
import urllib.request

import pytest

from innovation.scenarios.scenario_files import LIBRARY

from .served import settle

pytestmark = pytest.mark.browser


def parked(address: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{address}/_stcore/metrics") as answer:
        return b"UploadedFileManager" in answer.read()


def becomes(address: str, wanted: bool) -> bool:
    """Whether uploads are parked, or are parked no more, before long; the server counts anew every five seconds."""
    for _ in range(20):
        if parked(address) == wanted:
            return True
        time.sleep(1)
    return False


def test_a_file_leaves_the_server_s_memory_when_the_page_has_read_it(watched, address):
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)
    watched.get_by_role("button", name="Files and report").click()
    watched.locator("[data-testid='stFileUploader'] input").set_input_files(LIBRARY / "rebalancing.yaml")
    assert becomes(address, True)

    watched.get_by_test_id("stBaseButton-secondaryFormSubmit").click()
    watched.wait_for_selector("h2:has-text('Rebalancing')")

    assert becomes(address, False)
    assert watched.faults == []
