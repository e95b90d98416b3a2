"""What matters: what a target hangs on and where it is missed, in shipped sweeps and in a small one of one's own."""

from __future__ import annotations

import streamlit as st

from innovation.analysis.design import Distributions
from innovation.analysis.discovery import ScenarioBox
from innovation.analysis.findings import Finding, Findings, Weight
from innovation.model import Control
from innovation.model.files import DocumentError
from innovation.scenarios.simulation import LIST, missed_text, percent_text, told_of_design
from innovation.ui import frame
from innovation.ui.frame import Opened
from innovation.ui.looks import bars
from innovation.ui.render.tables import csv_text
from innovation.ui.state import cache, session, trial
from innovation.ui.state.trial import Trial
from innovation.ui.text import faults
from innovation.ui.text.phrases import called, literal
from innovation.ui.widgets import binding

SWEEPS = ("posterior", "discovery", "screening")
MOST_SHOWN, MOST_LEADING = 8, 3
LEADING = 0.25  # of the heaviest weight: a factor below it is not named in the sentence (judgement)
LOOK_AGAIN = 0.5  # seconds between two looks at a trial under way
TRIAL = "trial"


def show() -> None:
    """The page."""
    here = frame.opened("matters.title")
    if here is None:
        return
    words = here.words
    st.markdown(words("matters.purpose"))
    name = _target(here)
    _shipped(here, name)
    _own(here, name)
    with st.expander(words("matters.how"), key="how matters"):
        st.markdown(words("matters.how_text"))
    frame.foot(here)


def _target(here: Opened) -> str:
    words, city = here.words, here.city
    names = {one: words.name(city.indicators[one]) for one in city.targets}
    name, keep = binding.view("mattered", names, (session.chosen() or list(names))[0])
    binding.select("mattered", words("matters.target"), names, name, keep)
    return name


def _shipped(here: Opened, name: str) -> None:
    """What the sweeps of 2010 practice found that come with the project."""
    words = here.words
    st.header(words("matters.shipped"), anchor=False)
    said = {
        "posterior": (words("matters.posterior"), words("matters.posterior_more")),
        "discovery": (words("matters.discovery"), words("matters.discovery_more")),
        "screening": (words("matters.screening"), words("matters.screening_more")),
    }
    names = {one: said[one][0] for one in SWEEPS}
    sweep, keep = binding.view("sweep shown", names, SWEEPS[0])
    binding.segments("sweep shown", words("matters.sweep"), names, sweep, keep)
    found, wrong = cache.findings(here.files, sweep)
    if wrong is not None:
        frame.failure(words("matters.stale") if found else words("matters.missing"), faults.told(wrong, words))
    if found is None:
        return
    st.caption(f"{said[sweep][1]} {_members(here, found)}")
    _finding(here, found, name, f"shipped {sweep}")


def _members(here: Opened, found: Findings) -> str:
    words = here.words
    failed = words.counted("matters.failed", found.failed) if found.failed else ""
    some = found.used < found.members - found.failed
    used = words("matters.used", count=words.number(found.used, 0)) if some else ""
    return words("matters.members", count=words.number(found.members, 0), factors=len(found.factors)) + failed + used


