"""What the priors alone say of every indicator, and which published figures they contain: docs/prior-predictive.md."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from innovation.calibration.published import WHAT
from innovation.calibration.record.observations import DATA, Observation, read_record
from innovation.calibration.record.operators import Reader
from innovation.engine.ir import python_name
from innovation.model import HORIZON, PLAN_ENDS, RECORD_ENDS, City, draw_priors, origin, table
from innovation.scenarios.checks import CHECKS, Bound, Checks, bounded, read_checks
from innovation.scenarios.simulation import DesignFailures, Figures, figures, told_of_design

YEARS = (RECORD_ENDS, PLAN_ENDS, HORIZON)
PERCENTS = (5, 25, 50, 75, 95)
OTHER_SEEDS = 5
FIXED = "fixed"
NARROW = 0.015  # a band narrower than this part of its middle has next to no prior behind it
FEW = 100  # counts below it are shown with a digit more
DIGITS = 4  # of a quantile: another machine's last bits don't show


@dataclass(frozen=True)
class PriorDraws:
    """One set of prior draws: yearly figures (member, year), which draws failed, and which break each bound."""

    seed: int
    values: dict[str, Figures]
    failed: NDArray[np.bool_]
    broken: dict[str, NDArray[np.bool_]]


def draw_and_run(city: City, checks: Checks, seed: int) -> PriorDraws:
    """Run as many prior draws as checks.yaml asks for, and try its bounds at the end of every year."""
    names = {name: bounded(city, bound) for name, bound in checks.bounds.items()}
    read = {city.locate(indicator.variable)[0] for indicator in city.indicators.values()}
    outputs = sorted(read.union(*names.values()))
    run = city.model.run(
        draw_priors(city, checks.draws.members, seed),
        outputs=outputs,
        times=[year + 1.0 for year in city.years],
        on_failure="mask",
    )
    broken = {
        name: np.any([_out(run[python_name(variable)], checks.bounds[name]) for variable in variables], axis=0)
        for name, variables in names.items()
    }
    return PriorDraws(seed, figures(city, run), run.failed.values.astype(bool), broken)


def _out(values: xr.DataArray, bound: Bound) -> NDArray[np.bool_]:
    """Members with a value outside a bound at any time from its start on."""
    seen = values.sel(time=slice(bound.start, None))
    inside = (seen >= bound.at_least) & (seen <= bound.at_most)
    return np.asarray(~inside.all([dim for dim in seen.dims if dim != "member"]).values)


def predictive_page(city: City) -> str:
    """Quantiles of every indicator in prior draws, published figures within and outside them, and broken bounds."""
    checks = read_checks(city, city.folder / CHECKS)
    drawn = draw_and_run(city, checks, checks.draws.seed)
    members = checks.draws.members
    lines = [
        "# What the priors say",
        "",
        origin(city, "the model file, its registries and prior draws"),
        "",
        mark(city),
        "",
    ]
    lines += [
        f"{members} draws from the priors of every uncertain constant and every assumption, independent of each",
        f"other, with seed {checks.draws.seed}; levers stay at 2010 practice. No draw is weighed by how well it agrees",
        "with published figures: this is what one believes before the data, drifts after 2010 included.",
        "",
    ]
    lines += [*_contained(city, checks), *_absurd(city, checks, drawn)]
    lines += [*_left_out(drawn.failed), *([] if _failures(drawn.failed).too_many else _quantiles(city, drawn))]
    return "\n".join(lines).rstrip() + "\n"


def mark(city: City) -> str:
    """A line that changes with every file the page is made from: the page is current where it has this line."""
    found = hashlib.sha256(city.model.hash.encode())
    files = [city.folder / name for name in ("parameters.yaml", "indicators.yaml", CHECKS)]
    for path in (*files, DATA / "observations.csv"):
        found.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return f"Registries {found.hexdigest()[:16]}."


def _failures(failed: NDArray[np.bool_]) -> DesignFailures:
    return DesignFailures(len(failed), int(failed.sum()))


def _left_out(failed: NDArray[np.bool_]) -> Iterator[str]:
    """How many draws stand in no band below, or are too many for there to be one; nothing where none failed."""
    if said := told_of_design(_failures(failed)):
        yield from (said, "")


def _contained(city: City, checks: Checks) -> Iterator[str]:
    """A row for each published figure: does it lie in the middle half, in the middle nine tenths of the draws?"""
    observations = read_record(city).observations
    reader = Reader(city, observations)
    run = city.model.arrays(
        {**draw_priors(city, checks.draws.members, checks.draws.seed), "FINAL TIME": reader.times[-1]},
        outputs=reader.outputs,
        times=reader.times,
        on_failure="mask",
    )
    if _failures(run.failed).too_many:
        yield from ("## Published figures in the bands", "", *_left_out(run.failed))
        return
    drawn = dict(zip(observations, reader.read(run)[:, ~run.failed], strict=True))
    bounds = {figure: said for figure, said in drawn.items() if figure.reading in ("at_least", "at_most")}
    lines = []
    counts = dict.fromkeys(("50 %", "90 %", "above", "below", FIXED), 0)
    for figure, said in drawn.items():
        if figure in bounds:
            continue
        low, first, median, third, high = np.percentile(said, PERCENTS)
        where = (
            FIXED
            if high - low < NARROW * abs(median)
            else "below"
            if figure.value < low
            else "above"
            if figure.value > high
            else "90 %"
        )
        where = "50 %" if where == "90 %" and first <= figure.value <= third else where
        counts[where] += 1
        indicator = city.indicators.get(figure.of)
        digits = 2 if figure.first or indicator is None else indicator.decimals + (figure.value < FEW)
        band = [f"{edge:,.{digits}f}".replace(",", " ") for edge in (low, first, median, third, high)]
        counted = "yes" if figure.is_counted else "no"
        lines.append((*_named(city, figure), f"{figure.value:,.10g}".replace(",", " "), *band, where, counted))
    yield "## Published figures in the bands"
    yield ""
    yield from _left_out(run.failed)
    free, middle, most = len(lines) - counts[FIXED], counts["50 %"], counts["50 %"] + counts["90 %"]
    yield f"{counts[FIXED]} of {len(lines)} figures are fixed: the record, or a start without a prior, settles them."
    yield f"Of the other {free} figures {middle} lie in the 50 % band and {most} in the 90 % band; were each prior"
    yield f"right and the figures independent, {0.5 * free:.0f} and {0.9 * free:.0f} would. They are neither: starting"
    yield "values and growth to 2010 were written with these figures in view, and each constant has a prior as if"
    yield "nothing were known of the others. More than half in the middle half says that the priors together are wide,"
    yield "not that the model is right. Which figures count in the fit is told in the last column."
    yield ""
    head = ("figure", "year", "published", *(f"{p} %" for p in PERCENTS), "in the band of", "counts")
    yield from table(head, lines)
    yield ""
    for figure, said in bounds.items():
        held = np.mean(said >= figure.value if figure.reading == "at_least" else said <= figure.value)
        label, years = _named(city, figure)
        bound = f"{figure.reading.replace('_', ' ')} {figure.value:g} {figure.unit}"
        yield f"- {label}, {years}: {bound} is published; {held:.0%} of the draws agree."
    yield ""


def _named(city: City, figure: Observation) -> tuple[str, str]:
    """What a figure is of, and its years."""
    indicator = city.indicators.get(figure.of)
    label = (indicator.en if indicator else figure.of) + WHAT.get(figure.operator, "")
    return label, f"{figure.first}–{figure.last}" if figure.first not in (None, figure.last) else str(figure.last)


def _absurd(city: City, checks: Checks, drawn: PriorDraws) -> Iterator[str]:
    """A row for each bound of checks.yaml: how many draws break it, of this seed and of others."""
    seeds = [drawn, *(draw_and_run(city, checks, drawn.seed + step) for step in range(1, OTHER_SEEDS + 1))]
    rows = [("no value that is not finite", *(str(int(one.failed.sum())) for one in seeds))]
    for name in checks.bounds:
        rows.append((name.replace("_", " "), *(str(int((one.broken[name] & ~one.failed).sum())) for one in seeds)))
    total = [int((one.failed | np.any(list(one.broken.values()), axis=0)).sum()) for one in seeds]
    rows.append(("**draws that break any**", *map(str, total)))
    yield "## Absurdities"
    yield ""
    yield f"Draws that break a bound of {CHECKS} at the end of any year, of {checks.draws.members} each, by seed."
    yield "`cli.py check` tries the first seed; the others, drawn when this page was made, show whether it was a lucky"
    yield f"one: {sum(total[1:])} of their {OTHER_SEEDS * checks.draws.members} draws break a bound."
    yield ""
    yield from table(("bound", *(f"seed {one.seed}" for one in seeds)), rows)
    yield ""


def _quantiles(city: City, drawn: PriorDraws) -> Iterator[str]:
    for year in YEARS:
        rows = []
        for name, indicator in city.indicators.items():
            series = drawn.values[name][~drawn.failed, year - city.years[0]]
            if year >= indicator.first_year:
                rows.append((indicator.en, indicator.unit, *map(_number, np.percentile(series, PERCENTS))))
        yield f"## {year}"
        yield ""
        yield from table(("indicator", "unit", *(f"{percent} %" for percent in PERCENTS)), rows)
        yield ""


def _number(value: float) -> str:
    """Four digits, thousands apart, never as a power of ten."""
    digits = DIGITS - 1 - int(np.floor(np.log10(abs(value)))) if value else 0
    rounded = round(float(value), digits)
    return f"{rounded:,.{max(digits, 0)}f}".replace(",", " ")
