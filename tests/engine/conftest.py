"""Toy models: files with known answers, and texts that a test writes to a file of its own; each for every back-end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from innovation.engine.backends.llvm import machine
from innovation.engine.model import Model, load_model

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
XMILE = """<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<sim_specs method="{method}" time_units="year"><start>0</start><stop>4</stop><dt reciprocal="true">2</dt></sim_specs>
<dimensions><dim name="kind"><elem name="red"/><elem name="blue"/></dim><dim name="place" size="3"/></dimensions>
{before}<model><variables>
{variables}
</variables></model></xmile>
"""
RUNGE_KUTTA = "\n\\\\\\---/// Sketch\nV300\n///---\\\\\\\n:L<%^E!@\n15:0,0,0,5,0,0\n"

Load = Callable[..., Model]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the tests' parsed models out of the user's cache folder."""
    folder = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_: folder)
    yield folder


@pytest.fixture(params=["numpy", "vectors"])
def backend(request: pytest.FixtureRequest) -> str:
    """Each back-end in turn."""
    if request.param == "vectors" and not machine.available():
        pytest.skip("llvmlite does not work here")
    return request.param


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write equations, time controls and the integration method to a model file."""

    def write_model(
        equations: str,
        *,
        start: float = 0,
        end: float = 10,
        dt: float = 0.5,
        method: str = "euler",
        name: str = "toy.mdl",
    ) -> Path:
        path = tmp_path / name
        settings = {"euler": "", "rk4": RUNGE_KUTTA}[method]
        path.write_text(equations + CONTROLS.format(start=start, end=end, dt=dt) + settings, encoding="utf-8")
        return path

    return write_model


@pytest.fixture
def load(write: Callable[..., Path], backend: str) -> Load:
    """Load a model of these equations; the grid goes from 0 to 10 by 0.5 unless told otherwise."""

    def load_text(equations: str, **grid: float | str) -> Model:
        return load_model(write(equations, **grid), backend=backend)

    return load_text


@pytest.fixture(scope="session")
def tank_file() -> Path:
    return TOYS / "tank.mdl"


@pytest.fixture
def tank(tank_file: Path, backend: str) -> Model:
    return load_model(tank_file, backend=backend)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Model]:
    """Load an XMILE model of these variables; its grid goes from 0 to 4 by 0.5."""

    def read_text(variables: str, method: str = "Euler", before: str = "") -> Model:
        path = tmp_path / "model.xmile"
        path.write_text(XMILE.format(variables=variables, method=method, before=before))
        return load_model(path)

    return read_text
