"""What levers cost: prices.yaml is held against the model, and every fault says what, where and what to do."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from innovation.model.city import City
from innovation.model.loading import CityError, load_city
from innovation.model.prices import PRICES, payer_shares, resource_shares

MODEL = "innovation.mdl"
SERVICE = '  service: {en: "Transfer service"'


def copied(city: City, folder: Path, file: str, old: str, new: str) -> Path:
    copy = Path(shutil.copytree(city.folder, folder / "model", ignore=shutil.ignore_patterns("*.py", "__pycache__")))
    text = (copy / file).read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


def test_every_price_and_payer_of_the_model_is_named_and_every_lever_is_priced_or_free(city):
    assert set(city.prices.prices) == set(city.model.subscripts["price"])
    assert set(city.prices.payers) == set(city.model.subscripts["payer"])
    assert city.prices.unpriced(list(city.levers)) == []


def test_a_lever_without_price_is_allowed_and_told(city):
    prices = {name: price for name, price in city.prices.prices.items() if name != "service"}

    assert replace(city.prices, prices=prices).unpriced(["transfer_service", "tax_relief"]) == ["transfer_service"]


def test_shares_are_those_of_the_model(city):
    shares, used = payer_shares(city.model), resource_shares(city.model)

    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-12)
    relief = list(city.model.subscripts["price"]).index("relief")
    assert dict(zip(city.model.subscripts["payer"], shares[relief], strict=True))["nation"] == 0.6
    assert used[relief] == 0  # a transfer


def test_a_city_without_prices_has_none(toy_city):
    assert toy_city.prices.prices == {} and toy_city.prices.payers == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (SERVICE, '  sevice: {en: "Transfer service"', r'"sevice" is no price of the model.*Did you mean: service'),
        (SERVICE, '  sevice: {en: "Transfer service"', "Nothing is said of service"),
        ("  lenders: {", "  landers: {", r'"landers" is no payer of the model.*Did you mean: lenders'),
        ("[transfer_service]", "[transfer_sevice]", r'no lever "transfer_sevice".*Did you mean: transfer_service'),
        ("[transfer_service]", "[]", "must not be empty"),
        ("kind: analogy", "kind: guess", "must be one of 'source', 'analogy' or 'judgement'"),
        ("timing: once", "timing: twice", "must be one of 'running' or 'once'"),
        ("source: NDRC2006", "source: NDRC2007", r'source "NDRC2007" does not exist.*Did you mean: NDRC2006'),
        ("premium: premium of added", "premium: premum of added", "is not a constant of the model"),
        (
            "free: [mix_grants",
            "free: [tax_relief, mix_grants",
            "tax_relief stands under free and pays relief, paperwork",
        ),
        ("account: price account", "account: price acount", r'"price acount" is not in the model.*price account'),
        ("account: price account\n", "", "Missing: account"),
        ("account: price account\n", "account: price account\npayer: {}\n", '"payer" is not a field here'),
    ],
)
def test_what_prices_say_wrong_is_told_with_what_is_right(city, tmp_path, old, new, said):
    folder = copied(city, tmp_path, PRICES, old, new)

    with pytest.raises(CityError, match=f"(?s){said}") as error:
        load_city(folder)

    assert "prices.yaml, line" in str(error.value)


def test_a_payer_whom_no_figure_shows_is_told(city, tmp_path):
    folder = copied(city, tmp_path, "indicators.yaml", "\ncost_lenders:\n", "\nlost_lenders:\n")

    with pytest.raises(CityError, match='There is no indicator "cost_lenders"'):
        load_city(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\t0.4, 0.6, 0, 0, 0, 0, 0;\n", "\t0, 0, 0, 0, 0, 0, 0;\n", "Nobody pays relief"),
        ("\t0.4, 0.6, 0, 0, 0, 0, 0;\n", "\t0.4, 0.5, 0, 0, 0, 0, 0;\n", "shares of relief sum to 0.9, not to 1"),
        ("\t0.4, 0.6, 0, 0, 0, 0, 0;\n", "\t1.4, -0.4, 0, 0, 0, 0, 0;\n", "share of relief is -0.4, below 0"),
        ("resource share[price] = 1, 0.25,", "resource share[price] = 1, 1.25,", "of capitalgiven is 1.25, outside 0"),
        (
            "cost of transfer service = 0.35\n\t~ CNY100M/year ~",
            "cost of transfer service = 0.35\n\t~ ~",
            '"cost of transfer service" .* of service has no unit',
        ),
    ],
)
def test_a_price_that_the_model_gets_wrong_is_told(city, tmp_path, old, new, said):
    folder = copied(city, tmp_path, MODEL, old, new)

    with pytest.raises(CityError, match=said):
        load_city(folder)
