"""Every generated page below docs: those of the lower layers, and those that need the published record."""

from __future__ import annotations

import hashlib
from pathlib import Path

from innovation.model import City
from innovation.scenarios import LIBRARY
from innovation.scenarios.checks import CHECKS, EXPECTED
from innovation.scenarios.documents import Page
from innovation.scenarios.documents import generated_pages as below

from .costs import costs_page
from .lever_answers import lever_answers_page
from .posterior.kept_draws import DEFAULT
from .priors.predictive import mark, predictive_page
from .published import figures_page
from .record.observations import DATA

MADE_FROM = "made-from.json"  # beside the pages
HERE = Path(__file__).parent  # results and trust of the fit stand in folders here
READ = (".mdl", ".yaml", ".csv", ".bib", ".parquet")  # endings of what pages are made from


def pages(city: City) -> dict[str, Page]:
    """Pages by file name (perhaps with a folder); those of the record for a city that has what the record observes."""
    made = below.pages(city)
    if (city.folder / CHECKS).is_file():
        made["model-against-figures.md"] = Page(figures_page)
        made["prior-predictive.md"] = Page(predictive_page, mark)
        if (city.folder / EXPECTED).is_file():
            made["lever-answers.md"] = Page(lever_answers_page)
        if city.prices.prices:
            made["costs.md"] = Page(costs_page)
        if DEFAULT.is_file():
            from .evidence.page import evidence_pages  # loads what draws figures and samples, which takes seconds

            made |= evidence_pages()
    return made


def made_from(city: City, docs: Path) -> dict[str, str]:
    """Hash of all files that pages are made from, under `inputs`, and of each page in `docs` under its name.

    Where it equals what MADE_FROM keeps, no file has changed since the pages were made, nor a page: a look of
    milliseconds, where making them anew takes some twenty seconds. It is blind to a change of the code that makes them.
    """
    folders = (city.folder, LIBRARY, DATA, HERE / "results", HERE / "trust")
    files = [path for folder in folders for path in sorted(folder.iterdir()) if path.suffix in READ]
    inputs = hashlib.sha256()
    for path in [*files, DEFAULT, HERE.parent / "requirements.txt"]:  # the reporting table names the pins
        inputs.update(f"{path.name} {_hash(path)}\n".encode())
    return {"inputs": inputs.hexdigest(), **{name: _hash(docs / name) for name in sorted(pages(city))}}


def _hash(path: Path) -> str:
    """Of a file's content, however its lines end; of nothing where there is none. Diagrams are of a model's drawing."""
    content = path.read_bytes() if path.is_file() else b""
    return hashlib.sha256(content if path.suffix == ".parquet" else content.replace(b"\r\n", b"\n")).hexdigest()
