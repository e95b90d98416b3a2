"""Runs into folders, and what they say: the twins of the commands batch, sweep, analyse and diff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from innovation.analysis import Analysis, Difference
from innovation.analysis import analyse as analyse_results
from innovation.analysis import difference as differ
from innovation.analysis.design import Design, Distributions, Study, make_study, parse_design, read_design, scenario_of
from innovation.analysis.findings import Findings, shipped
from innovation.analysis.sweeps import SweepOutcome, read_results
from innovation.analysis.sweeps import sweep as run_sweep
from innovation.calibration import posterior_members
from innovation.calibration.posterior import PosteriorDraws
from innovation.calibration.priors import Space
from innovation.engine import OnProgress
from innovation.model import City, Language
from innovation.model.files import LANGUAGES
from innovation.scenarios.batches import Batch, batch
from innovation.scenarios.simulation import CITY, PUBLISHED, Band

from .arguments import MOST_IN_FOLDERS, choice, city_or_own, listener, path, text, threads_of, wrong, years_of
from .cities import draws_of
from .policies import Scenarios, scenarios_of
from .simulation import Given, members_of


def run_batch(
    scenarios: Scenarios,
    folder: str | Path,
    *,
    members: Given | None = None,
    posterior: PosteriorDraws | str | Path | None = None,
    band: Band = PUBLISHED,
    language: Language = "en",
    threads: int | None = None,
    cluster: str | None = None,
    on_progress: OnProgress | None = None,
    city: City | None = None,
) -> Batch:
    """Run scenarios with the same members each into a folder; killed and called again, it goes on.

    Parameters
    ----------
    scenarios, members, posterior, city
        As of ``simulate``; None for `members`: all draws from the posterior. A million members need no more memory than
        ten thousand.
    folder
        Where figures, tables, a page and a manifest are written. A folder of something else is refused.
    band
        Of the page: "published" or "city". Tables have both.
    language
        Of the page: "en" or "zh".
    threads
        Of the engine; None: one a processor. They change nothing in the answer.
    cluster
        None: this machine's threads. "local", or the address of a Dask scheduler.
    on_progress
        Called now and then with how far it is.

    Returns
    -------
    Batch
        `outlooks` by scenario with bands and chances, `costs`, `failures`; the folder has all figures.

    Raises
    ------
    DocumentError
        As of ``simulate``.
    OSError
        The folder holds something else, is in use, or has no room; the cluster does not answer.

    Examples
    --------
    >>> import innovation
    >>> done = innovation.run_batch(["baseline", "plan_as_written"], "out/batch", members=20)
    >>> sorted(done.outlooks)
    ['baseline', 'plan_as_written']
    """
    whose = city_or_own(city)
    asked = scenarios_of(whose, scenarios)
    choice("band", band, (PUBLISHED, CITY))
    choice("language", language, LANGUAGES)
    drawn = (
        posterior_members(whose, draws_of(whose, posterior))
        if members is None
        else members_of(whose, members, posterior, MOST_IN_FOLDERS)
    )
    if drawn is None or drawn.source.count < 2:
        raise wrong("members", members, "2 or more of them, since a batch has bands and chances")
    return batch(
        whose, asked, drawn.source, path("folder", folder), origin=drawn.origin, judged=drawn.judged,
        instrument=drawn.instrument, band=band, language=language, threads=threads_of(threads),
        cluster=cluster, on_progress=listener(on_progress),
    )  # fmt: skip


def load_design(
    design: str | Path, *, posterior: PosteriorDraws | str | Path | None = None, city: City | None = None
) -> Study:
    """Read a design of many runs and hold it against the city.

    Parameters
    ----------
    design
        A YAML file, or its text: what varies between which values, by which method, and what is kept.
    posterior
        Where the design draws from the posterior: draws, or a file of them. None: the city's own.
    city
        Whose constants and levers; None: the city's.

    Returns
    -------
    Study
        `names` of what varies; for ``sweep``.

    Raises
    ------
    DocumentError
        Every fault of the design with its line: unknown names with the nearest ones, ranges, shares.

    Notes
    -----
    Methods: Morris (1991), Sobol' as Saltelli and others (2010), Latin hypercube, grid, Monte Carlo; see
    docs/using-results.md.

    Examples
    --------
    >>> import innovation
    >>> study = innovation.load_design('''
    ... schema: 1
    ... method: monte_carlo
    ... size: 64
    ... factors:
    ...   - {lever: fiscal_science_share, range: [0.01, 0.05], from: 2012}
    ... outputs: [rd_intensity]
    ... years: [2015]
    ... ''')
    >>> study.names
    ('fiscal_science_share',)
    """
    whose, is_text = city_or_own(city), isinstance(design, str) and ":" in design
    file = Path("design") if is_text else path("design", design)
    read, document = parse_design(str(design)) if is_text else read_design(file)
    scenario = scenario_of(whose, read, file)
    return make_study(whose, read, scenario, _distributions(whose, read, posterior), document)


def _distributions(city: City, design: Design, posterior: PosteriorDraws | str | Path | None) -> Distributions:
    asked = {factor.range for factor in design.factors if isinstance(factor.range, str)}
    prior = Space(city) if "prior" in asked else None
    if "posterior" not in asked:
        return Distributions(prior)
    draws = draws_of(city, posterior)
    return Distributions(prior, draws.draws, draws.hash, draws.own_record)


def sweep(
    design: str | Path | Study,
    folder: str | Path,
    *,
    double: bool = False,
    threads: int | None = None,
    cluster: str | None = None,
    on_progress: OnProgress | None = None,
) -> SweepOutcome:
    """Run the members of a design into a folder; killed and called again, it goes on, to the same bytes.

    Parameters
    ----------
    design
        What ``load_design`` gave, or a file or text for it.
    folder
        Where Parquet parts of parameters and results and a manifest are written.
    double
        Figures of eight bytes instead of four.
    threads, cluster, on_progress
        As of ``run_batch``.

    Returns
    -------
    SweepOutcome
        How many members there are and failed, and parts that could not be computed, with the reason of each.

    Raises
    ------
    DocumentError
        The design has faults, or needs more memory than there is.
    OSError
        The folder holds something else, is in use, or has no room.

    Examples
    --------
    >>> import innovation
    >>> study = innovation.load_design('''
    ... schema: 1
    ... method: monte_carlo
    ... size: 128
    ... factors:
    ...   - {lever: fiscal_science_share, range: [0.01, 0.05], from: 2012}
    ... outputs: [rd_intensity]
    ... years: [2015]
    ... ''')
    >>> innovation.sweep(study, "out/sweep").members
    128
    >>> "rd_intensity" in innovation.analyse("out/sweep").words
    True
    """
    study = design if isinstance(design, Study) else load_design(design)
    return run_sweep(
        study, path("folder", folder), double=choice("double", double, (True, False)), threads=threads_of(threads),
        cluster=cluster, on_progress=listener(on_progress),
    )  # fmt: skip


def analyse(
    folder: str | Path, *, years: Iterable[int] | None = None, on_progress: OnProgress | None = None
) -> Analysis:
    """Say what matters in a sweep, by its own method, and write it into the folder.

    Parameters
    ----------
    folder
        Of a sweep.
    years
        Of these alone. None: all that it kept.
    on_progress
        Called at each step.

    Returns
    -------
    Analysis
        `words` of the page, names of the `files` written, and how many members `used`.

    Raises
    ------
    TooManyFailed
        More than one member in a hundred failed.
    OSError
        The folder is no whole sweep.

    Notes
    -----
    Indices and boxes with their sources: docs/using-results.md, "What matters".

    Examples
    --------
    See ``sweep``.
    """
    results = read_results(path("folder", folder))
    return analyse_results(results, None if years is None else years_of(years, results.years), listener(on_progress))


def findings(name: str = "discovery") -> Findings:
    """What matters for the plan's targets, as it is shipped: the page's *What drives it* shows the same.

    Parameters
    ----------
    name
        Of a design in analysis/library/: "discovery", "posterior" or "screening".

    Returns
    -------
    Findings
        `findings`, each of one output in one year with its heaviest factors and the box in which the target is missed.

    Raises
    ------
    DocumentError
        There is none of this name, or the file is damaged.

    Examples
    --------
    >>> import innovation
    >>> found = innovation.findings("discovery")
    >>> {one.year for one in found.findings if one.output == "rd_intensity"}
    {2015}
    """
    return shipped(text("name", name))


def difference(
    old: str | Path, new: str | Path, *, years: Sequence[int] | None = None, city: City | None = None
) -> Difference:
    """Hold two versions side by side: model files, scenarios, or folders of results.

    Parameters
    ----------
    old, new
        Two model files; two scenarios, ids or files; or two folders of batch or sweep.
    years
        Of the figures that are compared. None: those of the targets, and the last.
    city
        Whose scenarios; None: the city's.

    Returns
    -------
    Difference
        `changes` in words, and `figures` of both, each with `percent` moved.

    Raises
    ------
    DocumentError
        One cannot be read, or they are of different kinds.

    Examples
    --------
    >>> import innovation
    >>> found = innovation.difference("baseline", "plan_as_written", years=[2015])
    >>> any(one.what.startswith("rd_intensity") for one in found.figures)
    True
    """
    both = str(path("old", old)), str(path("new", new))
    asked = None if years is None else years_of(years, city_or_own(city).years)
    return differ(*both, asked, None if city is None else city_or_own(city))
