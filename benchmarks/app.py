"""How long a planner waits: start, and a lever's move by a key to the repainted chart, with 1 and 10 users; JSON lines.

    python benchmarks/app.py [--users 1 10] [--browsers 1] [--changes 20] [--stand-in]

All users move a lever at the same moment, again and again. Some have a browser on this machine, the others speak the
page's protocol without one, since a planner's browser works on the planner's machine. `repaint` is what a browser
shows; `server` is how long those without one wait for both charts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser.served import FLAGS, PATIENCE, QUIET, chromium, served
from tests.browser.visitors import Visitor, visit

SLIDER = "[data-testid='stSidebar'] input[type='range']"
LEVERS = 7  # in the group that stands open
POLLING = 100  # milliseconds; a look at every frame would cost as much as what is measured
WATCH = """() => {
  const drawn = () => [...document.querySelectorAll("[data-testid='stVegaLiteChart'] svg path")]
    .map(path => path.getAttribute("d")).join();
  const before = drawn();
  window.repainted = new Promise(resolve => {
    window.addEventListener("keydown", () => {
      const start = performance.now();
      const watch = new MutationObserver(() => {
        if (drawn() === before) return;
        watch.disconnect();
        requestAnimationFrame(() => resolve(performance.now() - start));
      });
      watch.observe(document.body, {subtree: true, childList: true, attributes: true, attributeFilter: ["d"]});
    }, {once: true, capture: true});
  });
}"""


def main() -> None:
    """Print a line for the start and one for each number of users."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--browsers", type=int, default=1, help="how many of the users have a browser here")
    parser.add_argument("--changes", type=int, default=20, help="changes of each user")
    parser.add_argument("--stand-in", action="store_true", help="draws of the priors in the posterior's place")
    chosen = parser.parse_args()
    started = time.perf_counter()
    with served(chosen.stand_in) as address:
        answering = time.perf_counter() - started
        for users in chosen.users:
            browsers = min(users, chosen.browsers)
            asyncio.run(_measured(address, browsers, users - browsers, chosen.changes, answering))
        asyncio.run(_measured(address, 0, 1, chosen.changes, answering))


async def _measured(address: str, browsers: int, others: int, changes: int, answering: float) -> None:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright, AsyncExitStack() as open_sockets:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        pages, painted = [], []
        for _ in range(browsers):
            started = time.perf_counter()
            pages.append(await _opened(browser, address))
            painted.append(time.perf_counter() - started)
        visitors = [Visitor(await open_sockets.enter_async_context(visit(address))) for _ in range(others)]
        for visitor in visitors:
            await visitor.opens()
        users = browsers + others
        if painted:
            _print("first paint", users, painted, server_start=[answering])
        repaints, served_in = [], []
        for change in range(changes):
            moved = await asyncio.gather(
                *(_repaint(page, number, change) for number, page in enumerate(pages)),
                *(
                    visitor.moves(_lever(browsers + k), _steps(browsers + k, change))
                    for k, visitor in enumerate(visitors)
                ),
            )
            repaints += moved[:browsers]
            served_in += moved[browsers:]
        if repaints:
            _print("repaint", users, repaints)
        if served_in:
            _print("server", users, served_in)
        await browser.close()


def _lever(number: int) -> int:
    return number % LEVERS


def _steps(number: int, change: int) -> int:
    """Users of one lever go opposite ways, so that each change is a scenario of its own."""
    return (change + 1) * (1 if number < LEVERS else -1)


async def _opened(browser: Any, address: str) -> Any:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await page.goto(f"{address}/lab?lang=zh")
    await page.wait_for_selector("[data-testid='stVegaLiteChart'] svg")
    await page.wait_for_function(QUIET, polling=POLLING)
    return page


async def _repaint(page: Any, number: int, change: int) -> float:
    """Move a lever one step by a key; seconds until the charts are drawn anew."""
    await page.wait_for_function(QUIET, polling=POLLING)
    lever = page.locator(SLIDER).nth(_lever(number))
    await lever.focus()
    await page.evaluate(WATCH)
    await lever.press("ArrowRight" if _steps(number, change) > 0 else "ArrowLeft")
    return float(await page.evaluate("window.repainted")) / 1000


def _print(what: str, users: int, seconds: list[float], **other: Any) -> None:
    line: dict[str, Any] = {"what": what, "users": users, "count": len(seconds), "cores": os.cpu_count()}
    line |= {"median_s": round(float(np.median(seconds)), 3), "p90_s": round(float(np.percentile(seconds, 90)), 3)}
    for name, values in other.items():
        line[f"{name}_median_s"] = round(float(np.median(values)), 3)
    line["load"] = round(os.getloadavg()[0], 1)
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
