"""The controls at the side: where to start, policy levers by group, the mix of the money, and the world outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

import streamlit as st

from innovation.model import HORIZON, PLAN_BEGINS, City, Lever
from innovation.scenarios import Scenario, is_added, money, with_changes
from innovation.ui import draft
from innovation.ui.draft import InputCourse
from innovation.ui.language import words as current_words
from innovation.ui.looks import ENTRY_WIDTH, beside
from innovation.ui.outcomes import Outcome
from innovation.ui.state import session
from innovation.ui.text.catalogue import Catalogue
from innovation.ui.text.explained import changed_names, explained, meaning, period, plain
from innovation.ui.text.phrases import literal

from . import binding

LONGEST_RAMP = 10.0
NUMBER_FORMAT = "%.6g"
DRAWN = "drawn"


def side(city: City, library: Mapping[str, Scenario], words: Catalogue, baseline: Outcome | None = None) -> None:
    """Everything that changes the scenario; of the `baseline` is told what 2010 practice brings."""
    _start(city, library, words)
    _steps(city, words)
    scenario = session.scenario()
    changed: dict[str, str] = {}
    added = is_added(city, scenario)  # without an amount its split does nothing, and is not shown
    front = {name: one for name, one in city.levers.items() if one.front or (added and one.share_of == money.SPLIT)}
    told = {money.LEVER: _practice(baseline, words)} if baseline and money.PRACTICE in city.indicators else {}
    st.subheader(words("side.policies"), help=words("side.policies_help"), anchor=False)
    for number, group in enumerate(dict.fromkeys(lever.group for lever in front.values())):
        names = [name for name, lever in front.items() if lever.group == group]
        _folded(city, scenario, words, group, names, told, open_at_first=number == 0)
        changed[f"group {group}"] = _changed(city, scenario, words, names)
    st.subheader(words("side.assumptions"), help=words("side.assumptions_help"), anchor=False)
    for group in dict.fromkeys(control.group for control in city.inputs.values()):
        names = [name for name, one in city.inputs.items() if one.group == group]
        _folded(city, scenario, words, group, names)
        changed[f"group {group}"] = _changed(city, scenario, words, names)
    st.html(beside(changed))


def _folded(
    city: City,
    scenario: Scenario,
    words: Catalogue,
    group: str,
    names: list[str],
    told: Mapping[str, str] | None = None,
    open_at_first: bool = False,
) -> None:
    """A group of controls; those of a closed one are not built, so that a page has no more of them than one sees."""
    box = st.expander(words.name(city.groups[group]), expanded=open_at_first, key=f"group {group}", on_change="rerun")
    if box.open:
        with box:
            _group(city, scenario, words, names, told or {})


def _start(city: City, library: Mapping[str, Scenario], words: Catalogue) -> None:
    binding.select(
        "origin",
        words("side.start"),
        {name: words.name(scenario.title) for name, scenario in library.items()},
        session.start(),
        lambda name: session.put(library[name], name),
        help=words("side.start_help"),
        filter_mode=None,
    )


def _steps(city: City, words: Catalogue) -> None:
    changed = {change.name for change in session.scenario().changes}
    with st.container(horizontal=True, gap="xsmall"):
        _button(words("side.undo"), session.step, ("past", "ahead"), "undo", disabled=not session.has("past"))
        _button(words("side.redo"), session.step, ("ahead", "past"), "redo", disabled=not session.has("ahead"))
        _button(words("side.replay"), _replay, (), "replay last", disabled=not session.has("past"))
        for key, label, names in (
            ("reset policies", words("side.reset_policies"), set(city.levers)),
            ("reset assumptions", words("side.reset_assumptions"), set(city.inputs)),
        ):
            _button(label, _reset, (city, names), key, disabled=not names & changed)


def _button(label: str, act: Callable[..., None], args: tuple[object, ...], key: str, disabled: bool = False) -> None:
    st.button(label, on_click=act, args=args, key=key, disabled=disabled, type="tertiary")


def _replay() -> None:
    """Show what was before the last step, for a moment."""
    st.session_state["replay"] = True


def _reset(city: City, names: set[str]) -> None:
    session.put(with_changes(city, session.scenario(), without=names))


def _changed(city: City, scenario: Scenario, words: Catalogue, names: Iterable[str]) -> str:
    """How many settings of a group are changed, in words; '' where none is."""
    count = count_changed(city, scenario, names)
    return words("side.group_changed", count=count) if count else ""


def count_changed(city: City, scenario: Scenario, names: Iterable[str] | None = None) -> int:
    """How many settings, or of these names, a scenario changes; the shares of one sum are one setting."""
    changed = set(changed_names(city, scenario))
    shared = {name: getattr(city.control(name), "share_of", None) for name in changed}
    return len({shared[name] or name for name in (changed if names is None else changed.intersection(names))})


def _practice(baseline: Outcome, words: Catalogue) -> str:
    """What 2010 practice brings on average, and how spending lags behind an amount."""
    figures = baseline.figures[money.PRACTICE][1:] if baseline.members else baseline.figures[money.PRACTICE]
    brought = money.practice(baseline.city.years, figures)
    first, last = brought
    ends = {"first": first, "last": last, "low": f"{brought[first]:.1f}", "high": f"{brought[last]:.1f}"}
    return words("money.practice", **ends)


def _group(city: City, scenario: Scenario, words: Catalogue, names: Iterable[str], told: Mapping[str, str]) -> None:
    mixes: set[str] = set()
    with st.container(gap="xxsmall"):
        for name in names:
            lever = city.control(name)
            mix = lever.share_of if isinstance(lever, Lever) else None
            if name in city.variants:
                _view(city, scenario, words, name)
            elif mix is None:
                _control(city, scenario, words, name)
                if name in told:
                    st.caption(told[name])
            elif mix not in mixes:
                mixes.add(mix)
                _mix(city, scenario, words, mix)


def _control(city: City, scenario: Scenario, words: Catalogue, name: str) -> None:
    """One lever or assumption: its name, slider and typed entry, marked values to click, and dates once it is moved."""
    control, now, practice = city.control(name), draft.course(city, scenario, name), city.practice(name)
    st.markdown(
        f"**{words.name(control)}**{words('lever.unit', unit=words.unit(control))}",
        help=explained(words, control),
    )
    _slider_and_entry(city, words, name, draft.shown(control, now.to))
    st.html(meaning(control, words, now.to, session.write_link(city)))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        label = words(
            "lever.practice" if name in city.levers else "lever.nominal", value=plain(draft.shown(control, practice))
        )
        if now.changes:
            _button(label, _go, (city, name, practice), f"practice {name}")
        else:
            st.caption(label, width="content")
        plan = control.plan if isinstance(control, Lever) else None
        if plan is not None:
            label = words("lever.plan", value=plain(draft.shown(control, plan)))
            _button(label, _go, (city, name, plan), f"plan {name}", disabled=draft.shown(control, now.to - plan) == 0)
        if now.changes:
            _dates(words, name, now, partial(_dated, city, name))
    _said(name)


def _view(city: City, scenario: Scenario, words: Catalogue, name: str) -> None:
    """The choice of a view of how the city works: as drawn, or one for all members."""
    one, now = city.inputs[name], draft.view_set(scenario, name)
    options = {DRAWN: words("views.drawn"), **{str(value): words.name(view) for value, view in enumerate(one.views)}}
    st.markdown(f"**{words.name(one)}**", help=explained(words, one))
    binding.select(
        f"view of {name}",
        words.name(one),
        options,
        DRAWN if now is None else str(now),
        lambda picked: session.put(
            draft.viewed(city, session.scenario(), name, None if picked == DRAWN else int(picked))
        ),
        label_visibility="collapsed",
        filter_mode=None,
    )
    st.html(meaning(one, words, city.practice(name), session.write_link(city)))


def _slider_and_entry(city: City, words: Catalogue, name: str, value: float) -> None:
    control = city.control(name)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", wrap=False):
        binding.slider(
            f"slider {name}",
            words.name(control),
            draft.shown(control, control.low),
            draft.shown(control, control.high),
            value,
            draft.step(control),
            lambda moved: _go(city, name, draft.stored(control, moved)),
            format=NUMBER_FORMAT,
            label_visibility="collapsed",
        )
        binding.entry(
            f"entry {name}",
            words("lever.entry", name=words.name(control)),
            plain(value),
            partial(_typed, city, name),
            autocomplete="off",
            label_visibility="collapsed",
            width=ENTRY_WIDTH,
        )


def _dates(words: Catalogue, name: str, now: InputCourse, changed: Callable[..., None]) -> None:
    label = period(now.start, now.ramp, words)
    with st.popover(label, type="tertiary", key=f"dates {name}"):
        if now.changes > 1:
            st.caption(words("lever.several", count=now.changes))
        binding.slider(
            f"start {name}",
            words("lever.start"),
            float(PLAN_BEGINS),
            max(float(HORIZON), now.start),
            now.start,
            1.0,
            lambda start: changed(start=start),
            format=NUMBER_FORMAT,
        )
        binding.slider(
            f"ramp {name}",
            words("lever.ramp"),
            0.0,
            max(LONGEST_RAMP, now.ramp),
            now.ramp,
            0.5,
            lambda ramp: changed(ramp=ramp),
            format=NUMBER_FORMAT,
            help=words("lever.ramp_help"),
        )


def _mix(city: City, scenario: Scenario, words: Catalogue, mix: str) -> None:
    """A group of shares as one control: moving one part scales the others, and the total stays whole."""
    now, dates = draft.shares(city, scenario, mix), draft.shares_course(city, scenario, mix)
    title = words("money.split" if mix == money.SPLIT else "mix.title")
    st.markdown(f"**{title}**", help=words("mix.help"))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        with st.popover(words("mix.presets"), type="tertiary", key=f"presets {mix}"):
            practice = {name: city.practice(name) for name in now}
            _button(words("mix.practice"), _split, (city, mix, practice), f"practice {mix}")
            equal = draft.tidy(dict.fromkeys(now, 1 / len(now)))
            _button(words("mix.equal"), _split, (city, mix, equal), f"equal {mix}")
            for name in now:
                half = draft.reshared(practice, name, 0.5)
                _button(
                    words("mix.half", name=words.name(city.levers[name])), _split, (city, mix, half), f"half {name}"
                )
        if dates.changes:
            _dates(words, mix, dates, partial(_mix_dated, city, mix))
    for name, share in now.items():
        lever = city.levers[name]
        practice_share = plain(draft.shown(lever, city.practice(name)))
        st.markdown(words("mix.part", name=words.name(lever), practice=practice_share), help=explained(words, lever))
        _slider_and_entry(city, words, name, draft.shown(lever, share))
        st.html(meaning(lever, words, share, session.write_link(city)))
        _said(name)
    st.caption(words("mix.total", total=plain(round(100 * sum(now.values()), 2))))


def _go(city: City, name: str, to: float) -> None:
    """Move a lever or assumption; a share takes from the other shares of its whole what it gains."""
    mix = city.levers[name].share_of if name in city.levers else None
    if mix:
        _split(city, mix, draft.reshared(draft.shares(city, session.scenario(), mix), name, to))
        return
    now = draft.course(city, session.scenario(), name)
    session.put(draft.moved(city, session.scenario(), name, replace(now, to=to)))


def _typed(city: City, name: str, text: str) -> None:
    value = _entered(city, name, text)
    if value is not None:
        _go(city, name, value)


def _dated(city: City, name: str, start: float | None = None, ramp: float | None = None) -> None:
    now = draft.course(city, session.scenario(), name)
    session.put(draft.moved(city, session.scenario(), name, _redated(now, start, ramp)))


def _split(city: City, mix: str, to: Mapping[str, float]) -> None:
    dates = draft.shares_course(city, session.scenario(), mix)
    session.put(draft.mixed(city, session.scenario(), to, dates))


def _mix_dated(city: City, mix: str, start: float | None = None, ramp: float | None = None) -> None:
    scenario = session.scenario()
    dates = _redated(draft.shares_course(city, scenario, mix), start, ramp)
    session.put(draft.mixed(city, scenario, draft.shares(city, scenario, mix), dates))


def _redated(now: InputCourse, start: float | None, ramp: float | None) -> InputCourse:
    return replace(now, start=now.start if start is None else start, ramp=now.ramp if ramp is None else ramp)


def _entered(city: City, name: str, text: str) -> float | None:
    """The typed value in the model's unit; None, with a sentence to say beside the control, where it cannot be used."""
    control, words = city.control(name), current_words()
    value = draft.typed_number(text)
    low, high = draft.shown(control, control.low), draft.shown(control, control.high)
    if value is not None and low <= value <= high:
        return draft.stored(control, value)
    now = draft.shown(control, draft.course(city, session.scenario(), name).to)
    key = "lever.not_a_number" if value is None else "lever.outside"
    limits = {"low": plain(low), "high": plain(high), "now": plain(now)}
    session.slip(name, words(key, text=literal(text[:20]), **limits))
    return None


def _said(name: str) -> None:
    sentence = session.take_slip(name)
    if sentence:
        st.error(sentence)
