"""Compare sets scenarios side by side, in units that are those of sums."""

from __future__ import annotations

import re

import pytest
from markupsafe import escape
from streamlit.testing.v1 import AppTest

from innovation.scenarios.scenario_files import load_scenario
from innovation.ui.state import session
from innovation.ui.text.catalogue import LANGUAGES, catalogue

from .visitor import few_draws


def _compare():
    from innovation.ui.pages import compare

    compare.show()


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    with few_draws(monkeypatch):
        yield


@pytest.mark.parametrize("language", LANGUAGES)
def test_money_of_five_years_is_not_money_a_year(language):
    page = AppTest.from_function(_compare, default_timeout=60)
    page.query_params["lang"] = language
    page.run()

    assert not page.exception
    captions = re.findall("<caption>(.*?)</caption>", "".join(found.proto.body for found in page.get("html")))
    words = catalogue(language)
    assert words("compare.cost_caption", first=2011, last=2015, unit=words("cost.money")) in captions


def test_of_more_scenarios_than_can_stand_side_by_side_the_first_are_shown():
    page = AppTest.from_function(_compare, default_timeout=60)
    page.query_params["lang"] = "en"
    page.run()
    everything = page.multiselect(key="compared").options

    page.multiselect(key="compared").set_value(everything[:5]).run()

    assert not page.exception
    assert [found.value for found in page.info] == [catalogue("en")("compare.most", count=4)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chance_has_its_error_and_the_contribution_rate_stands_with_growth(city, language):
    page = AppTest.from_function(_compare, default_timeout=60)
    page.query_params["lang"] = language
    page.run()

    words = catalogue(language)
    html = "".join(found.proto.body for found in page.get("html"))
    table = html[html.index(f"<caption>{words('compare.caption')}") :]
    rows = re.findall("<tr.*?</tr>", table[: table.index("</table>")])
    rate = next(place for place, row in enumerate(rows) if words.name(city.indicators["contribution_rate"]) in row)
    assert words.name(city.indicators["gdp_growth_real"]).lower() in rows[rate + 1].lower()
    chosen = [
        row for row in rows if any(escape(words.name(city.indicators[name])) in row for name in session.USUAL_CHOICE)
    ]
    # A chance says how sure it is: by its error, or, where no run or every run meets the target, by their number.
    told = re.compile({"en": "±|(none|all) of 20 runs", "zh": "±|20次模拟均"}[language])
    assert [len(told.findall(row)) for row in chosen] == [3] * len(session.USUAL_CHOICE)
    assert sum(len(told.findall(row)) for row in rows if words("compare.together") in row) == 3


def test_a_comparison_of_none_still_ends_with_where_figures_come_from():
    page = AppTest.from_function(_compare, default_timeout=60)
    page.query_params["lang"] = "en"
    page.run()

    page.multiselect(key="compared").set_value([]).run()

    assert not page.exception
    assert catalogue("en")("compare.nothing") in [found.value for found in page.info]
    assert page.caption[-1].value.startswith("Model ")


def test_what_is_kept_after_compare_was_opened_is_compared_too(city):
    page = AppTest.from_function(_compare, default_timeout=60)
    page.query_params["lang"] = "en"
    page.run()
    library = page.multiselect(key="compared").options
    ours = [load_scenario(city, name) for name in ("finance", "enterprise")]

    page.session_state["kept"] = [one.model_copy(update={"id": f"kept_{n}"}) for n, one in enumerate(ours[1:], 1)]
    page.run()
    box = next(box for box in page.multiselect if box.key.startswith("compared"))
    untouched = list(box.value)
    box.set_value(library[1:3]).run()
    page.session_state["kept"] = [one.model_copy(update={"id": f"kept_{n}"}) for n, one in enumerate(ours[::-1], 1)]
    page.run()

    shown = next(box for box in page.multiselect if box.key.startswith("compared")).value
    assert untouched[0] == "kept kept_1"
    assert shown[-1] == "kept kept_2" and len(shown) == 3
