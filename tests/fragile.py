"""Cities some of whose members fail: where the lever of science money passes a constant of theirs, from then on."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from innovation.model.city import City
from innovation.model.loading import FOLDER as CITY
from innovation.model.loading import load_city
from innovation.scenarios.scenario_files import parse_scenario
from innovation.scenarios.schema import Scenario

TOY = Path(__file__).parent / "models" / "toy_city"
LIMIT = "most science share"  # a member's; above it the square root of a negative number is met
SCENARIO = """\
schema: 2
id: {id}
title: {{en: {id}, zh: 情景{id}}}
question: {{en: What if?, zh: 如何？}}
source: judgement
policies: [{policy}]
"""
BELIEF = f"{LIMIT}: {{role: fixed, low: -1, high: 1, source: judgement}}\n"
CONSTANT = f"{LIMIT} = {{}}\n\t~\tDmnl\n\t~\tScience money beyond it breaks the city. [judgement]\n\t|\n\n"


def fragile_toy(folder: Path, nominal: float = 1.0) -> City:
    """The toy city, which breaks where its lever science_share passes LIMIT."""
    return _fragile(TOY, folder, "total output = ", "science share", nominal)


def fragile_wuhan(folder: Path, nominal: float = 1.0) -> City:
    """The city, which breaks where its lever fiscal_science_share passes LIMIT."""
    return _fragile(CITY, folder, "decided science share = ", "fiscal science share", nominal)


def _fragile(source: Path, folder: Path, equation: str, lever: str, nominal: float) -> City:
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = next(folder.glob("*.mdl"))
    text = file.read_text(encoding="utf-8")
    assert text.count(f"\n{equation}") == 1
    broken = f"\n{CONSTANT.format(nominal)}{equation}0 * SQRT( {LIMIT} - {lever} ) + "
    file.write_text(text.replace(f"\n{equation}", broken), encoding="utf-8")
    with (folder / "parameters.yaml").open("a", encoding="utf-8") as beliefs:
        beliefs.write(BELIEF)
    return load_city(folder)


def scenario_of(city: City, id: str, share: float | None = None, lever: str = "science_share") -> Scenario:
    """A scenario that takes the lever to a share in 2012, or leaves all as it is."""
    policy = "" if share is None else f"{{lever: {lever}, from: 2012, to: {share}}}"
    return parse_scenario(city, SCENARIO.format(id=id, policy=policy), id)


def limits(members: int, *broken: tuple[int, float]) -> dict[str, np.ndarray]:
    """LIMIT of so many members: 1, but of those numbered (from 1) what is given with the number."""
    values = np.ones(members)
    for number, limit in broken:
        values[number - 1] = limit
    return {LIMIT: values}
