"""Steps are what people do, each once: not what a browser says again of widgets that it has not built anew."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from innovation import ui
from innovation.ui.state import session

from .visitor import Visitor
from .walk import quick, walks

SHARE = "fiscal_science_share"


@pytest.fixture
def visitor():
    with quick():
        yield Visitor("lab", lang="en")


def work(visitor: Visitor):
    return visitor.page.session_state["scenario"]


def dates(visitor: Visitor) -> list[tuple[float, float]]:
    return [(change.start, change.ramp) for change in work(visitor).changes]


def test_what_was_undone_after_dates_were_dragged_in_a_closed_box_is_redone(visitor):
    visitor.clicks(f"plan {SHARE}")
    visitor.sets(f"start {SHARE}", 2013.0)
    visitor.opens(None)

    visitor.clicks("undo")
    undone = dates(visitor)
    visitor.clicks("redo")

    assert not visitor.page.exception
    assert undone == [(2011, 4)]
    assert dates(visitor) == [(2013, 4)]


@pytest.mark.parametrize(("control", "moved"), [(SHARE, f"slider {SHARE}"), ("mix", "slider mix_talent")])
def test_several_changes_of_dates_are_undone_and_redone_one_by_one(visitor, control, moved):
    visitor.sets(moved, 3.0)
    known = [dates(visitor)]
    for name, value in (("start", 2013.0), ("ramp", 2.0), ("start", 2014.0)):
        visitor.sets(f"{name} {control}", value)
        known.append(dates(visitor))
    visitor.opens(None)

    back = [dates(visitor) for _ in range(3) if visitor.clicks("undo")]
    forth = [dates(visitor) for _ in range(3) if visitor.clicks("redo")]

    assert len({tuple(one) for one in known}) == 4
    assert back == known[2::-1]
    assert forth == known[1:]


def test_all_targets_are_chosen_after_one_was_removed(visitor, city):
    visitor.sets("choice", visitor.value("choice")[1:])

    visitor.clicks("all targets")
    visitor.opens(None)
    visitor.clicks("more charts")

    assert visitor.page.session_state["chosen"] == list(city.judgeable)


@pytest.mark.parametrize("sides", [("past", "ahead"), ("ahead", "past")])
def test_a_step_that_is_not_there_is_not_taken(monkeypatch, sides):
    state = {"past": [], "ahead": [], "fault": None}
    monkeypatch.setattr(session.st, "session_state", state)

    session.step(*sides)  # a second click, before the page has shown that the first one took the last step

    assert state == {"past": [], "ahead": [], "fault": None}


def test_a_click_before_the_answer_is_drawn_leaves_alone_what_the_answer_moved(visitor):
    visitor.sets(f"slider {SHARE}", 3.0)
    visitor.clicks("undo", hurried=True)

    visitor.clicks("keep")  # the browser still says 3.0 of the slider

    assert work(visitor).changes == ()
    assert visitor.page.session_state["ahead"]


def test_a_slider_moved_before_the_answer_is_drawn_is_moved(visitor):
    visitor.sets("slider mix_talent", 20.0, hurried=True)

    visitor.sets("slider mix_grants", 35.0)

    shares = {change.lever: change.to for change in work(visitor).policies}
    assert shares["mix_grants"] == 0.35
    assert visitor.value("slider mix_grants") == 35


def test_what_shows_already_adds_no_step_and_keeps_what_was_undone(visitor):
    visitor.sets(f"slider {SHARE}", 3.0)
    visitor.sets(f"slider {SHARE}", 3.5)
    visitor.clicks("undo")

    visitor.sets(f"entry {SHARE}", "3.00")

    assert len(visitor.page.session_state["past"]) == 1
    assert len(visitor.page.session_state["ahead"]) == 1


def test_one_figure_is_not_shown_in_two_charts(visitor):
    first, second = visitor.value("chart 0"), visitor.value("chart 1")

    visitor.sets("chart 0", second)

    assert [visitor.value("chart 0"), visitor.value("chart 1")] == [second, first]


def test_a_view_stays_as_it_was_put_in_the_other_language_and_after_another_page(visitor):
    third = [option.content for option in visitor.named("targets shown").proto.options][2]
    visitor.sets("targets shown", [third])

    visitor.sets("language switch", ["中文"])
    visitor.goes("guide")
    visitor.goes("lab")

    options = [option.content for option in visitor.named("targets shown").proto.options]
    assert visitor.value("targets shown") == [options[2]]
    assert options[2] != third


def test_what_a_changed_model_knows_no_longer_gives_way_to_what_is_usual(visitor):
    state = visitor.page.session_state
    state["charts"], state["chosen"], state["start"] = ["gone", "gdp"], ["gone"], "gone"
    state["files"] = "the files as they were"

    visitor.connects_again()

    assert not visitor.page.exception
    assert state["charts"] == ["gdp"]
    assert state["chosen"] == list(session.USUAL_CHOICE)
    assert state["start"] == "baseline"


def test_a_tour_clicked_on_twice_before_the_answer_goes_two_steps(visitor):
    visitor.goes("guide")
    visitor.clicks("tour next", hurried=True)
    visitor.clicks("tour next")

    assert visitor.page.session_state["tour step"] == 3


def test_only_binding_turns_what_a_widget_shows_into_a_change():
    kinds = {
        "slider",
        "select_slider",
        "selectbox",
        "multiselect",
        "segmented_control",
        "pills",
        "radio",
        "number_input",
    }
    found = []
    for path in sorted(Path(ui.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and path.name != "binding.py":
                heard = [one.value for one in node.keywords if one.arg == "on_change"]
                told = [
                    one for one in heard if not (isinstance(one, ast.Constant) and one.value in ("rerun", "ignore"))
                ]
                if told or (node.func.attr in kinds and ast.unparse(node.func.value) != "binding"):
                    found.append(f"{path.name}:{node.lineno}")

    assert found == []


def test_a_short_random_walk_holds():
    assert walks(1, 20) >= 20


@pytest.mark.slow
def test_five_random_walks_of_a_hundred_actions_hold():
    assert walks(5, 100) >= 500
