"""A link holds a visitor's whole work, and nothing that comes in one is trusted."""

from __future__ import annotations

import base64
import tracemalloc
import zlib

import pytest

from innovation.model.files.faults import DocumentError
from innovation.scenarios.composing import with_changes
from innovation.scenarios.scenario_files import load_scenario, scenario_text
from innovation.scenarios.schema import PolicyChange
from innovation.ui.links import LARGEST, LINK, LONGEST, Note, Work, packed, unpacked


def parameter_of(text: str | bytes) -> str:
    content = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64encode(zlib.compress(content)).decode().rstrip("=")


def document(city, scenario: str, **other: object) -> str:
    fields = {"link": LINK, "model": city.model.hash[:12], "start": "baseline", "charts": "[gdp]", "chosen": "[gdp]"}
    lines = [f"{name}: {value}" for name, value in {**fields, **other}.items()]
    return "\n".join([*lines, "scenario: |", *(f"  {line}" for line in scenario.splitlines())])


@pytest.fixture(scope="module")
def plan(city):
    return load_scenario(city, "plan_as_written")


@pytest.fixture(scope="module")
def text(plan):
    return scenario_text(plan)


def test_what_is_packed_is_unpacked_to_the_last_digit(city, plan):
    third = with_changes(city, plan, [PolicyChange(lever="tax_relief", start=2012.25, to=1 / 3, ramp=0.1)], id="mine")
    work = Work(third, "plan_as_written", ("gdp", "rd_intensity"), ("rd_intensity",), (plan,))

    assert unpacked(city, packed(city, work)) == (work, [])


def test_a_link_is_short_enough_for_any_browser(city, plan):
    work = Work(plan, "plan_as_written", ("gdp",), tuple(city.targets), (plan, plan, plan, plan))

    assert len(packed(city, work)) < 4000


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda city, text: "x" * (LONGEST + 1), "longer than"),
        (lambda city, text: "<script>", "no link of this page has"),
        (lambda city, text: "abc", "not whole"),
        (lambda city, text: parameter_of(document(city, text))[:-8], "not whole"),
        (lambda city, text: parameter_of(b"a" * 5_000_000), "unpacks to more than"),
        (lambda city, text: parameter_of(b"\xff\xfe"), "UTF-8"),
        (lambda city, text: parameter_of("!!python/object/apply:os.system [true]"), "tag"),
        (lambda city, text: parameter_of(document(city, text, link=2)), "must be"),
        (lambda city, text: parameter_of(document(city, text, more=1)), "not a field here"),
        (lambda city, text: parameter_of(document(city, text, model="x")), "model"),
        (lambda city, text: parameter_of(document(city, text.replace("to: 0.036", "to: .nan"))), "finite"),
        (lambda city, text: parameter_of(document(city, text.replace("to: 0.036", 'to: "0.036"'))), "number"),
        (lambda city, text: parameter_of(document(city, text.replace("schema: 2", "schema: 9"))), "schema"),
        (
            lambda city, text: parameter_of(document(city, text.replace("lever: fiscal", "lever: fisical"))),
            "does not exist. Did you mean",
        ),
    ],
)
def test_a_link_that_cannot_be_used_is_refused_with_the_reason(city, text, make, said):
    with pytest.raises(DocumentError, match=said):
        unpacked(city, make(city, text))


def test_a_bomb_is_never_unpacked_whole(city):
    bomb = parameter_of(b"0" * 50 * LARGEST)
    assert len(bomb) <= LONGEST
    tracemalloc.start()

    with pytest.raises(DocumentError):
        unpacked(city, bomb)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * LARGEST


def test_an_older_link_opens_with_a_note_of_what_changed(city, text):
    old = text.replace("lever: fiscal_science_share", "lever: science_share_of_budget")
    old = old.replace("lever: post_subsidy", "lever: no_longer_there")
    parameter = parameter_of(document(city, old, model='"000000000000"', charts="[former_gdp, gone]"))
    renamed = {"lever": {"science_share_of_budget": "fiscal_science_share"}, "indicator": {"former_gdp": "gdp"}}

    work, notes = unpacked(city, parameter, renamed)

    names = {change.name for change in work.scenario.changes}
    assert "fiscal_science_share" in names
    assert "post_subsidy" not in names
    assert work.charts == ("gdp",)
    assert notes == [
        Note("model", ("0" * 12, city.model.hash[:12])),
        Note("renamed", ("science_share_of_budget", "fiscal_science_share")),
        Note("dropped", ("no_longer_there",)),
    ]


def test_a_link_of_this_model_with_an_unknown_lever_is_a_fault_not_a_note(city, text):
    parameter = parameter_of(document(city, text.replace("lever: post_subsidy", "lever: no_longer_there")))

    with pytest.raises(DocumentError, match="no_longer_there"):
        unpacked(city, parameter)
