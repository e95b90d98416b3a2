"""Chances under each view of how the city works, which is not known in some respects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from markupsafe import Markup

from innovation.model import City
from innovation.scenarios import Scenario
from innovation.scenarios.simulation import (
    Viewed,
    chance_text,
    differing,
    free_variants,
    percent_text,
    points_text,
    view_lines,
)
from innovation.ui.frame import Opened
from innovation.ui.outcomes import Outcome
from innovation.ui.render.tables import html_table
from innovation.ui.state import session
from innovation.ui.text.catalogue import Catalogue
from innovation.ui.text.phrases import literal

from . import binding


def show(here: Opened, scenario: Scenario, outcome: Outcome) -> None:
    """Which chances differ by view, in words, and the chance of every target under both views of a variant."""
    words, city = here.words, here.city
    lines = view_lines(city, scenario, outcome.views(), words.language, outcome.independent)
    if not outcome.members or not lines:
        return
    box = st.expander(words("views.title"), key="views", on_change="rerun")
    if not box.open:
        return
    with box:
        st.markdown("\n".join(f"- {literal(line.strip())}" for line in lines))
        free = free_variants(next(iter(outcome.views().values())))
        if not free:
            return
        names = {name: words.name(city.inputs[name]) for name in free}
        shown, keep = binding.view("views of", names, free[0])
        if len(free) > 1:
            binding.select("views of", words("views.of"), names, shown, keep, filter_mode=None)
        st.html(_table(city, shown, outcome, words))


def _table(city: City, variant: str, outcome: Outcome, words: Catalogue) -> Markup:
    """The chance of every target, mixed and under both views of a variant, and their difference."""
    lines = []
    for name, views in outcome.views().items():
        zero, one = (view for view in views if view.variant == variant)
        mixed = outcome.chances[name]
        error = (zero.error**2 + one.error**2) ** 0.5
        cells = [chance_text(each.chance, each.draws, words.language) for each in (mixed, zero, one)]
        clear = variant in differing(views)
        gap = points_text(one.chance - zero.chance, error, words.language) if clear else words("views.alike")
        lines.append([words.name(city.indicators[name]), *cells, gap])
    zero, one = (view for view in next(iter(outcome.views().values())) if view.variant == variant)
    head = [words("compare.target"), words("views.mixed")]
    head += [
        words(
            "views.column",
            view=view_name(city, variant, view.value, words),
            share=percent_text(view.share, words.language),
        )
        for view in (zero, one)
    ]
    return html_table(words("views.caption"), [*head, words("views.gap")], lines)


def view_name(city: City, variant: str, value: int | None, words: Catalogue) -> str:
    """What a value of a variant says of the city; None: as drawn."""
    return words("views.drawn") if value is None else words.name(city.inputs[variant].views[value])


def beside_each_other(here: Opened, found: Mapping[str, Outcome], titles: Mapping[str, str]) -> None:
    """Chances of the chosen targets under each view, scenario by scenario, where in one of them they differ by view."""
    words, city = here.words, here.city
    lines = []
    for name in session.chosen() or city.targets:
        of_each = [outcome.views().get(name, ()) for outcome in found.values()]
        for variant in dict.fromkeys(variant for views in of_each for variant in differing(views)):
            for value in (0, 1):
                cells = [_cell(views, variant, value, words) for views in of_each]
                lines.append([words.name(city.indicators[name]), view_name(city, variant, value, words), *cells])
    if not lines:
        return
    with st.expander(words("views.title"), key="compared views"):
        head = [words("compare.target"), words("views.view"), *(titles[name] for name in found)]
        st.html(html_table(words("views.caption"), head, lines))


def _cell(views: Sequence[Viewed], variant: str, value: int, words: Catalogue) -> str:
    """The chance under a view; a dash where no member has it."""
    found = [one for one in views if one.variant == variant and one.value == value]
    return chance_text(found[0].chance, found[0].draws, words.language) if found else "–"
