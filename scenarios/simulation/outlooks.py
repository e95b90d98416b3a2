"""What many members say of scenarios, as people and scripts read it: a table of chances, rows of bands, plain data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from innovation.model import City
from innovation.model.files import Language
from innovation.scenarios.schema import Scenario
from innovation.scenarios.words import section

from .bands import BAND, CITY, Band, band_said
from .chances import PERCENTS, Chance, Chances, bands, chance_text, chances, independent_draws
from .targets import Counts, all_met, all_unjudged, count_targets, counts_json, kinds_told
from .tensions import Figure, tension_lines, tensions_json
from .text_tables import LONGEST_LABEL, aligned, as_json, cut, display_width, plain, wanted
from .view_words import variants_json, view_lines, views_json, views_of

BANDS = tuple(f"p{percent:02d}" for percent in PERCENTS)
BAND_COLUMNS = ("scenario", "indicator", "year", "unit", *BANDS, "band")
CHANCE_COLUMNS = (
    "scenario", "target", "year", "unit", "sense", "value", "high", "nominal", *BANDS, "chance", "error", "draws",
    "distance", "first_year_met", "judgement", "kind", "band",
)  # fmt: skip
ALL = "all"
WORDS = section("outlooks")


@dataclass(frozen=True)
class Outlook:
    """Bands and chances of scenarios from one result of `simulate` with members.

    `nominal` is the result's member 0, with its attrs, and `members` the number of those beside it; `judged` are the
    targets that rest on judgement: who knows the record says which.
    """

    city: City
    nominal: xr.Dataset
    members: int
    bands: xr.Dataset
    chances: Mapping[str, Chances]
    judged: Collection[str]

    @property
    def band(self) -> Band:
        """Whether bands and chances are of published figures or of the city alone."""
        found: Band = self.nominal.attrs.get(BAND, CITY)
        return found

    def at(self, scenario: str, name: str) -> dict[str, float]:
        """The nominal figure of a target in its year, and its percentiles over the members."""
        place = {"scenario": scenario, "year": self.city.targets[name].year}
        values = self.bands[name].sel(place).values.tolist()
        nominal = float(self.nominal[name].sel(place).isel(member=0))
        return {"nominal": nominal, **dict(zip(BANDS, values, strict=True))}

    def figure(self, scenario: str) -> Figure:
        """The median figures of a scenario, by indicator and year."""
        middle = self.bands.sel(scenario=scenario, percent=50)
        return lambda name, year: float(middle[name].sel(year=year))


def outlook(city: City, dataset: xr.Dataset, judged: Collection[str]) -> Outlook:
    """What the members of a result say; ValueError where it holds the nominal run alone."""
    found = {one.scenario: one for one in chances(city, dataset)}
    nominal = dataset.isel(member=slice(0, 1))
    return Outlook(city, nominal, dataset.sizes["member"] - 1, bands(dataset), found, judged)


def outlook_text(seen: Outlook, scenario: Scenario, language: Language, width: int = 200) -> str:
    """Nominal figure, percentiles and chance of every target of a scenario, then all together and the weakest.

    At most `width` columns wide, if leaving out labels, quartiles, units and the years of half does it.
    """
    words, city, of = WORDS[language], seen.city, seen.chances[scenario.id]
    head = [words("id"), words("label"), words("wanted"), words("unit"), words("nominal")]
    head += [*(f"{percent} %" for percent in PERCENTS), words("chance"), words("first"), words("rests")]
    rows = [head, *(_cells(seen, scenario.id, name, language) for name in city.targets)]
    numbers, dropped = {2, *range(4, 12)}, {1}
    table = aligned(rows, numbers)
    for more in ({1}, {6, 8}, {3}, {11}):
        if max(map(display_width, table.splitlines())) <= width:
            break
        dropped |= more
        kept = [place for place in range(len(head)) if place not in dropped]
        right = {place for place, column in enumerate(kept) if column in numbers}
        table = aligned([[row[place] for place in kept] for row in rows], right)
    said = [all_text(city, of, language), *all_unjudged(city, language), *views_text(seen, scenario, language)]
    told = "\n".join([*said, *tension_lines(city, seen.figure(scenario.id), language)])
    title = scenario.title.zh if language == "zh" else scenario.title.en
    return f"{scenario.id} · {title}\n{table}\n{told}"


def all_text(city: City, of: Chances, language: Language) -> str:
    """How many targets are expected to be met, by kind; the chance of all at once, and which is least likely."""
    words, weakest = WORDS[language], of.targets[of.weakest]
    counts = expected_counts(city, of.targets)
    expected = words("expected", met=all_met(counts, 1, language), kinds=kinds_told(counts, 1, language))
    together = words(
        "all",
        count=len(of.targets),
        chance=chance_text(of.all, of.draws, language),
        weakest=city.indicators[of.weakest].zh if language == "zh" else city.indicators[of.weakest].en,
        weakest_chance=chance_text(weakest.chance, weakest.draws, language),
        ties=words("tie" if of.ties == 1 else "ties", ties=of.ties) if of.ties else "",
    )
    return f"{expected}{words('between')}{together}"


def expected_counts(city: City, found: Mapping[str, Chance]) -> Counts:
    """How many targets of each kind the members of a scenario meet on average."""
    return count_targets(city, {name: one.chance for name, one in found.items()})


def views_text(seen: Outlook, scenario: Scenario, language: Language) -> list[str]:
    """What is said of a scenario's chances under each view of how the city works, a line each."""
    of = seen.chances[scenario.id]
    draws = independent_draws(of.draws, seen.nominal.attrs.get("worth"))
    return view_lines(seen.city, scenario, views_of(of), language, draws)


