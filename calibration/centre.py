"""The nominal run as the posterior's centre: drawn constants of the model file near the middle of their draws.

A run of middles is not the middle of runs, for what the record informs is tied together. So those constants go from
their medians to what is expected, over the draws, of a member whose headline figures are the medians; what is still
off is named.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from innovation.engine import ModelFileError, load_model
from innovation.engine.files import write_whole
from innovation.engine.ir import normalised_name
from innovation.model import HORIZON, PLAN_ENDS, RECORD_ENDS, City
from innovation.model.files import DocumentError, Value, fault, shown
from innovation.scenarios.checks import LawResult
from innovation.scenarios.levers import NOTHING_MOVES, read_moves
from innovation.scenarios.simulation import Failures, TooManyFailed, figures, sound_figures, told, yearly_run

from .posterior.draws import PosteriorDraws
from .posterior.fingerprint import bound_hash, priors_of
from .priors.space import Space

Floats = NDArray[np.float64]

DIGITS = 3  # of a value in the model file
NEAR = 0.02  # of the median: a headline figure further off is named
WATCHED = (2007, RECORD_ENDS, 2013, PLAN_ENDS)  # years whose headline figures come to their medians
SAME = 0.05  # of a constant's spread: another processor's draws of figures move no value further
STEPS, RIDGE = 3, 0.02  # of the regression: figures are told to a seventh of their spread
_NUMBER = re.compile(r"\s*[-+]?[\d.]+([eE][-+]?\d+)?\s*")
_LINE = re.compile(r"(?P<head>(?P<name>[^=~|\n\[]+?)\s*(?:\[(?P<of>[^\]\n]*)\])?\s*=\s*)(?P<numbers>[^~|\n]*?)\s*")


@dataclass(frozen=True)
class Off:
    """A headline figure of the nominal run that is not near its median over the draws."""

    indicator: str
    year: int
    nominal: float
    median: float

    def __str__(self) -> str:
        difference = f" ({self.nominal / self.median - 1:+.1%})" if self.median else ""
        return f"{self.indicator} {self.year}: {self.nominal:.4g}, median {self.median:.4g}{difference}"


def centre(city: City, draws: PosteriorDraws) -> dict[str, float]:
    """The value of every drawn constant in the nominal run, 'Name' or 'Name[element]' -> value to three digits.

    `middles`, and those that the record informs moved by their regression, over the draws, on the headline figures to
    PLAN_ENDS, until these come to their medians.

    Raises TooManyFailed where too many draws fail, or a run of middles does.
    """
    found = middles(city, draws)
    learned = [name for name in found if name in draws.record.names]
    own, failures = _run(city, draws.draws)
    members = _watched(city, own)
    spread = members.std(axis=1)
    apart = spread > 0
    if not learned or not apart.any():
        return found
    x, figures_now = np.stack([draws.draws[name][failures.kept] for name in learned]), members[apart]
    wide, high = x.std(axis=1), spread[apart]
    ties = _ties(x, figures_now)
    limits = {name: (x[place].min(), x[place].max()) for place, name in enumerate(learned)}
    for _ in range(STEPS):
        run = {name: np.array([value]) for name, value in found.items()}
        missing = (np.median(figures_now, axis=1) - _headline(city, run)[apart, 0]) / high
        for name, step in zip(learned, (ties @ missing) * wide, strict=True):
            found[name] = float(np.clip(found[name] + step, *limits[name]))
    return {name: float(f"{value:.{DIGITS}g}") for name, value in found.items()}


def _ties(x: Floats, figures_now: Floats) -> Floats:
    """Regression of standardised constants (rows of x) on standardised figures; shape (constants, figures)."""
    z, y = ((a - a.mean(axis=1, keepdims=True)) / a.std(axis=1, keepdims=True) for a in (x, figures_now))
    count = z.shape[1]
    return np.asarray((z @ y.T / count) @ np.linalg.inv(y @ y.T / count + RIDGE * np.eye(len(y))))


def _run(city: City, values: Mapping[str, Floats]) -> tuple[dict[str, Floats], Failures]:
    """Figures under 2010 practice of the members that do not fail, and who does."""
    found, failures = sound_figures(city, {NOTHING_MOVES: [values]})
    return found[NOTHING_MOVES][0], failures


def left_out(city: City, draws: PosteriorDraws) -> str:
    """In a line how many draws fail under 2010 practice, and why; '' where none does. Raises as `centre`."""
    return " ".join(told(_run(city, draws.draws)[1]))


def _headline(city: City, values: Mapping[str, Floats]) -> Floats:
    """Headline figures under 2010 practice in the years that are watched, shape (figures, members that do not fail)."""
    return _watched(city, _run(city, values)[0])


def _watched(city: City, found: Mapping[str, Floats]) -> Floats:
    return np.concatenate(
        [
            found[name][:, [city.years.index(year)]].T
            for name in read_moves(city).headline
            for year in WATCHED
            if year in city.years and year >= city.indicators[name].first_year
        ]
    )


def middles(city: City, draws: PosteriorDraws) -> dict[str, float]:
    """The middle of every drawn constant, 'Name' or 'Name[element]' -> value to three digits.

    Of constants that the record informs the median of the draws, of the others the prior's own. A constant whose draws
    take two values is a switch, and left out; so is the split over industries, around which these are drawn.
    """
    space, learned = Space(city), set(draws.record.names)
    prior = dict(zip(space.names, space.values(np.zeros((1, space.d)))[:, 0], strict=True))
    drawn = priors_of(city)
    found = {}
    for name, values in draws.draws.items():
        if name not in prior or not (name in drawn or name.partition("[")[0] in drawn) or len(np.unique(values)) <= 2:
            continue
        middle = float(np.median(values) if name in learned else prior[name])
        found[name] = float(f"{middle:.{DIGITS}g}")
    return found


def moved(city: City, wanted: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Constants whose value in the model file is not the wanted one: name -> both."""
    return {name: (now, value) for name, value in wanted.items() if (now := city.nominal(name)) != value}


