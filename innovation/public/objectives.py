"""What policies do for the plan's targets, as a function that optimisers can call with many of them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from innovation.analysis import PolicyObjective, policy_objective
from innovation.calibration.posterior import PosteriorDraws
from innovation.model import City
from innovation.scenarios import Scenario
from innovation.scenarios.simulation import CITY, PUBLISHED, Band

from .arguments import choice, city_or_own, names, number, threads_of, wrong
from .policies import scenarios_of
from .simulation import Given, members_of


def objective(
    levers: Sequence[str],
    *,
    targets: Sequence[str] | None = None,
    members: Given = 200,
    posterior: PosteriorDraws | str | Path | None = None,
    scenario: str | Path | Scenario = "baseline",
    start: float = 2012.0,
    ramp: float = 0.0,
    band: Band = PUBLISHED,
    threads: int | None = None,
    city: City | None = None,
) -> PolicyObjective:
    """Make a fast objective: policies, as points of lever values, in; how many targets are expected to be met, out.

    Parameters
    ----------
    levers
        Ids; a point has a value for each, in this order, in the model's units.
    targets
        Ids of those that count. None: all results that can be judged.
    members, posterior, city
        As of ``simulate``: the members that a policy is tried on, the same for all policies.
    scenario
        What else happens; its own changes of `levers` give way.
    start, ramp
        When levers leave their paths, and the years that it takes to get there.
    band
        "published" or "city": which figures are held against the targets.
    threads
        Of the engine; None: one a processor.

    Returns
    -------
    PolicyObjective
        A call with points of shape (levers,) or (policies, levers) gives the expected number of targets met, a number
        or shape (policies,), to be maximised; `chances` gives shape (policies, targets), and `errors` of these their
        errors; `bounds` has the levers' ranges and `practice` the point of 2010 practice.

    Raises
    ------
    DocumentError
        Unknown levers or targets, with the nearest ids; of a call, a point outside the ranges or of another length.

    Notes
    -----
    An optimiser of SciPy that gives many points at a time has them as columns: ``lambda x: -of(x.T)``. Of levers that
    are shares of one sum (``mix_…``) those that a point has must leave the others between 0 and 1, and sum to 1 where
    it has them all: give the optimiser this as a constraint, for a point that breaks it is an error.

    Examples
    --------
    >>> import innovation
    >>> of = innovation.objective(["fiscal_science_share", "graduate_retention"], members=20)
    >>> of([of.practice, of.bounds[:, 1]]).shape
    (2,)
    >>> found = of.chances(of.practice)
    >>> of.errors(found).shape == found.shape
    True
    """
    whose = city_or_own(city)
    choice("band", band, (PUBLISHED, CITY))
    drawn = members_of(whose, members, posterior)
    if drawn is None:
        raise wrong("members", members, "1 or more: an objective is of members")
    beside = scenarios_of(whose, scenario)
    if len(beside) != 1:
        raise wrong("scenario", scenario, "one scenario; combine makes one of several")
    return policy_objective(
        whose, names("levers", levers), drawn.members, beside[0],
        targets=None if targets is None else list(dict.fromkeys(names("targets", targets))),
        start=number("start", start), ramp=number("ramp", ramp, 0.0),
        instrument=drawn.instrument if band == PUBLISHED else None, draws=drawn.origin.get("draws"),
        threads=threads_of(threads),
    )  # fmt: skip