def _finding(here: Opened, found: Findings, name: str, key: str) -> None:
    """What one target hangs on, as bars, and where it is missed, as a sentence."""
    words, year = here.words, here.city.targets[name].year
    one = next((one for one in found.findings if (one.output, one.year) == (name, year)), None)
    if one is None:
        st.caption(words("matters.no_finding", year=year))
        return
    label = words.name(here.city.indicators[name])
    sure = [weight for weight in one.weights if weight.sure]
    if not sure:
        st.markdown(words("matters.same", name=label) if one.same else words("matters.nothing"))
        if one.missed is not None:
            st.markdown(_missed(here, found, one))
        return
    heavy = [weight for weight in sure[:MOST_LEADING] if weight.value >= LEADING * sure[0].value]
    leading = words("matters.and").join(f"**{_called(here, found, weight.factor)}**" for weight in heavy)
    st.markdown(words("matters.leading", name=label, leading=leading))
    kinds = {"morris": "matters.effect", "cramer_von_mises": "matters.closeness"}
    head = [words("matters.factor"), words(kinds.get(one.kind, "matters.total")), words("matters.direction")]
    rows = [
        (_called(here, found, weight.factor), weight.value / sure[0].value, *_told(here, one, weight))
        for weight in sure[:MOST_SHOWN]
    ]
    unit = words("target.unit", unit=words.unit(here.city.indicators[name])) if one.kind == "morris" else ""
    st.html(bars(words("matters.caption", name=label, year=year) + unit, head, rows))
    st.download_button(
        words("matters.download"),
        lambda: _csv(found, one),
        f"{name}_{found.kind}.csv",
        "text/csv",
        key=f"csv {key}",
        on_click="ignore",
        type="tertiary",
    )
    if one.missed is not None:
        st.markdown(_missed(here, found, one))


def _told(here: Opened, one: Finding, weight: Weight) -> tuple[str, str]:
    """A weight with its interval, and which way it pulls."""
    words, indicator = here.words, here.city.indicators[one.output]
    shown = [weight.value, *(end for end in (weight.low, weight.high) if end is not None)]
    if one.kind == "morris":
        value, *ends = (words.figure(indicator, figure) for figure in shown)
    else:
        value, *ends = (f"{max(figure, 0.0):.2f}" for figure in shown)
    ways = {1: words("matters.up"), -1: words("matters.down"), 0: words("matters.unclear")}
    told_with = words("target.range", value=value, low=ends[0], high=ends[1]) if ends else value
    return told_with, ways[weight.direction]


def _missed(here: Opened, found: Findings, one: Finding) -> str:
    words, share = here.words, one.missed or 0.0
    first = literal(missed_text(share, one.looked_at, words.language))  # ">99 %" at the head of a line is a quotation
    if one.box is None:
        return first
    if not one.box.limits:
        return first + words("app.gap") + words("matters.no_box")
    return (
        first
        + words("app.gap")
        + words(
            "matters.box",
            limits=_limits(here, found, one.box),
            density=percent_text(one.box.density, words.language),
            coverage=percent_text(one.box.coverage, words.language),
        )
    )


def _limits(here: Opened, found: Findings, box: ScenarioBox) -> str:
    words = here.words
    said = []
    for limit in box.limits:
        side = words("matters.above") if limit.above else words("matters.below")
        value, unit = f"{limit.value:.3g}", ""
        control = _control(here, found, limit.factor)
        if control is not None:
            value, unit = f"{limit.value * control.factor:.3g}", words("lever.unit", unit=words.unit(control))
        said.append(f"{_called(here, found, limit.factor)}{side}{value}{unit}")
    return words("matters.and").join(said)


def _control(here: Opened, found: Findings, factor: str) -> Control | None:
    kind = found.factors.get(factor, {}).get("kind")
    if kind == "lever":
        return here.city.levers.get(factor)
    return here.city.inputs.get(factor) if kind == "input" else None


def _called(here: Opened, found: Findings, factor: str) -> str:
    """What a reader calls a factor."""
    control = _control(here, found, factor)
    return here.words.name(control) if control else here.words.constant(factor)


def _csv(found: Findings, one: Finding) -> bytes:
    head = ["output", "year", "method", "factor", "value", "low", "high", "sure", "direction", "model"]
    return csv_text(
        head,
        [
            [one.output, one.year, one.kind, w.factor, w.value, w.low, w.high, w.sure, w.direction, found.model_hash]
            for w in one.weights
        ],
    )


