"""The city and what is believed of it: its files, draws that agree with the record, draws from the priors, a fit."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from innovation.calibration import DrawnMembers, prior_members
from innovation.calibration import posterior as kept
from innovation.calibration.posterior import PosteriorDraws, kept_draws, read_own_record
from innovation.engine import OnProgress
from innovation.model import City, load_variant, with_priors
from innovation.model import load_city as read_city


def load_city(model: str | Path | None = None, *, priors: str | None = None) -> City:
    """Read the city: its model file, levers, indicators, targets, priors and prices.

    Parameters
    ----------
    model
        A variant of the model file, read with the registries beside it or else the city's own. None: the city.
    priors
        A set of priors by name, such as "known_by_2010". None: the city's own.

    Returns
    -------
    City
        `levers`, `indicators`, `targets` and `inputs` by id, `years` of its figures, the `model` itself.

    Raises
    ------
    ModelFileError
        The model file is wrong; every fault with its line.
    DocumentError
        The registries are, or there is no such set of priors; every fault, with the nearest names.

    Notes
    -----
    Sources of all that it holds stand beside each entry, and in ``city.sources``.

    Examples
    --------
    >>> import innovation
    >>> city = innovation.load_city()
    >>> city.levers["fiscal_science_share"].unit
    'percent'
    >>> city.targets["rd_intensity"].value
    3.0
    """
    city = read_city() if model is None else load_variant(model)
    return city if priors is None else with_priors(city, priors)


@cache
def own_city() -> City:
    """The city as its files have it, read once."""
    return read_city()


def load_posterior(
    path: str | Path | None = None, *, city: City | None = None, record: str | Path | None = None
) -> PosteriorDraws:
    """Read draws from the posterior: sets of the uncertain constants that agree with the record to 2010.

    Parameters
    ----------
    path
        A file that ``calibrate`` wrote. None: the city's own draws, which come with the simulator.
    city
        Whose draws; None: the city.
    record
        A record of one's own that the draws belong to. None: the city's record; of a file that is named, any.

    Returns
    -------
    PosteriorDraws
        `draws` by the constant's name, each of shape (draws,) and in the model's units; `record` says how good they
        are and what they belong to.

    Raises
    ------
    DocumentError
        The file is missing or damaged, or belongs to another model, record or set of priors; with what to do.

    Notes
    -----
    Method: an ensemble sampler with moves by differential evolution (ter Braak and Vrugt 2008; docs/calibration.md).

    Examples
    --------
    >>> import innovation
    >>> draws = innovation.load_posterior()
    >>> draws.distinct
    4000
    >>> draws.draws["market elasticity"].shape
    (4000,)
    """
    whose = city or own_city()
    own = read_own_record(whose, Path(record)) if record else None
    file = kept.DEFAULT if path is None else Path(path)
    return kept_draws.load(whose, file, record=own, of_any=path is not None)


def draws_of(city: City, posterior: PosteriorDraws | str | Path | None) -> PosteriorDraws:
    """The draws that a caller means: read, or those given where they belong to the city."""
    if isinstance(posterior, PosteriorDraws):
        return kept_draws.checked(city, posterior)
    return load_posterior(posterior, city=city)


def draw_priors(members: int, *, seed: int = 0, city: City | None = None) -> DrawnMembers:
    """Draw members from the priors alone: what is believed before the record speaks.

    Parameters
    ----------
    members
        How many, 1 or more.
    seed
        The same seed gives the same draws.
    city
        Whose priors; None: the city's.

    Returns
    -------
    DrawnMembers
        For ``simulate(…, members=…)`` and ``run_batch``; `members` has the constants by name, each of shape (members,).

    Raises
    ------
    ValueError
        `members` is below 1.

    Notes
    -----
    The priors and their sources stand in docs/parameters.md.

    Examples
    --------
    >>> import innovation
    >>> drawn = innovation.draw_priors(50, seed=1)
    >>> drawn.members["market elasticity"].shape
    (50,)
    """
    if members < 1:
        raise ValueError(f"{members} members are wanted; expected 1 or more.")
    return prior_members(city or own_city(), members, seed)


def calibrate(
    out: str | Path,
    *,
    city: City | None = None,
    record: str | Path | None = None,
    quick: bool = False,
    seed: int = 1,
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> PosteriorDraws:
    """Fit the city to the published record of 2005 to 2010 and keep draws from the posterior in a file.

    Cut off and called again, it goes on where it was, with the same draws.

    Parameters
    ----------
    out
        Where the draws go; the city's own file is not written.
    city
        Which city; None: the city.
    record
        A record of one's own, a CSV file in the format of the city's. None: the city's.
    quick
        A minute or two instead of half an hour: shows that all works. Such draws are marked unfit for use.
    seed
        Of all that is drawn.
    threads
        Of the engine; None: one a processor. They change nothing in the draws.
    on_progress
        Called now and then with how far the fit is.

    Returns
    -------
    PosteriorDraws
        The draws as they were written.

    Raises
    ------
    DocumentError
        The draws are not good enough (R-hat 1.01, effective sizes 400), the record has faults, or `out` holds
        something else; with what to do.

    Notes
    -----
    Likelihood, priors and sampler: docs/calibration.md and docs/decisions/0006.

    Examples
    --------
    >>> import innovation
    >>> draws = innovation.calibrate("out/quick.parquet", quick=True)  # doctest: +SLOW
    >>> draws.record.fit_for_use  # doctest: +SLOW
    False
    """
    whose = city or own_city()
    own = read_own_record(whose, Path(record)) if record else None
    place = Path(out)
    if place.exists() and place.samefile(kept.DEFAULT):
        raise ValueError(f"out is {place}: it holds the city's own draws. Name another file.")
    return kept.calibrate(whose, place, quick=quick, seed=seed, threads=threads, on_progress=on_progress, record=own)
