"""Ten visitors at once, without browsers: each sees the figures of their own scenario, whole and of the last move."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from innovation.scenarios.scenario_files import load_scenario
from innovation.ui import draft
from innovation.ui.outcomes import Ensemble, outcome
from innovation.ui.state import cache, session
from tests.standin import draws_of, instrument

from .served import served
from .visitors import Visitor, visit

pytestmark = pytest.mark.browser
LEVER = "fiscal_science_share"
VISITORS, ROUNDS = 10, 3


async def moved(address: str, values: list[list[float]]) -> list[Visitor]:
    """Visitors after they moved the lever to their values, all at the same moments."""
    async with AsyncExitStack() as sockets:
        visitors = [Visitor(await sockets.enter_async_context(visit(address))) for _ in values]
        await asyncio.gather(*(visitor.opens() for visitor in visitors))
        place = next(n for n, name in enumerate(visitors[0].sliders) if LEVER in name)
        for number in range(ROUNDS):
            await asyncio.gather(
                *(visitor.puts(place, of[number]) for visitor, of in zip(visitors, values, strict=True))
            )
        return visitors


def test_ten_visitors_at_once_each_see_their_own_scenario(city):
    values = [[1.0 + 0.1 * (k + VISITORS * number) for number in range(ROUNDS)] for k in range(VISITORS)]

    with served() as address:
        visitors = asyncio.run(moved(address, values))

    draws, baseline = draws_of(city), load_scenario(city, "baseline")
    count, how = min(cache.MEMBERS, draws.distinct), instrument(city)
    ensemble = Ensemble(draws.members(cache.MEMBERS), count, draws.hash, how)
    for visitor, of in zip(visitors, values, strict=True):
        to = draft.InputCourse(draft.stored(city.levers[LEVER], of[-1]))
        found = outcome(city, draft.moved(city, baseline, LEVER, to), ensemble)
        for name, picture in zip(session.USUAL_CHARTS, visitor.pictures, strict=True):
            assert [row["scenario"] for row in picture] == found.middle(name).tolist()
            assert [row["low90"] for row in picture] == found.band(name)[0].tolist()
