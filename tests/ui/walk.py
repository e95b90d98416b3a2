"""A random walk over every control of the app: what is worked on is always the replay of the steps, and no page fails.

    .venv/bin/python -m tests.ui.walk --walks 50 --steps 100

A visitor with a browser of its own (see visitor.py) does what people do, at times before the last answer is drawn. A
small model without pages keeps the steps as functions; after each action the page must hold, and show, what they give.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from innovation.scenarios.composing import with_changes
from innovation.scenarios.scenario_files import scenario_text
from innovation.scenarios.schema import Scenario, Words
from innovation.ui import draft, links
from innovation.ui.pages import lab
from innovation.ui.state import cache, session
from innovation.ui.text.catalogue import catalogue
from innovation.ui.text.explained import plain
from tests.standin import draws_of, instrument

from .visitor import Visitor

Place = tuple[str, Scenario]
Step = Callable[[Place], Place]
PAGES = ("", "lab", "compare", "matters", "evidence", "model", "guide")
NONSENSE = ("", "much", "1e3", "nan", "--3", "９９９９９９", "-1000000", "<b>", "三点五", "9" * 400)
WORK = (
    "view",
    "slider",
    "entry",
    "start",
    "ramp",
    "origin",
    "choice",
    "chart",
    "language",
)  # first words of controls of the work
LANGUAGES = {"zh": "中文", "en": "English"}
MOST_BEHIND = 2  # actions in a row before an answer is drawn
TITLE = Words(en=catalogue("en")("scenario.edited"), zh=catalogue("zh")("scenario.edited"))


@contextmanager
def quick() -> Iterator[None]:
    """Few draws of the priors in the posterior's place, and no pause in a replay."""
    kept = (
        cache.posterior,
        cache.instrument,
        cache.instrument_hash,
        cache.learned,
        cache.findings,
        cache._outcome,
        cache._nudges,
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cache.calibrated, "load", draws_of)
        patched.setattr(cache, "instrument_of", instrument)
        patched.setattr(cache, "stale", lambda *ignored: None)  # the shipped findings rest on the posterior
        patched.setattr(cache, "MEMBERS", 10)
        patched.setattr(cache, "NUDGE_MEMBERS", 2)
        patched.setattr(lab, "REPLAY_SECONDS", 0.0)
        for one in kept:
            one.clear()
        yield
    for one in kept:
        one.clear()


class Expected:
    """What the work must be: the steps taken since the page was opened, and those undone."""

    def __init__(self, origin: Place) -> None:
        self.origin = self.present = origin
        self.steps: list[Step] = []
        self.undone: list[Step] = []

    def does(self, step: Step) -> None:
        """Take a step; one that changes nothing is none."""
        found = step(self.present)
        if found != self.present:
            self.steps, self.undone, self.present = [*self.steps, step], [], found

    def goes(self, taken: list[Step], put_on: list[Step]) -> None:
        """Undo or redo."""
        if taken:
            put_on.append(taken.pop())
            self.present = self.replayed()

    def replayed(self) -> Place:
        """The work again from its beginning."""
        place = self.origin
        for step in self.steps:
            place = step(place)
        return place


