"""Compare: scenarios side by side, their end-year figures, chances and cost, and why one differs from another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import streamlit as st

from innovation.model import PLAN_BEGINS, PLAN_ENDS
from innovation.scenarios import Scenario
from innovation.scenarios.simulation import chance_text, kind_name, unjudged_text
from innovation.ui import draft, frame
from innovation.ui.frame import Opened
from innovation.ui.looks import legend
from innovation.ui.outcomes import COSTS, Outcome
from innovation.ui.render.charts import ScenarioSeries, comparison_chart, mark
from innovation.ui.render.spending import unpriced, warning
from innovation.ui.render.tables import html_table
from innovation.ui.state import cache, session
from innovation.ui.text.catalogue import Catalogue
from innovation.ui.text.explained import plain
from innovation.ui.text.phrases import band_said, beside, called, literal, unjudged, value, wanted
from innovation.ui.widgets import bands, binding, plots
from innovation.ui.widgets import views as views_page

ORDER = ("first", "second", "third", "fourth")
EQUAL = 0.02  # costs that differ by less than two per cent are called equal, as for the mixes of equal cost
MOST = 4
SPECIAL, COMPARED, KNOWN, BASELINE = "now", "scenarios compared", "kept before", "practice"


def show() -> None:
    """The page."""
    here = frame.opened("compare.title")
    if here is None:
        return
    words = here.words
    st.markdown(words("compare.purpose"))
    frame.without_chances(here)
    offered = _offered(here)
    chosen = _chosen(here, offered)
    if not chosen:
        st.info(words("compare.nothing"))
    titles = _titles(here, _picked(offered, chosen))
    asked = {BASELINE: here.library[cache.BASELINE], **_picked(offered, chosen)}
    compared = frame.compared(here, asked, "compare", titles)
    outcomes = dict(compared.outcomes) if compared else {}
    baseline = outcomes.pop(BASELINE, None)
    bands.control(here)
    if outcomes and baseline:
        if baseline.members:
            st.caption(band_said(baseline, words) + words("app.gap") + words("band.paired"))
        _charts(here, baseline, outcomes, titles)
        _figures(here, baseline, outcomes, titles)
        views_page.beside_each_other(
            here, {BASELINE: baseline, **outcomes}, {BASELINE: words("chart.baseline"), **titles}
        )
        picked = _picked(offered, outcomes)
        _cost(here, baseline, outcomes, titles, picked)
        _why(here, picked, titles)
    _forget(here)
    frame.foot(here)


def _picked(offered: Mapping[str, Scenario], names: Iterable[str]) -> dict[str, Scenario]:
    return {name: offered[name] for name in names}


def _offered(here: Opened) -> dict[str, Scenario]:
    """The scenario being edited, those kept, and the library, by an id of this page."""
    kept = {f"kept {one.id}": one for one in session.kept()}
    return {SPECIAL: session.scenario(), **kept, **here.library}


def _titles(here: Opened, found: Mapping[str, Scenario]) -> dict[str, str]:
    """Titles told apart where two are alike."""
    plain_titles = {name: called(scenario, here.words) for name, scenario in found.items()}
    twice = [title for title in plain_titles.values() if list(plain_titles.values()).count(title) > 1]
    return {
        name: here.words("compare.now", title=title) if name == SPECIAL and title in twice else title
        for name, title in plain_titles.items()
    }


def _chosen(here: Opened, offered: Mapping[str, Scenario]) -> list[str]:
    words, picked = here.words, st.session_state.get(COMPARED)
    names = {
        name: f"{called(one, here.words)}{words('compare.lab') if name == SPECIAL else ''}"
        for name, one in offered.items()
        if name != cache.BASELINE
    }
    kept = {name: one for name, one in offered.items() if name.startswith("kept ")}
    if picked is None:
        shown = _usual(offered, kept)
    else:
        new = [name for name, one in kept.items() if one not in st.session_state[KNOWN]]
        shown = _with_room([name for name in picked if name in names and name not in new], new)
        _compare(shown)
    st.session_state[KNOWN] = list(kept.values())
    binding.several(
        "compared",
        words("compare.choose"),
        names,
        shown,
        _compare,
        help=words("compare.choose_help"),
        placeholder=words("app.choose"),
    )
    if len(shown) > MOST:
        st.info(words("compare.most", count=MOST))
    return shown[:MOST]


def _usual(offered: Mapping[str, Scenario], kept: Iterable[str]) -> list[str]:
    """What is compared until a person picks: work, what was kept, then the plan and a mix; of equal ones the first."""
    usual = [name for name in (SPECIAL, *kept, cache.PLAN, "rebalancing") if name in offered and offered[name].changes]
    first = {tuple(sorted(map(repr, offered[name].changes))): name for name in reversed(usual)}
    return [name for name in usual if name in first.values()][:3]


def _with_room(picked: list[str], new: list[str]) -> list[str]:
    """What was picked and what was kept since, for which scenarios of the library give way first."""
    found = [*picked, *new]
    while new and len(found) > MOST:
        ours = [name for name in found if name == SPECIAL or name.startswith("kept ")]
        found.remove(next((name for name in found if name not in ours), found[0]))
    return found


def _compare(names: list[str]) -> None:
    st.session_state[COMPARED] = names


def _charts(here: Opened, baseline: Outcome, found: Mapping[str, Outcome], titles: Mapping[str, str]) -> None:
    words, city = here.words, here.city
    looks = dict(zip(found, ORDER, strict=False))
    st.html(legend(_marks(here, looks, titles)))
    for pair in (session.charts()[:2], session.charts()[2:4]):
        for place, name in zip(st.columns(2, gap="medium"), pair, strict=False):
            indicator = city.indicators[name]
            courses = [ScenarioSeries(words("chart.baseline"), "baseline", baseline.middle(name).tolist())]
            courses += [
                ScenarioSeries(titles[one], looks[one], outcome.middle(name).tolist()) for one, outcome in found.items()
            ]
            label, unit = words.name(indicator), words.unit(indicator)
            with place:
                st.markdown(words("chart.bold", label=label, unit=unit))
                alt = words(
                    "chart.alt", label=label, unit=unit, says=words("compare.alt", count=len(courses)), target=""
                )
                plots.chart(comparison_chart(city, name, courses, words), key=f"compared {name}", alt=alt)
    st.caption(words("compare.charts_more"))


def _marks(here: Opened, looks: Mapping[str, str], titles: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (here.words("chart.baseline"), mark("baseline")),
        *((titles[name], mark(look)) for name, look in looks.items()),
    ]


def _figures(here: Opened, baseline: Outcome, found: Mapping[str, Outcome], titles: Mapping[str, str]) -> None:
    """Figures and chances in the target's year, for the targets chosen, or for all."""
    words, city = here.words, here.city
    st.header(words("compare.figures"), anchor=False)
    everything = st.toggle(words("compare.all_targets", count=len(city.targets)), key="compare all")
    names = list(city.targets) if everything else session.chosen()
    everyone = {"": baseline, **found}
    called = {"": words("chart.baseline"), **titles}
    lines, notes = [], []
    for name in names:
        indicator, year = city.indicators[name], city.targets[name].year
        cells = [words.name(indicator) + words("target.unit", unit=words.unit(indicator)), wanted(city, name, words)]
        lines.append([*cells, *(_figure(here, name, outcome) for outcome in everyone.values())])
        also = [
            words("compare.beside", name=called[one], said=said)
            for one, outcome in everyone.items()
            if (said := beside(city, name, year, outcome, words))
        ]
        notes.append(words("app.gap").join(also))
    judged = [name for name in names if city.targets[name].has_base]
    if baseline.members and judged:
        together = [chance_text(one.together(judged), one.draws, words.language) for one in everyone.values()]
        lines.append([words("compare.together"), "", *together])
    lines += _counts(baseline, list(everyone.values()), words)
    head = [
        words("compare.target"),
        words("compare.wanted"),
        words("chart.baseline"),
        *(titles[name] for name in found),
    ]
    notes += [""] * (len(lines) - len(notes))
    st.html(html_table(words("compare.caption"), head, lines, notes=notes))


