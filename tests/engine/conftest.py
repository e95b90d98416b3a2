"""Toy models: files with known answers, and texts that a test writes to a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from engine import Model, load_model

TOYS = Path(__file__).parents[1] / "models"
CONTROLS = """
********************************************************
	.Control
********************************************************~
		Simulation control.
	|
INITIAL TIME = {start} ~ year ~ Start. |
FINAL TIME = {end} ~ year ~ End. |
TIME STEP = {dt} ~ year ~ Step. |
SAVEPER = TIME STEP ~ year ~ Kept. |
"""

Load = Callable[..., Model]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the tests' parsed models out of the user's cache folder."""
    folder = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_: folder)
    yield folder


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write equations and time controls to a model file."""

    def write_model(
        equations: str, *, start: float = 0, end: float = 10, dt: float = 0.5, name: str = "toy.mdl"
    ) -> Path:
        path = tmp_path / name
        path.write_text(equations + CONTROLS.format(start=start, end=end, dt=dt), encoding="utf-8")
        return path

    return write_model


@pytest.fixture
def load(write: Callable[..., Path]) -> Load:
    """Load a model of these equations; the grid goes from 0 to 10 by 0.5 unless told otherwise."""

    def load_text(equations: str, *, backend: Literal["numpy", "vectors"] | None = None, **grid: float) -> Model:
        return load_model(write(equations, **grid), backend)

    return load_text


@pytest.fixture(scope="session")
def tank_file() -> Path:
    return TOYS / "tank.mdl"


@pytest.fixture
def tank(tank_file: Path) -> Model:
    return load_model(tank_file)
