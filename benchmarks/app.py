"""How long a planner waits: start, and a lever's move by a key to the repainted chart, with 1 and 10 users; JSON lines.

    python benchmarks/app.py [--users 1 10] [--changes 20] [--stand-in]

Every user has a browser page on the same machine, so with ten users the browsers' own work is in the figures.
`server` is the time from the page's message to the server until the server's last answer to it before the repaint.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser.served import FLAGS, PATIENCE, QUIET, chromium, served

SLIDER = "[data-testid='stSidebar'] input[type='range']"
LEVERS = 7  # in the group that stands open
WATCH = """() => {
  const drawn = () => [...document.querySelectorAll("[data-testid='stVegaLiteChart'] svg path")]
    .map(path => path.getAttribute("d")).join();
  const before = drawn();
  window.repainted = null;
  window.addEventListener("keydown", () => {
    const start = performance.now();
    const look = () => drawn() !== before ? window.repainted = performance.now() - start : requestAnimationFrame(look);
    look();
  }, {once: true, capture: true});
}"""


def main() -> None:
    """Print a line for the start and one for each number of users."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--changes", type=int, default=20, help="changes in all, shared among the users")
    parser.add_argument("--stand-in", action="store_true", help="draws of the priors in the posterior's place")
    chosen = parser.parse_args()
    started = time.perf_counter()
    with served(chosen.stand_in) as address:
        answering = time.perf_counter() - started
        for users in chosen.users:
            asyncio.run(_measured(address, users, chosen.changes, answering))


async def _measured(address: str, users: int, changes: int, answering: float) -> None:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        pages, painted = [], []
        for _ in range(users):
            started = time.perf_counter()
            pages.append(await _opened(browser, address))
            painted.append(time.perf_counter() - started)
        _print("first paint", users, painted, server_start=[answering])
        each = max(1, round(changes / users))
        waited = await asyncio.gather(*(_user(page, number, each) for number, page in enumerate(pages)))
        repaints = [one for times, _ in waited for one in times]
        _print("release to repaint", users, repaints, server=[one for _, times in waited for one in times])
        await browser.close()


async def _opened(browser: Any, address: str) -> Any:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    page.sent, page.heard = 0.0, 0.0

    def listen(socket: Any) -> None:
        socket.on("framesent", lambda _: setattr(page, "sent", time.perf_counter()))
        socket.on("framereceived", lambda _: setattr(page, "heard", time.perf_counter()))

    page.on("websocket", listen)
    await page.goto(f"{address}/lab?lang=zh")
    await page.wait_for_selector("[data-testid='stVegaLiteChart'] svg")
    await page.wait_for_function(QUIET)
    return page


async def _user(page: Any, number: int, changes: int) -> tuple[list[float], list[float]]:
    """Move one lever by a key so many times, each time to a place where no other user moves theirs."""
    repaints, server = [], []
    for _ in range(changes):
        await page.wait_for_function(QUIET)
        lever = page.locator(SLIDER).nth(number % LEVERS)
        await lever.focus()
        await page.evaluate(WATCH)
        await lever.press("ArrowLeft" if number >= LEVERS else "ArrowRight")
        await page.wait_for_function("window.repainted !== null", timeout=120_000)
        repaints.append(await page.evaluate("window.repainted") / 1000)
        server.append(max(0.0, page.heard - page.sent))
    return repaints, server


def _print(what: str, users: int, seconds: list[float], **other: Any) -> None:
    line: dict[str, Any] = {"what": what, "users": users, "count": len(seconds), "cores": os.cpu_count()}
    line |= {"median_s": round(float(np.median(seconds)), 3), "p90_s": round(float(np.percentile(seconds, 90)), 3)}
    for name, values in other.items():
        line[f"{name}_median_s"] = round(float(np.median(values)), 3)
    line["load"] = round(os.getloadavg()[0], 1)
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