def _counts(baseline: Outcome, everyone: Sequence[Outcome], words: Catalogue) -> list[list[str]]:
    """How many targets are met: of all, then of each kind; beside it of how many, and how many cannot be judged."""
    whole, decimals = baseline.counts(), 1 if baseline.members else 0
    counts = [outcome.counts() for outcome in everyone]
    rows = [[words("cards.met"), f"{whole.all.of}{unjudged_text(whole, words.language)}"]]
    rows[0] += [words.number(one.all.met, decimals) for one in counts]
    for kind, of in whole.kinds.items():
        cells = [words.number(one.kinds[kind].met, decimals) for one in counts]
        rows.append([words("compare.of_kind", kind=kind_name(kind, words.language)), str(of.of), *cells])
    return rows


def _figure(here: Opened, name: str, outcome: Outcome) -> str:
    """The figure of a target's year, and how often it is met."""
    words = here.words
    figure = value(here.city, name, outcome.at(name, here.city.targets[name].year), words)
    chance, told = outcome.chances.get(name), unjudged(here.city, name, words)
    if chance is None:
        return words("compare.cell", value=figure, chance=told) if told else figure
    return words("compare.cell", value=figure, chance=chance_text(chance.chance, chance.draws, words.language))


def _cost(
    here: Opened,
    baseline: Outcome,
    found: Mapping[str, Outcome],
    titles: Mapping[str, str],
    scenarios: Mapping[str, Scenario],
) -> None:
    """The sum of the plan's years by source, and whether these are comparisons at equal cost to the city."""
    words, city = here.words, here.city
    sources = [name for name in COSTS if name in city.indicators]
    if not sources:
        return
    st.header(words("cost.title"), anchor=False)
    everyone = {"": baseline, **found}
    lines = [
        [
            words.name(city.indicators[source]),
            *(
                words.figure(city.indicators[source], float(np.median(outcome.cost_sums(source))))
                for outcome in everyone.values()
            ),
        ]
        for source in sources
    ]
    head = [words("cost.source"), words("chart.baseline"), *(titles[name] for name in found)]
    caption = words("compare.cost_caption", first=PLAN_BEGINS, last=PLAN_ENDS, unit=words("cost.money"))
    st.html(html_table(caption, head, lines, numbers=range(1, len(head))))
    st.markdown(_equal_cost(here, found, titles))
    for line in unpriced(city, scenarios.values(), words):
        st.caption(literal(line))
    for name, outcome in found.items():
        said = warning(outcome, words)
        if said:
            st.caption(words("compare.warned", name=literal(titles[name]), said=said))