def method_text(seen: Outlook, language: Language) -> str:
    """How the figures came about: how many draws of what, what is drawn, what the columns mean, which model."""
    words, attrs = WORDS[language], seen.nominal.attrs
    origin = ""
    if "posterior_hash" in attrs:
        origin = words("origin", hash=attrs["posterior_hash"][:12], seed=attrs["seed"])
    draws, asked = attrs.get("draws", seen.members), attrs.get("members", seen.members)
    members = seen.members if asked == seen.members else words("part", used=seen.members, asked=asked)
    method = words("method", members=members, draws=draws, posterior=origin)
    told = [method, band_said(seen.band, language), words("model", hash=attrs["model_hash"][:12])]
    if "record" in attrs:
        told.insert(1, words("record", record=attrs["record"], hash=attrs["record_hash"][:12]))
    return "\n".join(told)


def _cells(seen: Outlook, scenario: str, name: str, language: Language) -> list[str]:
    words, indicator, target = WORDS[language], seen.city.indicators[name], seen.city.targets[name]
    chance = seen.chances[scenario].targets.get(name)
    values = seen.at(scenario, name).values()
    figures = [words("never") if np.isnan(value) else f"{value:.{indicator.decimals}f}" for value in values]
    return [
        name,
        cut(indicator.zh if language == "zh" else indicator.en, LONGEST_LABEL),
        wanted(target),
        indicator.unit_zh if language == "zh" else indicator.unit,
        *figures,
        chance_text(chance.chance, chance.draws, language) if chance else words("unjudged"),
        str(chance.first_year_met or words("never")) if chance else words("never"),
        words("judgement" if name in seen.judged else "figures"),
    ]


def band_rows(seen: Outlook) -> Iterator[tuple[object, ...]]:
    """The percentiles of every indicator in every year that has them, in the order of BAND_COLUMNS."""
    years = seen.bands.year.values.tolist()
    for name, figures in seen.bands.data_vars.items():
        values = figures.transpose("scenario", "year", "percent").values
        for scenario, of_scenario in zip(seen.bands.scenario.values.tolist(), values, strict=True):
            for year, row in zip(years, of_scenario.tolist(), strict=True):
                if np.isfinite(row).all():
                    yield scenario, str(name), year, figures.attrs["unit"], *row, seen.band


def chance_rows(seen: Outlook) -> Iterator[tuple[object, ...]]:
    """Every target of every scenario in the order of CHANCE_COLUMNS, then, with the target `all`, all together."""
    asked = {name: target for name, target in seen.city.targets.items() if name in seen.bands}
    for scenario, of in seen.chances.items():
        for name, target in asked.items():
            chance = of.targets.get(name)
            yield (
                *(
                    scenario,
                    name,
                    target.year,
                    seen.city.indicators[name].unit,
                    target.sense,
                    target.value,
                    target.high,
                ),
                *map(plain, seen.at(scenario, name).values()),
                *(
                    (chance.chance, chance.error, chance.draws, chance.distance, chance.first_year_met)
                    if chance
                    else (None,) * 5
                ),
                int(name in seen.judged),
                target.kind,
                seen.band,
            )
        yield (
            *(scenario, ALL, *[None] * 11, of.all, of.all_error, of.draws, None, None),
            *(int(any(name in seen.judged for name in of.targets)), None, seen.band),
        )


def outlook_json(seen: Outlook, scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """The nominal run as `as_json` gives it, with chances by scenario and target, and bands by indicator and year."""
    found: dict[str, Any] = as_json(seen.city, scenarios, seen.nominal)
    found["tensions"] = {scenario: tensions_json(seen.city, seen.figure(scenario)) for scenario in seen.chances}
    about = {"views": variants_json(seen.city), "members": seen.members, "band": seen.band}
    return {**found, **about, **bands_json(seen)}


def bands_json(seen: Outlook) -> dict[str, Any]:
    """Chances by scenario and target, and bands by scenario, indicator and year, as plain data."""
    chance: dict[str, Any] = {}
    for scenario, of in seen.chances.items():
        targets = {
            name: {
                **{key: plain(value) for key, value in seen.at(scenario, name).items()},
                **{key: plain(value) for key, value in vars(one).items() if key not in ("scenario", "id", "views")},
                "judgement": name in seen.judged,
                "views": views_json(one.views),
            }
            for name, one in of.targets.items()
        }
        chance[scenario] = {
            "targets": targets,
            ALL: {"chance": of.all, "error": of.all_error, "views": views_json(of.views)},
            "weakest": of.weakest,
            "expected": counts_json(expected_counts(seen.city, of.targets)),
        }
    spread: dict[str, Any] = {scenario: {} for scenario in seen.chances}
    for of_scenario, name, year, _, *values, _ in band_rows(seen):
        spread[str(of_scenario)].setdefault(name, {})[str(year)] = dict(zip(BANDS, values, strict=True))
    return {"chances": chance, "bands": spread}
