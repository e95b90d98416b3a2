"""The page as an operator serves it: nothing leaves the machine, and no stranger keeps a visitor waiting."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus

from tests.browser.served import served
from tests.browser.visitors import Visitor, visit

pytestmark = pytest.mark.slow
STRANGERS = ("http://evil.example", "https://10.0.0.7", "null")


async def moved_among_strangers(address: str) -> list[int]:
    """What strangers are answered who knock while a visitor moves a lever and is answered."""
    statuses: list[int] = []
    async with visit(address) as socket:
        visitor = Visitor(socket)
        await visitor.opens()

        async def knocks(origin: str) -> None:
            with pytest.raises(InvalidStatus) as refused:
                async with visit(address, origin):
                    pass
            statuses.append(refused.value.response.status_code)

        await asyncio.gather(*map(knocks, STRANGERS), visitor.moves(0, 1))
    return statuses


def test_a_foreign_origin_is_refused_without_a_look_up_while_a_visitor_is_served(tmp_path, monkeypatch):
    overheard = tmp_path / "overheard"
    monkeypatch.setenv("OVERHEARD", str(overheard))

    with served(True, front="tests/browser/serve_overheard.py") as address:
        statuses = asyncio.run(asyncio.wait_for(moved_among_strangers(address), 60))
        rebound = urllib.request.Request(address, headers={"Host": f"evil.example:{urlsplit(address).port}"})
        with pytest.raises(urllib.error.HTTPError) as other:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(rebound)

    assert statuses == [403] * len(STRANGERS)
    assert other.value.code == 400
    assert not overheard.exists()
