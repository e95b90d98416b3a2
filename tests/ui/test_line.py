"""The line: so many at once, in order, equal wishes once, and nobody computes for those who left."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

import pytest
from streamlit.testing.v1 import AppTest

from innovation.scenarios.scenario_files import load_scenario
from innovation.ui.serving.queue import WaitingLine
from innovation.ui.state import cache
from innovation.ui.text.catalogue import LANGUAGES, catalogue

from .visitor import few_draws

PATIENCE = 60


class Left(Exception):
    """A visitor's page ends while they wait."""


@pytest.fixture
def gate():
    """What the first computation waits for, so that the others stand behind it."""
    found = threading.Event()
    yield found
    found.set()


def leaves(ahead: int) -> None:
    raise Left(ahead)


def test_the_line_computes_in_the_order_of_asking_and_tells_how_many_come_first(gate):
    line, order = WaitingLine(1), []
    first = line.take(lambda place: gate.wait(PATIENCE))
    places = [line.take(lambda place, number=number: order.append(number)) for number in range(3)]

    assert [place.ahead for place in places] == [1, 2, 3]
    gate.set()
    for place in reversed(places):
        place.wait()

    assert first.wait() is True
    assert order == [0, 1, 2]
    assert [place.ahead for place in places] == [0, 0, 0]


def test_no_more_than_so_many_are_computed_at_once():
    line, most, now, lock = WaitingLine(2), [0], [0], threading.Lock()

    def compute(place):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        threading.Event().wait(0.01)
        with lock:
            now[0] -= 1

    for place in [line.take(compute) for _ in range(8)]:
        place.wait()

    assert most == [2]


def test_a_visitor_who_leaves_makes_room_and_nothing_is_computed_for_them(gate):
    line, computed = WaitingLine(1), []
    line.take(lambda place: gate.wait(PATIENCE))
    left, stays = (line.take(lambda place, name=name: computed.append(name)) for name in ("left", "stays"))

    with pytest.raises(Left):
        left.wait(leaves)

    assert stays.ahead == 1
    gate.set()
    stays.wait()
    assert computed == ["stays"]
    with pytest.raises(CancelledError):
        left.wait()


def test_whoever_stays_gets_what_another_left(gate):
    line = WaitingLine(1)
    line.take(lambda place: gate.wait(PATIENCE))
    shared = line.take(lambda place: "found")
    shared.join()

    with pytest.raises(Left):
        shared.wait(leaves)
    gate.set()

    assert shared.wait() == "found"


def test_what_a_computation_raises_is_raised_for_everybody_who_waits_even_a_timeout():
    def fails(place):
        raise TimeoutError("its own")

    place = WaitingLine(1).take(fails)

    for _ in range(2):
        with pytest.raises(TimeoutError, match="its own"):
            place.wait()
    assert isinstance(place.failure, TimeoutError)


@pytest.fixture
def drawn(monkeypatch, gate):
    """The page's cache with few members and one processor, which is taken until the gate opens."""
    line = WaitingLine(1)
    monkeypatch.setattr(cache, "ENSEMBLES", line)
    with few_draws(monkeypatch):
        line.take(lambda place: gate.wait(PATIENCE))
        yield line
        gate.set()


def test_equal_scenarios_of_visitors_at_once_are_computed_once(city, drawn, gate, monkeypatch):
    computed, found, compute = [], [], cache.outcome_of
    monkeypatch.setattr(cache, "outcome_of", lambda *given: computed.append(given) or compute(*given))
    scenario, files = load_scenario(city, "rebalancing"), cache.fingerprint()
    visitors = [threading.Thread(target=lambda: found.append(cache.outcome(files, scenario))) for _ in range(5)]
    for visitor in visitors:
        visitor.start()

    gate.set()
    for visitor in visitors:
        visitor.join(PATIENCE)

    assert len(computed) == 1
    assert len(found) == 5
    assert all(one is found[0] for one in found)


def test_a_scenario_whose_visitor_left_is_computed_for_the_next(city, drawn, gate):
    scenario, files = load_scenario(city, "rebalancing"), cache.fingerprint()
    with pytest.raises(Left):
        cache.outcome(files, scenario, leaves)

    gate.set()

    assert cache.outcome(files, scenario).members == 20


def test_a_scenario_that_failed_is_tried_again(city, drawn, gate, monkeypatch):
    compute = cache.outcome_of

    def fails(*given):
        monkeypatch.setattr(cache, "outcome_of", compute)
        raise MemoryError

    gate.set()
    monkeypatch.setattr(cache, "outcome_of", fails)
    scenario, files = load_scenario(city, "rebalancing"), cache.fingerprint()

    with pytest.raises(MemoryError):
        cache.outcome(files, scenario)

    assert cache.outcome(files, scenario).members == 20


def _today():
    from innovation.ui.pages import today

    today.show()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_that_waits_says_how_many_come_first_and_then_shows_its_figures(drawn, gate, language, monkeypatch):
    said = []
    busy = catalogue(language)("app.busy", count=1)
    from streamlit.delta_generator import DeltaGenerator

    shown = DeltaGenerator.info

    def hears(self, text, **given):
        said.append(text)
        gate.set()
        return shown(self, text, **given)

    monkeypatch.setattr(DeltaGenerator, "info", hears)
    page = AppTest.from_function(_today, default_timeout=PATIENCE)
    page.query_params["lang"] = language

    page.run()

    assert said[:1] == [busy]
    assert not page.exception
    assert busy not in [found.value for found in page.info]
    assert page.get("html")
