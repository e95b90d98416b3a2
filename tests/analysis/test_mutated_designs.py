"""Designs broken at random: each ends in a study or in a fault that names itself, soon, and what is read can be run."""

from __future__ import annotations

import random

import pytest

from innovation.analysis.design.checking import make_study
from innovation.analysis.design.design import parse_design
from innovation.analysis.design.factors import Distributions, Study
from innovation.analysis.design.points import members_of
from innovation.analysis.findings.findings import findings_of
from innovation.analysis.sweeps.exploring import explored
from innovation.calibration.priors.space import Space
from innovation.model.files.faults import DocumentError
from innovation.scenarios.scenario_files import load_scenario
from tests.damage import LONGEST, processor_time

MOST_RUN = 1000  # members of a mutation that is run too
SEEDS = {
    "toy": """\
schema: 1
method: sobol
size: 64
seed: 3
second_order: true
scenario: baseline
factors:
  - {constant: knowledge elasticity, range: [0.01, 0.1]}
  - {lever: science_share, range: [0.01, 0.05], from: 2012, ramp: 2}
  - {input: electronics_demand, range: [0.02, 0.1]}
  - {constant: platform cost, range: prior}
outputs: [output, "industry output[materials]"]
years: [2015, 2010]
""",
    "posterior": """\
schema: 1
method: monte_carlo
size: 300
factors:
  - {constant: all, range: posterior}
  - {lever: research_share, range: [0.2, 0.7]}
outputs: targets
years: all
""",
    "grid": """\
schema: 1
method: grid
size: 3
factors:
  - {constant: all, range: prior}
outputs: indicators
years: [2015]
""",
    "morris": """\
schema: 1
method: morris
size: 40
levels: 6
factors:
  - {constant: forgetting, range: [0.06, 0.3]}
  - {lever: research_share, range: [0, 0.5]}
  - {lever: science_share, range: [0.01, 0.05]}
outputs: targets
years: [2015]
""",
}
WORDS = (
    "1" + "0" * 400,
    "a" * 3000,
    "- " * 40 + "1",
    "[" * 30,
    *"""nan | .nan | .inf | -.inf | 1e400 | 1e308 | -1e308 | 0 | -1 | 1.0 | 1e4 | 2012-01-01 | yes | null | ~ | '' |
"" | [] | {} | [[]] | [1, 2, 5] | [0, 1] | [1, 1] | [.nan, 1] | [0, .inf] | [true, false] | all | prior |
posterior | priors | TIME STEP | FINAL TIME | INITIAL TIME | SAVEPER | Time | morris | sobol | grid |
latin_hypercube | monte_carlo | baseline | baseline+baseline | ../baseline | /dev/zero | 石 | ： | ， | ｛ |
!!python/object:os.system | &a 1 | *a | 0x10 | 1_000 | 99999999 | 1000000000 | 2 | 1024 | output |
output growth | industry output | industry output[materials, materials] | industry output[x] | trend growth |
trend growth[electronics] | science_share | electronics_demand | knowledge elasticity""".replace("\n", " ").split(
        " | "
    ),
)


def mutated(text: str, chance: random.Random) -> str:
    """One to four changes of a design's text."""
    for _ in range(chance.randint(1, 4)):
        lines = text.split("\n")
        place, kind = chance.randrange(len(lines)), chance.randrange(9)
        if kind == 0:
            lines[place] = ""
        elif kind == 1:
            lines.insert(place, chance.choice(lines))
        elif kind == 2 and ":" in lines[place]:
            lines[place] = lines[place].split(":")[0] + ": " + chance.choice(WORDS)
        elif kind == 3:
            spots = [spot for spot, letter in enumerate(lines[place]) if letter in ",:[]{}"]
            if spots:
                spot = chance.choice(spots)
                lines[place] = lines[place][:spot] + chance.choice(",:[]{}：，") + lines[place][spot + 1 :]
        elif kind == 4:
            parts = lines[place].split(" ")
            parts[chance.randrange(len(parts))] = chance.choice(WORDS)
            lines[place] = " ".join(parts)
        elif kind == 5:
            cut = chance.randrange(len(lines[place]) + 1)
            lines[place] = lines[place][:cut] + chr(chance.randrange(1, 0x3000)) + lines[place][cut:]
        elif kind == 6:
            lines[place] = lines[place].replace("lever", "constant") if chance.random() < 0.5 else " " + lines[place]
        elif kind == 7:
            lines = [*lines[:place], *lines[place:] * chance.choice((2, 3, 200))]
        else:
            digits = [spot for spot, letter in enumerate(lines[place]) if letter.isdigit()]
            if digits:
                spot = chance.choice(digits)
                lines[place] = (
                    lines[place][:spot] + chance.choice(("9", "0", "-", "99999", "e", ".")) + lines[place][spot + 1 :]
                )
        text = "\n".join(lines)
    return text


@pytest.fixture(scope="module")
def distributions(toy_city):
    space = Space(toy_city)
    return Distributions(space, space.to_constants(space.draw(150, [1])), "of the toy")


@pytest.mark.parametrize("count", [100, pytest.param(2000, marks=pytest.mark.slow)])
def test_mutated_designs_end_soon_and_without_a_traceback(toy_city, distributions, count):
    slowest, read = (0.0, ""), 0
    for number in range(count):
        text = mutated(SEEDS[sorted(SEEDS)[number % len(SEEDS)]], random.Random(number))
        slowest = max(slowest, (processor_time(lambda text=text: _read(toy_city, text, distributions)), text))
        study = _read(toy_city, text, distributions)
        if study is not None and members_of(study.design, len(study.ranges) + len(study.priors)) <= MOST_RUN:
            read += 1
            try:
                findings_of(explored(study))
            except DocumentError as error:
                assert str(error).strip()

    assert slowest[0] < LONGEST, slowest
    assert read > count / 50


def _read(city, text: str, distributions: Distributions) -> Study | None:
    try:
        design, document = parse_design(text)
        return make_study(city, design, load_scenario(city, design.scenario), distributions, document)
    except DocumentError as error:
        assert str(error).strip()
        return None


@pytest.mark.parametrize(
    "broken",
    [
        "factors:\n" + "".join(f" - {{constant: some unknown thing {n}, range: [0, 1]}}\n" for n in range(2000)),
        "factors:\n" + "".join(f" - {{lever: unknown_thing_{n}, range: [0, 1]}}\n" for n in range(2000)),
        "factors:\n" + "".join(f" - {{constant: a{n}, rage: [0, 1]}}\n" for n in range(2000)),
        "factors:\n - {constant: inflation, range: [0.03, 0.04]}\noutputs:\n" + " - no_such_output\n" * 5000,
    ],
)
def test_faults_without_number_end_soon(city, broken):
    text = f"schema: 1\nmethod: morris\nsize: 40\n{broken}"

    assert _read(city, text, Distributions()) is None
    assert processor_time(lambda: _read(city, text, Distributions())) < LONGEST
