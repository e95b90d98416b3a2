"""Chances under each view of how the city works, in words, rows and plain data: for command line, batch and page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from innovation.model import City
from innovation.model.files import Language
from innovation.scenarios.schema import Scenario
from innovation.scenarios.words import section

from .chances import SURE, Chances, Viewed, chance_text, percent_text
from .views import differing, set_views, untold

VIEW_COLUMNS = (
    "scenario", "target", "variant", "value", "view", "share", "share_error", "chance", "error", "draws",
)  # fmt: skip
ALL, MIXED = "all", "mixed"
WORDS = section("views")


def views_of(found: Chances) -> dict[str, tuple[Viewed, ...]]:
    """The chances under each view by target, then of all at once."""
    return {**{name: one.views for name, one in found.targets.items()}, ALL: found.views}


def view_lines(
    city: City,
    scenario: Scenario,
    of: Mapping[str, Sequence[Viewed]],
    language: Language,
    posterior_draws: int | None = None,
) -> list[str]:
    """Where a scenario's chances differ by view, which views the record cannot tell, and which the scenario sets.

    Parameters
    ----------
    of
        Chances under each view by target; `all` names all at once.
    posterior_draws
        How many independent draws of a posterior the members are worth; None: they are none, and tell nothing of the
        record.
    """
    words, some = WORDS[language], next(iter(of.values()), ())
    free = free_variants(some)
    lines = []
    if free:
        known = words("one" if len(free) == 1 else "several", count=len(free))
        parts = list(_differing(city, of, language))
        lines.append(words("head" if parts else "none", known=known, sure=SURE))
        lines += [f"  {line}" for line in parts]
    for name in untold(city, some, posterior_draws) if posterior_draws else []:
        if name in free:
            lines.append(words("untold", variant=_name(city.inputs[name], language)))
    for name, value in set_views(city, scenario).items():
        view = view_text(city, name, value, language)
        lines.append(words("set", variant=_name(city.inputs[name], language), view=view))
    return lines


def free_variants(views: Sequence[Viewed]) -> list[str]:
    """Variants on which members have different views; of one that a scenario sets all have the same."""
    seen = [one.variant for one in views]
    return [name for name in dict.fromkeys(seen) if seen.count(name) > 1]


def _differing(city: City, of: Mapping[str, Sequence[Viewed]], language: Language) -> Iterator[str]:
    words = WORDS[language]
    for target, views in of.items():
        for variant in differing(views):
            label = words("all") if target == ALL else _name(city.indicators[target], language)
            yield words("line", target=label, parts=parts_text(city, variant, views, language))


def parts_text(city: City, variant: str, views: Sequence[Viewed], language: Language) -> str:
    """The chance under each view of a variant with its part of the members: '62 % ± 1.5 if … (50 % of members); …'."""
    words = WORDS[language]
    return words("and").join(
        words(
            "part",
            chance=chance_text(one.chance, one.draws, language),
            view=view_text(city, variant, one.value, language),
            share=percent_text(one.share, language),
        )
        for one in views
        if one.variant == variant
    )


def view_text(city: City, variant: str, value: int, language: Language) -> str:
    """What a value of a variant says of the city."""
    return _name(city.inputs[variant].views[value], language)


def _name(entry: Any, language: Language) -> str:
    return str(entry.zh if language == "zh" else entry.en)


def view_rows(city: City, found: Iterable[Chances]) -> Iterator[tuple[object, ...]]:
    """Every target of every scenario, then all at once: mixed, and under each view, in the order of VIEW_COLUMNS."""
    for of in found:
        for name, one in of.targets.items():
            yield of.scenario, name, MIXED, "", "", 1.0, 0.0, one.chance, one.error, one.draws
            yield from _rows(city, of.scenario, name, one.views)
        yield of.scenario, ALL, MIXED, "", "", 1.0, 0.0, of.all, of.all_error, of.draws
        yield from _rows(city, of.scenario, ALL, of.views)


def _rows(city: City, scenario: str, target: str, views: Iterable[Viewed]) -> Iterator[tuple[object, ...]]:
    for one in views:
        view = city.inputs[one.variant].views[one.value].en
        figures = (one.share, one.share_error, one.chance, one.error, one.draws)
        yield scenario, target, one.variant, one.value, view, *figures


def views_json(views: Iterable[Viewed]) -> dict[str, Any]:
    """The chances under each view as plain data: by variant and value."""
    found: dict[str, Any] = {}
    for one in views:
        plain = {key: value for key, value in vars(one).items() if key not in ("variant", "value")}
        found.setdefault(one.variant, {})[str(one.value)] = plain
    return found


def variants_json(city: City) -> dict[str, Any]:
    """What each variant is called and its values mean, as plain data."""
    return {
        name: {
            "label": {"en": one.en, "zh": one.zh},
            "views": {str(value): {"en": view.en, "zh": view.zh} for value, view in enumerate(one.views)},
        }
        for name, one in city.variants.items()
    }