def write_nominal(city: City, wanted: Mapping[str, float]) -> None:
    """Write values into the city's model file, whole or not at all; nothing else in it changes.

    Raises
    ------
    DocumentError
        Where a constant does not stand in the file as a number, or a row of numbers, that can be replaced.
    OSError
        Where the file cannot be written.
    """
    path = city.model.path
    content = path.read_bytes()
    text = "".join(_rewritten(city, content.decode("utf-8"), wanted))
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder) / path.name
        tried.write_bytes(text.encode())
        try:
            model = load_model(tried)
            missed = [name for name in wanted if _value(city, model.constants, name) != wanted[name]]
        except ModelFileError as error:
            raise _refused(path, "calibration.rewritten_unread", problem=str(error).splitlines()[0]) from None
    if not missed and bound_hash(replace(city, model=model)) != bound_hash(city):
        raise _refused(path, "calibration.more_would_change")
    if missed:
        raise _refused(path, "calibration.no_number_there", names=tuple(missed[:5]))
    if path.read_bytes() != content:
        raise _refused(path, "calibration.changed_meanwhile")
    write_whole(path, text)


def off_centre(city: City, draws: PosteriorDraws) -> list[Off]:
    """Headline figures of moves.yaml, under 2010 practice, that lie further than NEAR from their median over draws.

    Raises as `centre`.
    """
    years = [year for year in city.years if year <= PLAN_ENDS or year == HORIZON]
    nominal = figures(city, yearly_run(city, {}))
    return list(_off(city, read_moves(city).headline, years, nominal, _run(city, draws.draws)[0]))


def law(city: City, draws: PosteriorDraws) -> LawResult:
    """Whether the nominal run is the posterior's centre; headline figures that are not near are named with it."""
    said = "the nominal run is the posterior's centre"
    try:
        return _centred(city, draws, said)
    except TooManyFailed as error:
        return LawResult(said, False, str(error))


def _centred(city: City, draws: PosteriorDraws, said: str) -> LawResult:
    elsewhere = {
        name: (now, value)
        for name, (now, value) in moved(city, centre(city, draws)).items()
        if abs(now - value) > SAME * draws.draws[name].std()
    }
    if elsewhere:
        named = ", ".join(f"{name} {now:g} for {value:g}" for name, (now, value) in list(elsewhere.items())[:3])
        return LawResult(said, False, f"{len(elsewhere)} constants are not: {named}. Run `cli.py nominal`.")
    far = off_centre(city, draws)
    off = f"{len(far)} headline figures are further than {NEAR:.0%} off: {'; '.join(map(str, far))}"
    return LawResult(said, True, " ".join(filter(None, [off, left_out(city, draws)])))


def _off(
    city: City, names: Sequence[str], years: Sequence[int], nominal: Mapping[str, Floats], members: Mapping[str, Floats]
) -> Iterator[Off]:
    for name in names:
        for year in (year for year in years if year >= city.indicators[name].first_year):
            place = city.years.index(year)
            one, median = nominal[name][0, place], np.median(members[name][:, place])
            if abs(one - median) > NEAR * abs(median):
                yield Off(name, year, float(one), float(median))


def _rewritten(city: City, text: str, wanted: Mapping[str, float]) -> Iterator[str]:
    """The lines of a model file, those of wanted constants with their new numbers."""
    constants = {normalised_name(name.partition("[")[0]): name.partition("[")[0] for name in wanted}
    for line in text.splitlines(keepends=True):
        match = _LINE.fullmatch(line.rstrip("\r\n"))
        name = constants.get(normalised_name(match["name"])) if match else None
        if match is None or name is None:
            yield line
            continue
        end = line[len(line.rstrip("\r\n")) :]
        yield match["head"] + _numbers(city, name, match["of"], match["numbers"], wanted) + end


def _numbers(city: City, name: str, of: str | None, written: str, wanted: Mapping[str, float]) -> str:
    """The numbers of one line, those that are wanted otherwise replaced."""
    elements = [f"{name}[{of}]"] if of else [name]
    parts = written.split(",")
    if of and elements[0] not in city.elements(name):
        elements = city.elements(name)
    if len(parts) == 1 < len(elements):
        parts *= len(elements)
    if len(parts) != len(elements) or not all(_NUMBER.fullmatch(part) for part in parts):
        return written
    new = [f" {wanted[one]:g}" if one in wanted else part for one, part in zip(elements, parts, strict=True)]
    return ",".join(new).strip()


def _value(city: City, constants: Mapping[str, object], reference: str) -> float:
    name, position = city.locate(reference)
    return float(np.asarray(constants.get(name, np.nan), dtype=float)[position])


def _refused(path: Path, code: str, /, **values: Value) -> DocumentError:
    return DocumentError([fault(code, shown(path), **values)])
