"""Where the plan's own figures do not go together, said from a scenario's own figures in both languages."""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from innovation.model import City, FormulaTerm, Target
from innovation.model.files import Language
from innovation.scenarios.words import section

MONEY = "1e8 CNY"
Figure = Callable[[str, int], float]
WORDS = section("tensions")


def tension_text(city: City, name: str, figure: Figure, language: Language) -> str:
    """The sentence of a target's tension, or '' where it has none or none that its figures as written would show.

    Parameters
    ----------
    figure
        The scenario's figure of an indicator, by id and year, in the indicator's unit; NaN where there is none.
    """
    target = city.targets[name]
    if target.tension is None:
        return ""

    def of(term: FormulaTerm) -> float:
        if term.is_target:
            return city.targets[term.name].value
        return figure(term.name, term.year or target.year)

    more, than = (formula.value(of) for formula in target.tension.sides())
    unit, sentence = target.tension.unit, target.tension.zh if language == "zh" else target.tension.en
    higher, lower = _written(more, unit, language, 1), _written(than, unit, language, 1)
    if not more > than or higher == lower:
        return ""
    wanted = {other: _target_written(city, other, city.targets[other], language) for other in target.tension.named()}
    return sentence.format(more=higher, than=lower, **wanted)


def tensions(city: City, figure: Figure, language: Language) -> dict[str, str]:
    """The sentences of all tensions that arise, by target."""
    told = {name: tension_text(city, name, figure, language) for name in city.targets}
    return {name: text for name, text in told.items() if text}


def tension_lines(city: City, figure: Figure, language: Language) -> list[str]:
    """The same with a heading and each target's name; no line where none arises."""
    words, found = WORDS[language], tensions(city, figure, language)
    called = {name: city.indicators[name].zh if language == "zh" else city.indicators[name].en for name in found}
    lines = [words("line", name=called[name], text=text) for name, text in found.items()]
    return [words("head"), *lines] if lines else []


def tensions_json(city: City, figure: Figure) -> dict[str, dict[str, str]]:
    """The same in both languages, as plain data."""
    english, chinese = tensions(city, figure, "en"), tensions(city, figure, "zh")
    return {name: {"en": text, "zh": chinese[name]} for name, text in english.items()}


def nominal_figure(dataset: xr.Dataset, scenario: str) -> Figure:
    """The nominal run's figures of a scenario of a result of `simulate`."""
    of_run = dataset.sel(scenario=scenario, member=0)
    return lambda name, year: float(of_run[name].sel(year=year))


def _target_written(city: City, name: str, target: Target, language: Language) -> str:
    return _written(target.value, city.indicators[name].unit, language)


def _written(value: float, unit: str, language: Language, decimals: int | None = None) -> str:
    """A figure with its unit: 37.5 billion yuan, 375亿元, 36 %; without `decimals` as short as it can be."""
    scale, more = (10, 1) if unit.startswith(MONEY) and language == "en" else (1, 0)
    number = f"{value / scale:g}" if decimals is None else f"{value / scale:.{decimals + more}f}"
    if unit.startswith("percent"):
        return WORDS[language]("percent", number=number)
    if unit.startswith(MONEY):
        return WORDS[language]("money", number=number)
    return number
