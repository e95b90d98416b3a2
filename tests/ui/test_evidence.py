"""The page of evidence: its plain sentences count what kept results say, as the document does, or say what lacks."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from innovation.calibration.evidence.grounds import grounds_of
from innovation.calibration.evidence.marks import part_marks
from innovation.calibration.evidence.plain import plain
from innovation.calibration.evidence.summary import BETWEEN, ROWS, SUBJECTS, WORDS, summary
from innovation.calibration.kept_results import keep, path_of, read
from innovation.calibration.posterior.draws import PosteriorError
from innovation.calibration.posterior.fingerprint import marks_of
from innovation.calibration.record.observations import read_record
from innovation.model.files.faults import fault
from innovation.ui.pages import evidence_in_plain_words as page_plain
from innovation.ui.state import cache
from innovation.ui.text.catalogue import LANGUAGES, catalogue
from tests.standin import draws_of

from .visitor import few_draws

PAGE = Path(__file__).parents[2] / "docs" / "calibration.md"
PLAN = "plan_as_written"
CONTRACTIONS = {"common approval rate": 0.9, "market growth to 2010": 0.6, "inflation": 0.0, "city premium": 0.02}


def _evidence():
    from innovation.ui.pages import evidence

    evidence.show()


def _figures(column, priors=None):
    """Five figures of two groups, one of them a bound: two near the middle, one farther out, one beyond."""
    places = (0.5, 0.6, 0.9, 0.99, 0.7)
    return [
        {"figure": f"f{n}", **({"priors": priors} if priors else {}), "group": f"g{n % 2}", "is_bound": int(n == 4),
         "is_counted": int(n != 3), "is_fixed": 0, column: place, "trend_log": "", "walk_log": "", "model_log": ""}
        for n, place in enumerate(places)
    ]  # fmt: skip


def _makeup(indicator, parameters, city_high, city_chance, published_chance):
    return {
        "scenario": PLAN, "indicator": indicator, "year": 2015, "parameters": parameters, "assumptions": 0.0,
        "variants": 0.0, "discrepancy": 0.9 - parameters, "counts": 0.0, "measurement": 0.1, "city_low": 1.0,
        "city_high": city_high, "published_low": 0.0, "published_high": 5.0, "city_chance": city_chance,
        "published_chance": published_chance,
    }  # fmt: skip


def _changed(kind, prior, chance, size=900.0):
    return {"scenario": PLAN, "kind": kind, "prior": prior, "spread": 2.0, "target": "gdp", "chance": chance,
            "size": size}  # fmt: skip


TABLES = {
    "fits": _figures("place"),
    "groups": [*_figures("place", "default"), *_figures("place", "centred")[:3]],
    "holdout": _figures("model_place"),
    "makeup": [
        _makeup("gdp", 0.3, 2.0, 0.92, 0.74),
        _makeup("rd_intensity", 0.8, 3.0, 0.47, 0.52),
        _makeup("enterprise_rd_hightech", 0.8, 9.0, "", ""),
    ],
    "sensitivity": [
        _changed("as it is", "as it is", 0.6),
        _changed("group", "A Economy", 0.71),
        _changed("single", "inflation", 0.48),
        _changed("single", "productivity drift", 0.99, size=20.0),
    ],
}


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    monkeypatch.setattr(cache, "learned", lambda files: {})
    with few_draws(monkeypatch):
        yield


@pytest.fixture(scope="module")
def record(city):
    return read_record(city)


@pytest.fixture
def results(city, record, tmp_path, monkeypatch):
    """A folder of results that belong to the draws of these tests, and to the figures of other places."""
    marks = marks_of(city, record.observations, draws_of(city).z)
    for part, rows in {**TABLES, "places": read("places").rows}.items():
        keep(part, rows, part_marks(part, marks, city.model.hash), tmp_path)
    monkeypatch.setattr(page_plain, "RESULTS", tmp_path)
    return tmp_path


@pytest.fixture
def grounds(city, record, results):
    return grounds_of(city, record.observations, draws_of(city), CONTRACTIONS, results)


def opened(language):
    page = AppTest.from_function(_evidence, default_timeout=120)
    page.query_params["lang"] = language
    page.run()
    assert not page.exception
    return page


def told(page):
    """Every bullet of the page, without what only stresses it."""
    texts = "\n".join(found.value for found in page.markdown).replace("**", "")
    return [line.removeprefix("- ") for line in texts.splitlines() if line.startswith("- ")]


def html_of(page):
    return "".join(found.proto.body for found in page.get("html"))


def numbers(text):
    """The numbers of a text, thousands joined."""
    return set(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d)[ ,](?=\d{3}\b)", "", text)))


def test_counts_are_those_of_the_results(grounds):
    said = {one.key: one for one in plain(grounds)}

    assert all(one.lack is None for one in said.values())
    assert said["fit"].numbers == {"all": 5, "counted": 4, "exact": 3, "half": 2, "most": 3}
    assert said["left_out"].numbers == {"groups": 2, "count": 4, "half": 2, "most": 3, "half_due": 2, "most_due": 4}
    assert said["left_out"].rows[0]["count"] == 3
    assert (said["last_year"].numbers["series"], said["last_year"].numbers["most"]) == (0, 3)
    assert said["bands"].numbers == {"targets": 3, "judged": 2, "wider": 2, "times": 2.5}
    assert said["constants"].numbers == {
        "all": 4, "least": 0.1, "learned": 2, "worth": 2, "others": 2, "judged": 2, "sourced": 0
    }  # fmt: skip
    assert [row["part"] for row in said["makeup"].rows] == [
        "parameters",
        "discrepancy",
    ]  # in the order of the headlines
    changes = said["changes"].numbers
    assert (changes["prior"], changes["before"], changes["after"]) == ("inflation", 0.6, 0.48)  # few draws say nothing


def test_what_is_said_of_other_places_is_in_their_file(grounds):
    rows = {(row["by"], row["set"], row["of"], row["rule"]): row for row in read("places").rows}
    said = {one.key: one.numbers for one in plain(grounds)}

    for name in ("nations", "provinces"):
        row = rows["horizon", name, "5", "rule"]
        assert said["places"][f"{name}_half"] == float(row["inside_50"])
        assert said["places"][f"{name}_most"] == float(row["inside_90"])
        assert said["places"][name] == int(rows["count", name, "places", ""]["cases"])
    low = [
        row for (by, *_, rule), row in rows.items()
        if (by, rule) == ("indicator", "rule") and (float(row["inside_50"]) < 0.45 or float(row["inside_90"]) < 0.86)
    ]  # fmt: skip
    assert said["fails"]["low"] == len(low) > 0
    assert said["factor"]["out_most"] == float(rows["factor", "provinces", "0.8 at 5", "rule"]["inside_90"])
    assert said["one_place"]["most_low"] == float(rows["one place", "nations", "most low", "rule"]["share"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_and_the_document_say_the_same_numbers(city, grounds, monkeypatch, language):
    monkeypatch.setattr(page_plain, "grounds_of", lambda *given: grounds)
    document = [line for line in summary(SimpleNamespace(city=city, grounds=grounds)) if line[:1].isdigit()]

    here = told(opened(language))[: len(document)]

    assert len(document) == len(WORDS)
    for one, other in zip(document, here, strict=True):
        assert numbers(one.partition(". ")[2]) == numbers(other), f"{one}\n{other}"


def test_both_put_every_sentence_into_words():
    assert set(WORDS) == set(SUBJECTS) == set(page_plain.WORDS) == set(page_plain.SUBJECTS)
    assert [key for _, keys in page_plain.BLOCKS for key in keys] == list(WORDS)
    assert set(ROWS) == {key for key, (_, row) in page_plain.WORDS.items() if row}
    assert set(BETWEEN) <= set(WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_no_test_is_said_first_and_both_tables_stand_by_their_sentences(results, language):
    page, words = opened(language), catalogue(language)

    heads = [found.value for found in page.header]
    assert heads[:4] == [words(title) for title, _ in page_plain.BLOCKS]
    first = told(page)[0]
    assert {"en": "no test", "zh": "不是检验"}[language] in first
    html = html_of(page)
    assert words("evidence.coverage") in html
    row = next(row for row in read("places").rows if (row["by"], row["set"], row["of"], row["rule"])
               == ("horizon", "nations", "5", "rule"))  # fmt: skip
    assert f"{100 * float(row['inside_90']):.0f}" in html
    assert {"en": "92 %", "zh": "92%"}[language] in html and {"en": "74 %", "zh": "74%"}[language] in html


def test_chinese_readers_meet_no_english_name(grounds, monkeypatch):
    monkeypatch.setattr(page_plain, "grounds_of", lambda *given: grounds)

    lines = told(opened("zh"))[: len(WORDS)]

    assert [line for line in lines if re.search(r"[A-Za-z]{3,}", line.replace("GDP", ""))] == []


def test_what_is_stressed_in_chinese_ends_before_its_stop():
    """Markdown shows the stars of what ends with a stop right before a Chinese letter."""
    texts = {key: text for key, text in catalogue("zh").entries.items() if key.startswith("evidence.said_")}

    assert [key for key, text in texts.items() if re.search(r"\*\*[^*]+[。，：；、]\*\*\w", text)] == []
    assert sum("**" in text for text in texts.values()) > 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stale_result_is_not_told_and_said_to_be_stale(results, language):
    for part in TABLES:
        path = path_of(part, results)
        path.write_text(path.read_text(encoding="utf-8").replace("# model: ", "# model: x"), encoding="utf-8")

    page, words = opened(language), catalogue(language)

    lines = "\n".join(told(page))
    subject = words("evidence.of_changes")
    assert words("evidence.lack_stale", subjects="|", command="").partition("|")[0] in lines
    assert subject in lines
    assert "python -m innovation.calibration.evidence groups holdout" in lines
    assert "2.00" not in lines
    assert words("evidence.coverage") in html_of(page)  # asks nothing of the city


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_and_a_damaged_result_are_said_to_be_so(results, language):
    path_of("groups", results).unlink()
    path_of("places", results).write_bytes(b"\xff\xfe\x00")
    text = path_of("makeup", results).read_text(encoding="utf-8")
    path_of("makeup", results).write_text(text.replace("published_chance", "other"), encoding="utf-8")

    page, words = opened(language), catalogue(language)

    lines = told(page)
    between = words("evidence.between")
    of = [words(f"evidence.of_{key}") for key in ("places", "fails", "factor")]
    assert words("evidence.lack_missing", subjects=words("evidence.of_left_out"),
                 command="python -m innovation.calibration.evidence groups") in lines  # fmt: skip
    assert words("evidence.lack_damaged", subjects=between.join(of),
                 command="python -m innovation.calibration.evidence places") in lines  # fmt: skip
    assert any(words("evidence.of_makeup") in line for line in lines)
    assert words("evidence.coverage") not in html_of(page)


def test_without_draws_only_other_places_are_told(results, monkeypatch):
    def refuses(*given, **settings):
        raise PosteriorError([fault("calibration.draws_absent", "draws", remedy="")])

    monkeypatch.setattr(cache.calibrated, "load", refuses)
    cache.posterior.clear()

    lines = told(opened("en"))

    assert any("Other places" in line for line in lines)
    assert sum(line.startswith("Not shown, for there is no posterior") for line in lines) == 3
    cache.posterior.clear()


def test_the_whole_document_counts_the_figures_of_the_record(record):
    page = " ".join(PAGE.read_text(encoding="utf-8").split())

    found = re.search(
        r"Of (\d+) figures on record (\d+) count in the fit. Of the (\d+) of these that are no bounds", page
    )
    assert [int(one) for one in found.groups()] == [len(record.observations), len(record.counted), len(record.exact)]
    assert "figures that have not been seen" not in page


def test_conflicts_of_sources_are_told_in_chinese_alone(record):
    for one in record.conflicts:
        for text in (one.found_zh, one.chosen_zh, one.zh):
            assert not re.search(r"[A-Za-z]{3,}", text.replace("R&D", ""))
