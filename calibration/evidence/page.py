"""docs/calibration.md and its figures: what the record says of the city, and what it does not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

from innovation.calibration.kept_results import COMMAND, path_of
from innovation.calibration.posterior.kept_draws import DEFAULT
from innovation.calibration.record.observations import DATA
from innovation.model import City, origin
from innovation.model.files import DocumentError
from innovation.scenarios.documents import Page

from .assessment.profiles import DOZEN
from .evidence import Evidence, evidence_of
from .parts import PARTS
from .sections.bands import discrepancy_section, makeup_section
from .sections.data import errors_section, fit_section, learned_section, optima_section, ties_section
from .sections.figures import drawn, figures_svg, learned_svg, profiles_svg, record_svg
from .sections.futures import futures_section, spread_section
from .sections.groups import groups_section
from .sections.places import places_section
from .sections.priors import prior_sets_section
from .sections.tests import holdout_section, profile_curves, profiles_section, theil_section
from .sections.trust import FILES as TRUSTED
from .sections.trust import trust_section
from .sections.views import views_section
from .sections.words import wrapped
from .summary import summary

FIGURES: Mapping[str, Callable[[Evidence], str]] = {
    "figures/record.svg": lambda found: drawn(record_svg, found.basis, found.fits),
    "figures/fits.svg": lambda found: drawn(figures_svg, found.basis, found.fits),
    "figures/learned.svg": lambda found: drawn(learned_svg, found.basis, found.learned[:DOZEN]),
    "figures/profiles.svg": lambda found: drawn(profiles_svg, profile_curves(found)),
}
SECTIONS: tuple[Callable[[Evidence], Iterator[str]], ...] = (
    fit_section,
    learned_section,
    ties_section,
    views_section,
    errors_section,
    profiles_section,
    optima_section,
    theil_section,
    groups_section,
    holdout_section,
    places_section,
    discrepancy_section,
    makeup_section,
    futures_section,
    prior_sets_section,
    spread_section,
    trust_section,
)


def evidence_pages() -> dict[str, Page]:
    """The page and its figures; none where no posterior was ever fitted."""
    if not DEFAULT.is_file():
        return {}
    figures = {name: Page(_figure(name), lambda city: f"<!-- {mark(city)} -->") for name in FIGURES}
    return {"calibration.md": Page(calibration_page, mark), **figures}


def mark(city: City) -> str:
    """A line that changes with every file that the evidence is made from."""
    found = hashlib.sha256(city.model.hash.encode())
    files = [city.folder / "parameters.yaml", city.folder / "indicators.yaml", city.folder / "targets.yaml"]
    for path in (*files, DATA / "observations.csv", DEFAULT, *map(path_of, PARTS), *TRUSTED):
        content = path.read_bytes() if path.is_file() else b""
        found.update(content if path == DEFAULT else content.replace(b"\r\n", b"\n"))
    return f"Evidence {found.hexdigest()[:16]}."


def calibration_page(city: City) -> str:
    """The page; without its mark, so that it never passes for current, where a result is stale or missing."""
    try:
        found = evidence_of(city)
    except DocumentError as error:
        said = ["**Stale: the posterior cannot be used.**", "", *str(error).splitlines()]
        return "\n".join(["# What the record says of the city", "", *said]).rstrip() + "\n"
    return written(found, mark(city))


def written(found: Evidence, current: str) -> str:
    """The page of some evidence; `current` is the line that a page with nothing stale has."""
    head = ["# What the record says of the city, and what it does not", ""]
    head += [origin(found.city, "the posterior, the record and calibration/results/"), ""]
    parts = ", ".join(found.stale)
    stale = f"**Stale: {parts}. Run `{COMMAND}`, then `cli.py docs`.** What is said of these below is left out."
    lines = [*head, stale if parts else current, "", *summary(found)]
    for section in SECTIONS:
        lines += [*section(found), ""]
    return "\n".join(wrapped([*lines, *_made(found)])).rstrip() + "\n"


def _figure(name: str) -> Callable[[City], str]:
    def write(city: City) -> str:
        try:
            found = evidence_of(city)
        except DocumentError:
            return '<svg xmlns="http://www.w3.org/2000/svg"/>\n'
        end = "stale" if found.stale else mark(city)
        return f"{FIGURES[name](found).rstrip()}\n<!-- {end} -->\n"

    return write


def _made(found: Evidence) -> Iterator[str]:
    yield "## How this was made"
    yield ""
    marks = ", ".join(f"{name} {mark}" for name, mark in found.basis.marks.items())
    yield f"{len(found.basis.z)} draws of the posterior ({marks}). Heavy parts are kept in calibration/results/,"
    yield "each with"
    yield f"the marks it belongs to; `{COMMAND} PART` makes one again."
    yield ""
    for part in PARTS:
        kept = found.result(part)
        if kept:
            seed = f"seed {kept.head['seed']}, " if "seed" in kept.head else ""
            yield f"- {part}: {seed}{kept.head['seconds']} s."