def _own(here: Opened, name: str) -> None:
    """A sweep around the scenario as it stands: what varies, how finely, run, progress, stop, and what it found."""
    words = here.words
    st.header(words("matters.own"), anchor=False)
    st.caption(words("matters.own_more", title=literal(called(session.scenario(), words))))
    said = {
        trial.POLICIES: words("matters.policies"),
        trial.WORLD: words("matters.world"),
        trial.BOTH: words("matters.both"),
        trial.DRAWS: words("matters.draws"),
    }
    fine = {"quick": words("matters.quick"), "usual": words("matters.usual"), "fine": words("matters.fine")}
    has_draws = cache.posterior(here.files)[0] is not None
    kinds = {one: said[one] for one in trial.VARIED if has_draws or one != trial.DRAWS}
    varied, keep_varied = binding.view("varied", kinds, trial.VARIED[0])
    size, keep_size = binding.view("size", fine, "usual")
    under_way: Trial | None = st.session_state.get(TRIAL)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        binding.segments("varied", words("matters.varied"), kinds, varied, keep_varied)
        binding.segments("size", words("matters.size"), fine, size, keep_size)
        st.button(
            words("matters.run"),
            on_click=_begin,
            args=(here, varied, size),
            key="run trial",
            type="primary",
            disabled=under_way is not None and under_way.runs,
        )
    if under_way is None:
        return
    if under_way.runs:
        st.fragment(_progress, run_every=LOOK_AGAIN)(here, under_way)
    elif under_way.fault is not None:
        if isinstance(under_way.fault, DocumentError):
            frame.failure(words("matters.run_failed"), faults.told(under_way.fault, words))
        _failed(here, under_way)
    elif under_way.findings is None:
        st.caption(
            words("matters.stopped", done=words.number(under_way.done, 0), total=words.number(under_way.total, 0))
        )
    else:
        found = under_way.findings
        st.markdown(
            words("matters.of", title=literal(called(under_way.scenario, words)), varied=said[under_way.varied])
            + words("matters.members", count=words.number(found.members, 0), factors=len(found.factors))
        )
        _failed(here, under_way)
        if under_way.scenario != session.scenario():
            st.info(words("matters.older"))
        _finding(here, found, name, "own")
        with st.expander(words("matters.file"), key="design of the trial"):
            st.caption(words("matters.file_more"))
            st.code(under_way.design, language="yaml")


def _failed(here: Opened, ended: Trial) -> None:
    """How many members of a trial failed and why, with their list."""
    if ended.failures is None or not ended.failures.failed or ended.failed is None:
        return
    words, table = here.words, ended.failed
    show = st.error if ended.failures.too_many else st.warning
    show(literal(told_of_design(ended.failures, words.language)))
    st.download_button(
        words("failed.list"),
        lambda: csv_text(*table),
        LIST,
        "text/csv",
        key="failed trial",
        on_click="ignore",
        type="tertiary",
    )


def _begin(here: Opened, varied: str, size: str) -> None:
    before: Trial | None = st.session_state.get(TRIAL)
    if before is not None:
        before.stop()
    draws = cache.posterior(here.files)[0]
    begun = Trial(session.scenario(), varied, trial.design_of(here.city, varied, size))
    try:
        begun.start(here.city, Distributions(None, draws.draws if draws else None, draws.hash if draws else None))
    except DocumentError as error:
        begun.refused = error
    st.session_state[TRIAL] = begun


def _progress(here: Opened, under_way: Trial) -> None:
    """A bar that follows the sweep, with a button that stops it."""
    words = here.words
    done, total = under_way.done, under_way.total
    if done == total:
        said = words("matters.estimating")
    elif ahead := under_way.ahead:
        said = words("matters.in_line", count=ahead)
    else:
        said = words("matters.progress", done=words.number(done, 0), total=words.number(total, 0))
    st.progress(done / max(total, 1), said)
    st.button(words("matters.stop"), on_click=under_way.stop, key="stop trial")
    if not under_way.runs:
        st.rerun()
