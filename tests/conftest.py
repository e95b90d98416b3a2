"""Cities that several tests ask: the toy city, whose answers are known, and the real one."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from innovation.model.city import City
from innovation.model.loading import load_city

from .switched import switched

TOY_CITY = Path(__file__).parent / "models" / "toy_city"

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # begun in the background: what tests start would ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def toy_city() -> City:
    return load_city(TOY_CITY)


@pytest.fixture(scope="session")
def city() -> City:
    return load_city()


@pytest.fixture(scope="session")
def switched_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The toy city with a switch on which views differ."""
    return load_city(switched(tmp_path_factory.mktemp("city")))
