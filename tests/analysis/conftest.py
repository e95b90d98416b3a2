"""A sweep as its users start it: a design's text, a small city, a folder."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from innovation.analysis.design.checking import make_study
from innovation.analysis.design.design import parse_design
from innovation.analysis.design.factors import Distributions, Study
from innovation.model.city import City
from innovation.model.loading import load_city
from innovation.scenarios.scenario_files import load_scenario

ISHIGAMI = Path(__file__).parents[1] / "models" / "ishigami"
THREE = "".join(
    f"  - {{constant: {name}, range: [-{math.pi!r}, {math.pi!r}]}}\n" for name in ("first", "second", "third")
)


@pytest.fixture(scope="session")
def ishigami() -> City:
    return load_city(ISHIGAMI)


@pytest.fixture(scope="session")
def study_of() -> Callable[..., Study]:
    """A study from a city and the text of a design, `factors:` and what follows left to the caller."""

    def made(city: City, text: str, distributions: Distributions | None = None) -> Study:
        design, document = parse_design(f"schema: 1\n{text}")
        return make_study(city, design, load_scenario(city, design.scenario), distributions, document)

    return made


@pytest.fixture(scope="session")
def three() -> str:
    return f"factors:\n{THREE}"