class Walk(RuleBasedStateMachine):
    """One visitor and what their work must be."""

    actions = 0

    def __init__(self) -> None:
        super().__init__()
        self.visitor = Visitor("lab", lang="en")
        self.at, self.language = "lab", "en"
        self.said, self.told = False, 0  # whether a sentence beside a control is due; answers looked at for one
        files = cache.fingerprint()
        self.city, self.library = cache.city(files), cache.starts(files)[0]
        self.work = Expected((cache.BASELINE, self.library[cache.BASELINE]))
        self.charts, self.chosen = list(session.USUAL_CHARTS), list(session.USUAL_CHOICE)
        self.kept: list[set[Any]] = []
        self.names = {
            "origin": list(self.library),
            "choice": list(self.city.judgeable),
            "chart": list(self.city.indicators),
        }

    @rule(data=some.data())
    def does_something(self, data: some.DataObject) -> None:
        """One action of those that can be done here."""
        here = {
            self.connects_again: 1,
            self.slides: 6 * bool(self._drawn("slider ")),
            self.types: 4 * bool(self._drawn("entry ")),
            self.dates: 6 * bool(self._drawn("ramp ")),
            self.clicks_a_value: 3 * bool(self._drawn("practice ", "plan ", "equal ", "half ")),
            self.forgets: bool(self._drawn("forget ")),
            self.takes_a_view: bool(self._drawn("view of ")),
            self.folds: 2 * bool(self.visitor.boxes),
            self.looks: 2,
            self.speaks: 1,
            self.turns_to: 2 if self.at == "lab" else 4,
            self.refreshes: 1,
        }
        if self.at == "lab":
            moved = bool(self.work.steps or self.work.undone)
            here |= {self.goes_back_and_forth: 10 * moved, self.looks_again: moved, self.resets: 1, self.starts: 2}
            here |= {self.opens_a_file: 1, self.chooses_targets: 3, self.chooses_charts: 3, self.keeps: 1}
        names = [act.__name__ for act, weight in here.items() for _ in range(weight)]
        self.said = False
        Walk.actions += 1
        getattr(self, data.draw(some.sampled_from(names), "does"))(data)
        self._holds()

    # What people do to the work

    def slides(self, data: some.DataObject) -> None:
        """Drag a slider of a lever, an assumption or a share."""
        name = data.draw(some.sampled_from(self._drawn("slider ")))
        value = self._slid(data, name)
        control = self.city.control(name.removeprefix("slider "))
        if self.visitor.sets(name, value, self._hurry(data)):
            self.work.does(self._to(name.removeprefix("slider "), draft.stored(control, value)))

    def types(self, data: some.DataObject) -> None:
        """Type a number, or nonsense, into an entry."""
        name = data.draw(some.sampled_from(self._drawn("entry ")))
        control = self.city.control(name.removeprefix("entry "))
        low, high = draft.shown(control, control.low), draft.shown(control, control.high)
        part = data.draw(some.integers(0, 1000)) / 1000
        number = f"{low + part * (high - low):.{data.draw(some.integers(0, 4))}f}"
        wide = number.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
        text = data.draw(some.sampled_from((number, f" {number} %", wide, *NONSENSE)))
        value = draft.typed_number(text)
        fits = value is not None and low <= value <= high
        if self.visitor.sets(name, text, self._hurry(data)):
            if fits and value is not None:
                self.work.does(self._to(name.removeprefix("entry "), draft.stored(control, value)))
            elif not self.visitor.behind:
                assert len(self.visitor.page.error) == 1 + self._fault(), (name, text)
        self.said = not fits

    def dates(self, data: some.DataObject) -> None:
        """Open the dates of a moved control and drag the start or the length."""
        name = data.draw(some.sampled_from([*self._drawn("start "), *self._drawn("ramp ")]))
        value, (kind, _, which) = self._slid(data, name), name.partition(" ")

        def step(scenario: Scenario) -> Scenario:
            if which in self.city.levers or which in self.city.inputs:
                return draft.moved(
                    self.city, scenario, which, replace(draft.course(self.city, scenario, which), **{kind: value})
                )
            dates = replace(draft.shares_course(self.city, scenario, which), **{kind: value})
            return draft.mixed(self.city, scenario, draft.shares(self.city, scenario, which), dates)

        if self.visitor.sets(name, value, self._hurry(data)):
            self.work.does(self._edit(step))

    def clicks_a_value(self, data: some.DataObject) -> None:
        """Click 2010 practice, the plan's value, or a ready mix."""
        name = data.draw(some.sampled_from(self._drawn("practice ", "plan ", "equal ", "half ")))
        kind, _, which = name.partition(" ")
        if self.visitor.clicks(name, self._hurry(data)):
            self.work.does(self._value(kind, which))

    def goes_back_and_forth(self, data: some.DataObject) -> None:
        """Undo or redo, once or a few times."""
        both = {"undo": (self.work.steps, self.work.undone), "redo": (self.work.undone, self.work.steps)}
        side = data.draw(some.sampled_from([side for side, (taken, _) in both.items() if taken]), "side")
        for _ in range(data.draw(some.integers(1, 4), "times")):
            if self.visitor.clicks(side, self._hurry(data)):
                self.work.goes(*both[side])
            self._holds()

    def looks_again(self, data: some.DataObject) -> None:
        """Replay the last step."""
        self.visitor.clicks("replay last", self._hurry(data))

    def resets(self, data: some.DataObject) -> None:
        """Put all policies, or all assumptions, back to practice."""
        which = data.draw(some.sampled_from(("policies", "assumptions")), "which")
        names = set(self.city.levers if which == "policies" else self.city.inputs)
        if self.visitor.clicks(f"reset {which}", self._hurry(data)):
            self.work.does(self._edit(lambda scenario: with_changes(self.city, scenario, without=names)))

    def starts(self, data: some.DataObject) -> None:
        """Choose where to start."""
        options = list(self.visitor.named("origin").proto.options)
        place = data.draw(some.integers(0, len(options) - 1))
        name = self.names["origin"][place]
        if self.visitor.sets("origin", options[place], self._hurry(data)):
            self.work.does(lambda _: (name, self.library[name]))

    def takes_a_view(self, data: some.DataObject) -> None:
        """Say how the city works in all members, or leave it as drawn."""
        key = data.draw(some.sampled_from(self._drawn("view of ")))
        options = list(self.visitor.named(key).proto.options)
        place, name = data.draw(some.integers(0, len(options) - 1)), key.removeprefix("view of ")
        if self.visitor.sets(key, options[place], self._hurry(data)):
            value = place - 1 if place else None
            self.work.does(self._edit(lambda scenario: draft.viewed(self.city, scenario, name, value)))

    def opens_a_file(self, data: some.DataObject) -> None:
        """Open a scenario file, or what is none."""
        found = data.draw(some.sampled_from((*self.library.values(), self.work.present[1], None)))
        self.visitor.folds("files box", True)
        self.visitor.uploads(scenario_text(found).encode() if found else b"{", "mine.yaml")
        if found:
            own = self.library.get(found.id) == found
            self.work.does(lambda _: (found.id if own else cache.BASELINE, found))
        assert self._fault() == (found is None)
        self.visitor.folds("files box", False)

    # What people look at

    def chooses_targets(self, data: some.DataObject) -> None:
        """Open the choice of targets and leave some, none, or all of them in it."""
        options = list(self.visitor.named("choice").proto.options)
        picked = data.draw(some.lists(some.integers(0, len(options) - 1), unique=True, max_size=5))
        if data.draw(some.booleans()):
            if self.visitor.clicks("all targets", self._hurry(data)):
                self.chosen = list(self.names["choice"])
        elif self.visitor.sets("choice", [options[place] for place in picked], self._hurry(data)):
            self.chosen = [self.names["choice"][place] for place in picked] or self.chosen

    def chooses_charts(self, data: some.DataObject) -> None:
        """Show more charts, fewer, or another figure in one of them."""
        name = data.draw(some.sampled_from([*self._drawn("chart "), *self._drawn("more charts", "fewer charts")]))
        if name == "fewer charts":
            if self.visitor.clicks(name, self._hurry(data)):
                self.charts = self.charts[:2]
        elif name == "more charts":
            if self.visitor.clicks(name, self._hurry(data)):
                self.charts = list(dict.fromkeys([*self.charts, *session.USUAL_CHOICE, *self.city.indicators]))[:4]
        else:
            place, options = int(name.split()[1]), list(self.visitor.named(name).proto.options)
            picked = data.draw(some.integers(0, len(options) - 1))
            if self.visitor.sets(name, options[picked], self._hurry(data)) and place < len(self.charts):
                figure, before = self.names["chart"][picked], self.charts[place]
                self.charts = [before if one == figure else one for one in self.charts]
                self.charts[place] = figure

    def keeps(self, data: some.DataObject) -> None:
        """Keep the scenario for comparison."""
        if self.visitor.clicks("keep", self._hurry(data)):
            now = set(self.work.present[1].changes)
            self.kept = [*(one for one in self.kept if one != now), now][-links.MOST_KEPT :]

    def forgets(self, data: some.DataObject) -> None:
        """Keep one no longer."""
        name = data.draw(some.sampled_from(self._drawn("forget ")))
        ids = [one.id for one in self.visitor.page.session_state["kept"]]
        self.visitor.clicks(name, False)
        del self.kept[ids.index(name.removeprefix("forget "))]

    def speaks(self, data: some.DataObject) -> None:
        """Switch the language."""
        other = {"zh": "en", "en": "zh"}[self.language]
        if self.visitor.sets("language switch", [LANGUAGES[other]], self._hurry(data)):
            self.language = other

    def turns_to(self, data: some.DataObject) -> None:
        """Go to another page; from another, as a rule to the lab."""
        pages = PAGES if self.at == "lab" else ("lab", "lab", *PAGES)
        self.at = data.draw(some.sampled_from(pages), "page")
        self.visitor.goes(self.at)

    def folds(self, data: some.DataObject) -> None:
        """Open or close a group of levers, a table, or a box."""
        names = sorted(self.visitor.boxes)
        if names:
            name = data.draw(some.sampled_from(names))
            self.visitor.folds(name, not self.visitor.boxes[name][1])

    def looks(self, data: some.DataObject) -> None:
        """Use a control that changes only what is shown."""
        names = [
            name
            for name, widget in self.visitor.widgets().items()
            if widget.type in ("selectbox", "button_group", "multiselect", "toggle", "text_input")
            and name.split()[0] not in WORK
        ]
        if names:
            widget = self.visitor.named(data.draw(some.sampled_from(sorted(names))))
            name = next(name for name in names if self.visitor.named(name) is widget)
            kind, proto = widget.type, widget.proto
            if kind == "toggle":
                value: Any = data.draw(some.booleans())
            elif kind == "text_input":
                value = data.draw(some.sampled_from(("", "research", "研究", "<b>", "[", "x" * 90)))
            elif kind == "selectbox":
                value = data.draw(some.sampled_from(list(proto.options)))
            elif kind == "button_group":
                value = [data.draw(some.sampled_from([option.content for option in proto.options]))]
            else:
                value = data.draw(some.lists(some.sampled_from(list(proto.options)), unique=True, max_size=6))
            places = _places(proto, value)
            if self.visitor.sets(name, value, self._hurry(data)) and name in self.visitor.widgets():
                shown = self.visitor.value(name)  # in another language, if that came with this answer
                assert _places(self.visitor.named(name).proto, shown) == places, name

    def connects_again(self, data: some.DataObject) -> None:
        """Lose the connection and find it: the browser says once more what it shows."""
        self.visitor.connects_again()

    def refreshes(self, data: some.DataObject) -> None:
        """Open the link anew: all work comes back, and no steps."""
        self.visitor, self.told = self.visitor.refreshed(), 0
        self.work = Expected(self.work.present)

    # What must hold

    def _holds(self) -> None:
        """No page fails; the work is the replay of the steps; every control shows the work."""
        page = self.visitor.page
        assert not page.exception, [found.value for found in page.exception]
        state = page.session_state
        assert (state["start"], state["scenario"]) == self.work.present
        assert self.work.present == self.work.replayed()
        assert (len(state["past"]), len(state["ahead"])) == (len(self.work.steps), len(self.work.undone))
        assert (state["charts"], state["chosen"]) == (self.charts, self.chosen)
        assert [set(one.changes) for one in state["kept"]] == self.kept
        if not self.visitor.behind:
            if self.visitor.answers > self.told:
                assert self.said or len(page.error) == self._fault(), [found.value for found in page.error]
            self.told = self.visitor.answers
            self._shown()

    def _shown(self) -> None:
        """What the browser shows is the work."""
        (start, scenario), value = self.work.present, self.visitor.value
        assert value("language switch") == [LANGUAGES[self.language]]
        if self.at != "lab":
            return
        for name in self._drawn("slider ", "entry "):
            kind, _, which = name.partition(" ")
            to = draft.shown(self.city.control(which), draft.course(self.city, scenario, which).to)
            assert value(name) == (pytest.approx(to, abs=1e-9) if kind == "slider" else plain(to)), name
        for name in self._drawn("start ", "ramp "):
            kind, _, which = name.partition(" ")
            single = which in self.city.levers or which in self.city.inputs
            found = (draft.course if single else draft.shares_course)(self.city, scenario, which)
            assert value(name) == getattr(found, kind), name
        for name, names in (("origin", [start]), ("choice", self.chosen)):
            options = list(self.visitor.named(name).proto.options)
            words = [options[self.names[name].index(one)] for one in names]
            assert value(name) == (words[0] if name == "origin" else words), name
        for place, figure in enumerate(self.charts):
            options = list(self.visitor.named(f"chart {place}").proto.options)
            assert value(f"chart {place}") == options[self.names["chart"].index(figure)]
        assert self.visitor.named("undo").proto.disabled == (not self.work.steps)
        assert self.visitor.named("redo").proto.disabled == (not self.work.undone)

    def _drawn(self, *kinds: str) -> list[str]:
        return sorted(name for name in self.visitor.widgets() if name.startswith(kinds))

    def _fault(self) -> int:
        return int(self.visitor.page.session_state["fault"] is not None)

    def _hurry(self, data: some.DataObject) -> bool:
        """Whether to act on before the answer is drawn; not too often in a row."""
        return self.visitor.behind < MOST_BEHIND and data.draw(some.booleans(), "hurried")

    def _slid(self, data: some.DataObject, name: str) -> float:
        """A place of a slider, counted in floats as a browser counts."""
        proto = self.visitor.named(name).proto
        steps = round((proto.max - proto.min) / proto.step)
        return min(proto.min + data.draw(some.integers(0, steps)) * proto.step, proto.max)

    def _edit(self, change: Callable[[Scenario], Scenario]) -> Step:
        def step(place: Place) -> Place:
            start, scenario = place
            return start, draft.named(self.library[start], change(scenario), session.EDITED, TITLE)

        return step

    def _to(self, name: str, to: float) -> Step:
        mix = self.city.levers[name].share_of if name in self.city.levers else None

        def step(scenario: Scenario) -> Scenario:
            if mix is None:
                return draft.moved(self.city, scenario, name, replace(draft.course(self.city, scenario, name), to=to))
            return self._mixed(scenario, mix, draft.reshared(draft.shares(self.city, scenario, mix), name, to))

        return self._edit(step)

    def _mixed(self, scenario: Scenario, mix: str, to: Any) -> Scenario:
        return draft.mixed(self.city, scenario, to, draft.shares_course(self.city, scenario, mix))

    def _value(self, kind: str, which: str) -> Step:
        """The step of a button that puts a ready value."""
        if which in self.city.levers and kind != "half":
            return self._to(which, self.city.practice(which) if kind == "practice" else self.city.levers[which].plan)
        if which in self.city.inputs:
            return self._to(which, self.city.practice(which))
        mix = self.city.levers[which].share_of if kind == "half" else which
        names = draft.shares(self.city, self.library[cache.BASELINE], mix)
        practice = {name: self.city.practice(name) for name in names}
        to = {
            "practice": practice,
            "equal": draft.tidy(dict.fromkeys(names, 1 / len(names))),
            "half": draft.reshared(practice, which, 0.5) if kind == "half" else practice,
        }[kind]
        return self._edit(lambda scenario: self._mixed(scenario, mix, to))


def _places(proto: Any, value: Any) -> Any:
    """A widget's value, of options by their places."""
    options = [getattr(option, "content", option) for option in getattr(proto, "options", [])]
    if not options:
        return value
    return [options.index(words) for words in (value if isinstance(value, list) else [value])]


def walks(count: int, steps: int) -> int:
    """Go so many walks of so many actions each; how many actions that were. A failure prints the walk."""
    Walk.actions = 0
    chosen = settings(
        max_examples=count + 1,  # the first is always the simplest: a hundred times the same
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate,),  # to shorten a walk of a hundred actions takes hours
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        verbosity=Verbosity.normal,
    )
    with quick():
        run_state_machine_as_test(Walk, settings=chosen, _min_steps=steps)
    return Walk.actions


def main() -> None:
    """Walk, and tell how far and how long."""
    asked = argparse.ArgumentParser(description="Random walks over every control of the app.")
    asked.add_argument("--walks", type=int, default=50)
    asked.add_argument("--steps", type=int, default=100)
    chosen = asked.parse_args()
    started = time.perf_counter()
    actions = walks(chosen.walks, chosen.steps)
    print(f"{chosen.walks} walks passed, {actions} actions, {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
