"""Reading the folder of the model into one City, with all its faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from innovation.engine import load_model

from .city import City
from .consistency import disagreements
from .entries import EditionChange, FeedbackLoop, Group, Indicator, Input, Lever, Parameter, Target
from .files.faults import DocumentError, fault
from .files.phrases import phrase
from .files.tables import read_sources
from .files.validation import Entry, read_entries, unknown_fields
from .files.yaml_documents import Document, read_document, shown
from .prices import PRICES, Prices, price_faults, read_prices

FOLDER = Path(__file__).parent
E = TypeVar("E", bound=Entry)


class CityError(DocumentError):
    """The files of a city are wrong or disagree."""


def load_city(folder: Path | str = FOLDER, file: Path | str | None = None) -> City:
    """Read a city from the folder with its model file (innovation.mdl, or the only .mdl there is) and its registries.

    With `file` that model file, a variant, takes the place of the folder's own.

    Raises ModelFileError where the model file is wrong and CityError where registries are, each with every fault.
    """
    folder = Path(folder)
    model = load_model(_model_file(folder) if file is None else file)
    names = ("parameters", "indicators", "targets", "levers", "loops")
    documents = {name: read_document(folder / f"{name}.yaml") for name in names}
    costs = read_document(folder / PRICES) if (folder / PRICES).is_file() else None
    faults = [fault for document in (*documents.values(), *filter(None, [costs])) for fault in document.faults]

    def read(kind: type[E], name: str, *place: str) -> dict[str, E]:
        if documents[name].data is None:
            return {}
        entries, wrong = read_entries(kind, documents[name], place)
        faults.extend(wrong)
        return entries

    faults += unknown_fields(documents["levers"], ("groups", "levers", "inputs", "changed"))
    sources, unsourced = read_sources(folder / "sources.bib")
    faults += unsourced
    prices = Prices()
    if costs is not None and costs.data is not None:
        prices, wrong_prices = read_prices(costs)
        faults += wrong_prices
    city = City(
        folder=folder,
        model=model,
        parameters=read(Parameter, "parameters"),
        indicators=read(Indicator, "indicators"),
        targets=read(Target, "targets"),
        levers=read(Lever, "levers", "levers"),
        inputs=read(Input, "levers", "inputs"),
        groups=read(Group, "levers", "groups"),
        changed=read(EditionChange, "levers", "changed") if _has(documents["levers"], "changed") else {},
        loops=read(FeedbackLoop, "loops"),
        sources=sources,
        prices=prices,
    )
    faults += disagreements(city, documents)
    if costs is not None:
        faults += price_faults(prices, model, list(city.levers), list(city.indicators), sources, costs)
    if faults:
        raise CityError(faults)
    return city


def _has(document: Document, name: str) -> bool:
    """Whether there is anything under a name that may be left out."""
    return isinstance(document.data, Mapping) and name in document.data


def load_variant(file: Path | str) -> City:
    """Read another model file with the registries beside it, or else with the city's own; raises as `load_city`."""
    beside = Path(file).parent
    return load_city(beside if (beside / "parameters.yaml").is_file() else FOLDER, file)


def _model_file(folder: Path) -> Path:
    found = sorted(folder.glob("*.mdl")) if folder.is_dir() else []
    if folder / "innovation.mdl" in found:
        return folder / "innovation.mdl"
    if len(found) == 1:
        return found[0]
    said = phrase("model.files_end", number=len(found)) if found else phrase("model.no_file_ends")
    if not folder.is_dir():
        said = phrase("model.no_folder")
    raise CityError([fault("model.city_folder", shown(folder), said=said)])
