"""The modeller's checks: the real city passes its own; a city that breaks one is told which, and by how much."""

from __future__ import annotations

from pathlib import Path

import pytest

from innovation.model.city import City
from innovation.model.loading import CityError
from innovation.scenarios.checks.behaviour import behaviour, bounded
from innovation.scenarios.checks.expectations import read_checks

TOY = """
draws: {members: 20, seed: 1}
bounds:
  platforms_stay: {variables: [platforms], at_least: 0, at_most: 1.0e+6}
equalities:
  output: {left: [total output], right: [industry output]}
balances:
  knowledge: {stocks: [knowledge], in: [research completed], out: [knowledge forgotten]}
monotone:
  science_raises_output: {lever: science_share, to: 0.04, indicator: output, year: 2020, moves: up}
extremes:
  no_science:
    en: No science
    zh: 无科技
    set: {science share: 0}
    expect:
      - {indicator: output, year: 2020, ratio_at_most: 0.999}
cuts: {quiet: []}
"""


def outcomes(city: City, folder: Path, text: str) -> dict[str, bool]:
    path = folder / "checks.yaml"
    path.write_text(text, encoding="utf-8")
    return {
        outcome.law.split(":")[0].split(" in ")[0]: outcome.holds
        for outcome in behaviour(city, read_checks(city, path))
    }


def test_a_city_that_does_as_asked_passes_every_check(toy_city: City, tmp_path: Path) -> None:
    found = outcomes(toy_city, tmp_path, TOY)

    assert len(found) == 6
    assert all(found.values()), found


@pytest.mark.parametrize(
    ("old", "new", "law"),
    [
        ("at_most: 1.0e+6", "at_most: 14.5", "platforms stay"),
        ("right: [industry output]", "right: [science money]", "output"),
        ("in: [research completed]", "in: [science money]", "knowledge"),
        ("moves: up", "moves: down", "science raises output"),
        ("ratio_at_most: 0.999", "ratio_at_most: 0.5", "extreme"),
        ("quiet: []", "quiet: [R1]", "every loop can be cut, and every cut but the quiet ones moves a figure"),
    ],
)
def test_each_kind_of_check_fails_where_the_model_does_otherwise(
    toy_city: City, tmp_path: Path, old: str, new: str, law: str
) -> None:
    found = outcomes(toy_city, tmp_path, TOY.replace(old, new))

    assert [name for name, holds in found.items() if not holds] == [law]


def test_a_wrong_file_is_told_every_fault_at_once(toy_city: City, tmp_path: Path) -> None:
    text = TOY.replace("[platforms]", "[platfroms]").replace(
        "indicator: output, year: 2020, moves", "indicator: outptu, year: 1999, moves"
    )

    with pytest.raises(CityError) as error:
        outcomes(toy_city, tmp_path, text)

    assert "Did you mean: platforms" in str(error.value)
    assert "Did you mean: output" in str(error.value)
    assert "1999" in str(error.value)


def test_a_name_with_an_asterisk_stands_for_all_that_begin_so_and_an_unknown_one_is_told(
    toy_city: City, tmp_path: Path
) -> None:
    path = tmp_path / "checks.yaml"
    path.write_text(TOY.replace("[platforms]", "[every flow], except: [platform open*]"), encoding="utf-8")
    bound = read_checks(toy_city, path).bounds["platforms_stay"]
    flows = [one.name for one in toy_city.model.variables.values() if one.kind == "flow"]

    assert bounded(toy_city, bound) == [name for name in flows if not name.startswith("platform open")] != flows

    path.write_text(TOY.replace("[platforms]", "[platfroms *]"), encoding="utf-8")
    with pytest.raises(CityError, match="platfroms"):
        read_checks(toy_city, path)


@pytest.mark.slow
def test_the_city_passes_all_of_its_checks(city: City) -> None:
    found = list(behaviour(city, read_checks(city, city.folder / "checks.yaml")))

    assert len(found) > 50
    assert [outcome for outcome in found if not outcome.holds] == []
