"""Links by strangers: whatever is done to one, it opens or is refused, soon and in a few words."""

from __future__ import annotations

import base64
import random
import zlib

import pytest

from innovation.scenarios.scenario_files import load_scenario
from innovation.ui.links import LARGEST, LinkError, Work, packed, unpacked
from tests.damage import LONGEST, damaged, slowest


def packed_text(text: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8", "replace"), 9)).decode().rstrip("=")


@pytest.fixture(scope="module")
def plan(city):
    return load_scenario(city, "plan_as_written")


@pytest.fixture(scope="module")
def parameter(city, plan):
    return packed(city, Work(plan, "baseline", ("rd_intensity",), tuple(city.targets), (plan,)))


def content(parameter: str) -> str:
    return zlib.decompress(base64.urlsafe_b64decode(parameter + "=" * (-len(parameter) % 4))).decode()


def damaged_links(city, parameter: str, seed: int, count: int) -> list[str]:
    """Every third link is hurt as it stands, the others in what is packed in them, half of these of an older model."""
    chance, text = random.Random(seed), content(parameter)
    older = text.replace(city.model.hash[:12], "0" * 12)
    inside = [damaged(chance.choice([text, older]), chance) for _ in range(count - count // 3)]
    return [damaged(parameter, chance)[:20_000] for _ in range(count // 3)] + list(map(packed_text, inside))


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_link_opens_or_is_refused_soon(city, parameter, seed):
    assert slowest(lambda one: unpacked(city, one), damaged_links(city, parameter, seed, 30)) < LONGEST


@pytest.mark.slow
def test_two_thousand_damaged_links_open_or_are_refused_soon(city, parameter):
    worst = slowest(lambda one: unpacked(city, one), damaged_links(city, parameter, 1000, 2000))

    print(f"slowest link: {worst:.3f} s")
    assert worst < LONGEST


def test_a_short_link_of_endless_faults_is_refused_soon(city):
    head = f"link: 1\nmodel: {city.model.hash[:12]}\nstart: a\ncharts: []\nchosen: []\nscenario: x\n"
    inside = ["kept: [" + "1," * 90_000 + "]\n", "kept: [" + "~," * 60_000 + "]\n", "link: 1\n" * 20_000]
    inside += ["charts: [" + "x," * 90_000 + "]\n", "".join(f"a{n}: 1\n" for n in range(9_000))]
    links = [packed_text((head + text)[:LARGEST]) for text in inside]
    links += [packed_text((head.replace(city.model.hash[:12], "0" * 12) + text)[:LARGEST]) for text in inside]

    assert min(map(len, links)) < 600
    assert slowest(lambda one: unpacked(city, one), links) < LONGEST


def test_an_older_link_full_of_changes_opens_or_is_refused_soon(city, plan):
    changes = "".join(f"  - {{lever: gone{n}, from: 2012, to: .1}}\n" for n in range(4000))
    scenario = "schema: 2\nid: a\ntitle: {en: a, zh: b}\nquestion: {en: a, zh: b}\nsource: c\npolicies:\n" + changes
    lines = "\n".join(f"  {line}" for line in scenario.splitlines())
    link = packed_text(f"link: 1\nmodel: {'0' * 12}\nstart: a\ncharts: []\nchosen: []\nscenario: |\n{lines}\n")

    assert slowest(lambda one: unpacked(city, one), [link]) < LONGEST


def test_two_kept_scenarios_of_one_id_are_refused_when_the_link_is_read(city, plan):
    other = plan.model_copy(update={"policies": plan.policies[:0]})
    link = packed(city, Work(plan, "baseline", ("rd_intensity",), (), (plan, other)))

    with pytest.raises(LinkError, match="Two scenarios have the id plan_as_written"):
        unpacked(city, link)


def test_names_that_repeat_or_are_unknown_and_an_edited_scenario_named_like_a_kept_one_open(city, plan):
    work = Work(plan, "nowhere", ("rd_intensity", "rd_intensity", "x"), ("rd_intensity", "rd_intensity"), (plan,))

    opened, _ = unpacked(city, packed(city, work))

    assert opened == Work(plan, "nowhere", ("rd_intensity",), ("rd_intensity",), (plan,))
