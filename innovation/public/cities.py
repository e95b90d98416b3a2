"""The city and what is believed of it: its files, draws that agree with the record, draws from the priors, a fit."""

from __future__ import annotations

from pathlib import Path

from innovation.calibration import DrawnMembers, prior_members
from innovation.calibration import posterior as kept
from innovation.calibration.posterior import PosteriorDraws, kept_draws, read_own_record
from innovation.engine import OnProgress
from innovation.model import City, load_variant, with_priors
from innovation.model import load_city as read_city

from .arguments import LARGEST_SEED, MOST_MEMBERS, city_or_own, listener, path, text, threads_of, whole, wrong


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
    >>> lever = city.levers["fiscal_science_share"]  # values are in the model's unit; unit and factor are the page's
    >>> lever.low <= city.practice("fiscal_science_share") <= lever.high
    True
    >>> city.targets["rd_intensity"].value
    3.0
    """
    city = read_city() if model is None else load_variant(path("model", model))
    return city if priors is None else with_priors(city, text("priors", priors))


def load_posterior(
    file: str | Path | None = None, *, city: City | None = None, record: str | Path | None = None
) -> PosteriorDraws:
    """Read draws from the posterior: sets of the uncertain constants that agree with the record to 2010.

    Parameters
    ----------
    file
        One that ``calibrate`` wrote. None: the city's own draws, which come with the simulator.
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
    whose = city_or_own(city)
    own = None if record is None else read_own_record(whose, path("record", record))
    place = kept.DEFAULT if file is None else path("file", file)
    return kept_draws.load(whose, place, record=own, of_any=file is not None)


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
    ArgumentError
        `members` is below 1, or one of the two is no whole number.

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
    count, start = whole("members", members, 1, MOST_MEMBERS), whole("seed", seed, 0, LARGEST_SEED)
    return prior_members(city_or_own(city), count, start)


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
    whose = city_or_own(city)
    own = None if record is None else read_own_record(whose, path("record", record))
    place = path("out", out)
    if place.exists() and place.samefile(kept.DEFAULT):
        raise wrong("out", out, "another file: this one holds the city's own draws")
    return kept.calibrate(
        whose,
        place,
        quick=quick,
        seed=whole("seed", seed, 0, 2**32 - 1),
        threads=threads_of(threads),
        on_progress=listener(on_progress),
        record=own,
    )
