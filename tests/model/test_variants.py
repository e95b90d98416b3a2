"""Views of how the city works: a switch, its prior, and what both its values mean."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.model.loading import CityError, load_city
from innovation.model.prior_draws import draw_priors
from tests.switched import SWITCH, VARIANT, WEIGHT, switched

MANY = 10_000


def test_a_view_is_an_assumption_with_both_values_explained(switched_city, toy_city):
    assert list(switched_city.variants) == [VARIANT]
    assert [view.en for view in switched_city.variants[VARIANT].views] == [
        "output grows by itself",
        "knowledge pulls output",
    ]
    assert toy_city.variants == {}


def test_a_switch_is_drawn_as_often_as_its_weight_says_and_leaves_the_other_draws(switched_city, toy_city):
    drawn = draw_priors(switched_city, MANY, 3)

    assert set(drawn[SWITCH]) == {0.0, 1.0}
    assert drawn[SWITCH].mean() == pytest.approx(WEIGHT, abs=4 * np.sqrt(WEIGHT * (1 - WEIGHT) / MANY))
    assert all((drawn[name] == values).all() for name, values in draw_priors(toy_city, MANY, 3).items())


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("parameters.yaml", "Sw(0.3)", "Sw(-0.3)", ["knowledge counts", "between 0 and 1"]),
        ("parameters.yaml", "Sw(0.3)", "Sw(0.3,0.4)", ["knowledge counts", "one number", "0 has the rest"]),
        ("parameters.yaml", "low: 0, high: 1, prior", "low: 0, high: 2, prior", ["a switch", "low: 0 and high: 1"]),
        ("parameters.yaml", "Sw(0.3)", "Be(.3,.1)", ["line", VARIANT, "no Sw(weight of 1)", "leave views out"]),
        ("levers.yaml", "constant: knowledge counts", "constant: knowledge count", ["Did you mean"]),
        ("levers.yaml", "      - {en: output grows by itself, zh: 产出自行增长}\n", "", ["views are two"]),
        ("levers.yaml", ", zh: 知识带动产出", "", ["views", "Missing: zh"]),
        ("levers.yaml", "asked: 1", "asked: 0.5", ["asked", "0 or 1"]),
        ("toy.mdl", "knowledge counts = 1\n", "knowledge counts = 0.5\n", ["0.5", "not 0 or 1"]),
    ],
)  # fmt: skip
def test_a_fault_of_a_view_is_told_with_its_place_and_remedy(tmp_path, file, old, new, words):
    copy = switched(tmp_path)
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(CityError) as caught:
        load_city(copy)

    assert all(word.lower() in str(caught.value).lower() for word in words), caught.value


def test_a_switch_that_no_assumption_explains_is_told(tmp_path):
    copy = switched(tmp_path)
    text = (copy / "levers.yaml").read_text(encoding="utf-8")
    (copy / "levers.yaml").write_text(text[: text.index(f"  {VARIANT}")], encoding="utf-8")

    with pytest.raises(CityError) as caught:
        load_city(copy)

    assert f'The switch "{SWITCH}" has no assumption with views' in str(caught.value)


def test_every_view_of_the_city_is_told_in_both_languages(city):
    views = [view for one in city.variants.values() for view in one.views]

    assert "market_reach" in city.variants
    assert all(view.en.isascii() and not view.zh.isascii() for view in views)
    assert all(one.group == "views" for one in city.variants.values())


def test_a_respect_is_not_called_as_one_of_its_views(city):
    """Its name asks; a name that answers tells no two views apart."""
    for one in city.variants.values():
        views = {text.casefold() for view in one.views for text in (view.en, view.zh)}
        assert not {one.en.casefold(), one.zh} & views
