"""Sets of priors beside the one a city comes with: what they change, and what is refused."""

from __future__ import annotations

import math
import shutil

import numpy as np
import pytest

from innovation.model.entries import PRIOR_SETS
from innovation.model.files.faults import DocumentError
from innovation.model.loading import CityError, load_city
from innovation.model.prior_draws import draw_priors, with_priors
from tests.conftest import TOY_CITY

FORGETTING = 'forgetting: {role: uncertain, low: 0.05, high: 0.4, prior: "TN(.15,.05)", source: Hall2007}'
LATER = "@article{Later2015, author={Later, L.}, title={What was found since}, year={2015}, known_by={2015}}\n"


def toy(folder, entry, works=LATER):
    """The toy city with another entry for forgetting, and works beside its own."""
    shutil.copytree(TOY_CITY, folder)
    for name, old, new in (("parameters.yaml", FORGETTING, entry), ("sources.bib", "", "")):
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new) if old else text + works, encoding="utf-8")
    return load_city(folder)


def entry(prior='prior: "TN(.15,.05)", ', more="", source="Later2015"):
    return f"forgetting: {{role: uncertain, low: 0.05, high: 0.4, {prior}{more}source: {source}}}"


def test_a_set_draws_its_own_priors_and_leaves_the_others(tmp_path):
    city = toy(tmp_path / "city", entry(more='known_by_2010: "TN(.3,.02)", '))

    ours, theirs = draw_priors(city, 200, 1), draw_priors(with_priors(city, "known_by_2010"), 200, 1)

    assert {name for name in ours if not np.array_equal(ours[name], theirs[name])} == {"forgetting"}
    assert abs(theirs["forgetting"].mean() - 0.3) < 0.01
    assert (city.prior_set, with_priors(city, "known_by_2010").prior_set) == ("default", "known_by_2010")
    assert with_priors(city, "default") is city


@pytest.mark.parametrize(
    ("name", "said"), [("plan_targets", "changes nothing"), ("known_in_2010", "no such set"), ("", "no such set")]
)
def test_a_set_that_a_city_does_not_have_is_refused(tmp_path, name, said):
    city = toy(tmp_path / "city", entry(more='known_by_2010: "TN(.3,.02)", '))

    with pytest.raises(DocumentError, match=said) as refused:
        with_priors(city, name)

    assert "parameters.yaml" in str(refused.value)


def test_one_set_does_not_take_the_place_of_another(city):
    with pytest.raises(DocumentError, match="believes the priors known_by_2010 already"):
        with_priors(with_priors(city, "known_by_2010"), "plan_targets")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (entry(), "rests on Later2015 (2015), which nobody knew by 2010"),
        (
            entry(more='known_by_2011: "TN(.3,.02)", '),
            '"known_by_2011" is not a field here',
        ),
        (entry(more='known_by_2010: "TN( .150, .05 )", '), "changes nothing"),
        (entry(more='known_by_2010: "TN(.3)", '), "needs two numbers"),
        (entry(more='known_by_2010: "TN(.3,.02)", ', source="Hall2007"), "needs no other of works known by then"),
        (
            'forgetting: {role: fixed, plan_targets: "TN(.3,.02)", source: judgement}',
            "stands beside a prior, and there is none",
        ),
    ],
)
def test_what_is_wrong_with_a_prior_of_a_set_is_said_with_its_line(tmp_path, entry, said):
    with pytest.raises(CityError) as refused:
        toy(tmp_path / "city", entry)

    assert said in str(refused.value)
    assert "parameters.yaml, line 8" in str(refused.value)


@pytest.mark.parametrize(
    ("known_by", "said"),
    [
        ("", "It has no known_by"),
        (", known_by={soon}", 'known_by is "soon"'),
        (", known_by={2016}", "lies after its year 2015"),
        (", known_by={2009}", "lies before its year 2015, and no note names a version of 2009"),
    ],
)
def test_a_work_says_when_it_was_known(tmp_path, known_by, said):
    with pytest.raises(CityError) as refused:
        toy(tmp_path / "city", FORGETTING, LATER.replace(", known_by={2015}", known_by))

    assert said in str(refused.value)
    assert "sources.bib, line 5, Later2015" in str(refused.value)


def test_a_note_that_names_an_earlier_version_makes_a_work_known_by_then(tmp_path):
    earlier = LATER.replace("known_by={2015}", "note={working paper of 2009}, known_by={2009}")

    city = toy(tmp_path / "city", entry(), earlier)

    assert city.sources["Later2015"].known_by == 2009


def test_the_record_may_be_printed_later(city):
    later = {key for key, work in city.sources.items() if work.known_by > 2010}

    assert city.sources["Plan2012"].is_record
    assert {"Boeing2016", "ChenLiuSuarezXu2021", "Bloom2020"} <= later


def test_each_set_of_the_city_is_wider_or_elsewhere_and_within_the_bounds(city):
    for name in PRIOR_SETS:
        believed = with_priors(city, name)
        changed = {entry for entry in city.parameters if city.parameters[entry] != believed.parameters[entry]}
        assert changed, name
        drawn = draw_priors(believed, 500, 3)
        for entry in changed:
            assert all(believed.parameter(entry).holds(value) for value in drawn[entry]), entry


def test_only_a_prior_that_is_cut_further_out_moves_the_bounds_and_never_inwards(city):
    for name in PRIOR_SETS:
        for entry, parameter in with_priors(city, name).parameters.items():
            own, cut = city.parameters[entry], parameter.parsed_prior()
            if own == parameter or cut is None:
                continue
            assert parameter.low == min(own.low, cut.low if math.isfinite(cut.low) else own.low), (name, entry)
            assert parameter.high == max(own.high, cut.high if math.isfinite(cut.high) else own.high), (name, entry)
    moved = with_priors(city, "blind").parameters["common approval rate"]
    assert (moved.low, moved.high) == (0.12, 8.2)
    assert with_priors(city, "blind").parameters["capital elasticity"] == city.parameters["capital elasticity"]


def test_blind_priors_are_wider_than_those_written_with_the_record_in_view(city):
    blind, centred = with_priors(city, "blind"), with_priors(city, "centred")
    changed = [entry for entry in city.parameters if centred.parameters[entry] != blind.parameters[entry]]

    ours, theirs = (draw_priors(one, 2000, 5) for one in (centred, blind))
    ratios = {entry: np.std(theirs[entry]) / np.std(ours[entry]) for entry in changed}
    assert len(changed) > 30
    assert min(ratios.values()) > 1.15, min(ratios, key=ratios.get)


def test_no_prior_is_both_written_without_the_record_and_narrowed_by_it(city):
    centred = {entry for entry, parameter in city.parameters.items() if parameter.centred}
    blind = {entry for entry, parameter in city.parameters.items() if parameter.blind}

    assert centred
    assert blind
    assert not centred & blind