def _equal_cost(here: Opened, found: Mapping[str, Outcome], titles: Mapping[str, str]) -> str:
    words = here.words
    if len(found) < 2:
        return words("compare.one")
    said = (
        _equal(here, COSTS[0], ("compare.equal.city", "compare.unequal.city"), found, titles),
        _equal(here, COSTS[-1], ("compare.equal.social", "compare.unequal.social"), found, titles),
    )
    return "\n\n".join([*said, words("cost.rule")])


def _equal(
    here: Opened, cost: str, keys: tuple[str, str], found: Mapping[str, Outcome], titles: Mapping[str, str]
) -> str:
    """Whether the scenarios cost the same, to the city or in social resources."""
    words = here.words
    sums = {name: float(np.median(outcome.cost_sums(cost))) for name, outcome in found.items()}
    cheap, dear = min(sums, key=sums.__getitem__), max(sums, key=sums.__getitem__)
    if sums[dear] - sums[cheap] <= EQUAL * abs(sums[cheap]):
        return words(keys[0], percent=f"{100 * EQUAL:.0f}")
    gap = words.figure(here.city.indicators[cost], sums[dear] - sums[cheap])
    return words(keys[1], dear=literal(titles[dear]), cheap=literal(titles[cheap]), gap=gap)


def _why(here: Opened, found: Mapping[str, Scenario], titles: Mapping[str, str]) -> None:
    """Every lever and assumption in which the scenarios differ from one another or from practice."""
    words, city = here.words, here.city
    st.header(words("compare.why"), anchor=False)
    names = dict.fromkeys(change.name for scenario in found.values() for change in scenario.changes)
    lines = []
    for name in names:
        control = city.control(name)
        if name in city.variants:
            views = [draft.view_set(scenario, name) for scenario in found.values()]
            cells = [views_page.view_name(city, name, view, words) for view in views]
            lines.append([words.name(control), words("views.drawn"), *cells])
            continue
        ends = [draft.course(city, scenario, name).to for scenario in found.values()]
        cells = [plain(draft.shown(control, end)) for end in ends]
        if all(math.isclose(end, city.practice(name), rel_tol=1e-9) for end in ends):
            continue
        unit = words.unit(control)
        lines.append(
            [
                f"{words.name(control)}{words('lever.unit', unit=unit)}",
                plain(draft.shown(control, city.practice(name))),
                *cells,
            ]
        )
    if not lines:
        st.caption(words("changes.none"))
        return
    head = [words("compare.lever"), words("compare.practice"), *(titles[name] for name in found)]
    st.html(html_table(words("compare.why_caption"), head, lines, numbers=range(1, len(head))))


def _forget(here: Opened) -> None:
    words = here.words
    if session.kept():
        with st.container(horizontal=True):
            for one in session.kept():
                label = words("compare.forget", name=literal(called(one, here.words)))
                st.button(label, on_click=session.forget, args=(one.id,), key=f"forget {one.id}", type="tertiary")
