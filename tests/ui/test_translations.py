"""Every word on screen has an owner: the catalogue, in both languages alike, or a registry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from innovation.calibration.priors.space import Space
from innovation.calibration.record.observations import read_record
from innovation.model.city import City
from innovation.model.files.phrases import words_of
from innovation.model.files.wording import read_texts
from innovation.model.files.yaml_documents import read_document
from innovation.scenarios.scenario_files import library, load_scenario
from innovation.ui.text.catalogue import FOLDER, LANGUAGES, catalogue

UI = FOLDER.parent
PACKAGES = ("model", "scenarios", "calibration", "analysis", "ui", "commands")  # those that have faults.yaml
# Of the words of lower layers what the page shows.
SHOWN = {
    "scenarios": ["chances", "costs", "editions", "failures", "published", "target_counts", "tensions", "views"],
    "calibration": ["draws", "places"],
}
# Outside GB2312, and in the carried font: looked up once in its character map.
ALSO_IN_THE_FONT = set("–—·…≥≤“”‘’−●○²½€")


def test_no_key_stands_twice_in_a_file():
    assert [read_document(path).faults for path in sorted(FOLDER.glob("*.yaml"))] == [()] * 4


def test_every_spelled_out_unit_is_a_unit_of_the_registries(city: City):
    used = {entry.unit for entry in [*city.indicators.values(), *city.levers.values(), *city.inputs.values()]}

    assert sorted({key.rpartition(".")[0] for key in catalogue("en").units} - used) == []


def test_english_readers_meet_no_unit_in_the_code_of_the_registries(city: City):
    entries = [*city.indicators.values(), *city.levers.values(), *city.inputs.values()]

    assert sorted({catalogue("en").unit(entry) for entry in entries if "1e" in catalogue("en").unit(entry)}) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_counted_reads_right_for_one_and_for_many(language):
    words = catalogue(language)
    keys = {key.removesuffix(".one") for key in words.entries if key.endswith(".one")}
    keys = {key for key in keys if f"{key}.many" in words.entries}

    assert len(keys) >= 5
    for key in sorted(keys):
        one, many = words.counted(key, 1), words.counted(key, 1234)
        assert "{" not in one + many
        assert "1,234" in many if language == "en" else "1234" in many
    assert language == "zh" or [key for key in keys if words.counted(key, 1) == words.counted(key, 2)] == []


def test_no_chinese_sentence_has_an_english_one_in_it():
    allowed = re.compile(r"python3 run\.py \S+( \S+)*|cli\.py \w+|语言 / Language|[“（][^”）]*英文[^”）]*[”）]")
    texts = {key: allowed.sub("", text) for key, text in catalogue("zh").entries.items()}

    assert [key for key, text in texts.items() if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}", text)] == []


def words_in(entry):
    """Texts of an entry of faults.yaml: words by language, or terms by kind."""
    return list(entry.values()) if isinstance(entry, dict) else [entry]


def test_a_missing_word_names_its_file_and_key():
    with pytest.raises(KeyError, match=r"zh\.yaml, lab\.titel"):
        catalogue("zh")("lab.titel")


def test_the_carried_font_has_every_character_on_screen(city: City):
    shown = [text for language in LANGUAGES for text in catalogue(language).entries.values()]
    for package in PACKAGES:
        shown += [text for entry in words_of(package).values() for one in entry.values() for text in words_in(one)]
    for package, sections in SHOWN.items():
        entries = read_texts(UI.parent / package / "words" / "zh.yaml")
        shown += [text for key, text in entries.items() if key.partition(".")[0] in sections]
    shown += [text for one in read_record(city).conflicts for text in (one.found_zh, one.chosen_zh, one.zh)]
    for entry in [*city.indicators.values(), *city.levers.values(), *city.inputs.values()]:
        shown += [entry.zh, entry.en, entry.unit_zh, entry.unit, getattr(entry, "help_zh", "")]
    shown += [text for target in city.targets.values() for text in (target.no_base_zh, target.section) if text]
    shown += [target.tension.zh for target in city.targets.values() if target.tension]
    shown += [view.zh for one in city.variants.values() for view in one.views]
    shown += catalogue("zh").constants.values()
    shown += [load_scenario(city, name).title.zh for name in library()]

    boxes = {sign for sign in "".join(shown) if not _drawn(sign)}

    assert boxes == set()


def _drawn(sign: str) -> bool:
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return sign.isascii() or sign in ALSO_IN_THE_FONT
    return True


def test_the_carried_font_stands_where_the_settings_say_with_its_licence():
    settings = (UI.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    url = next(line.split('"')[1] for line in settings.splitlines() if line.startswith("url"))

    font = UI.parent / Path(url).relative_to("app")

    assert font.read_bytes()[:4] == b"wOF2"
    assert (font.parent / "OFL.txt").is_file()


def test_every_uncertain_constant_has_a_chinese_name_and_no_name_is_for_nothing(city: City):
    space = Space(city)
    names = {*space.names, *space.to_constants(space.draw(1, 0))}
    inside = [name.rstrip("]").partition("[")[::2] for name in names]
    needed = {f"constants.{base}" for base, _ in inside}
    needed |= {f"elements.{element}" for _, elements in inside for element in elements.split(",") if element}

    assert set(catalogue("zh").constants) == needed
    assert catalogue("zh").constant("grant share[invention]") == "专利授权率（发明）"
    assert catalogue("en").constant("grant share[invention]") == "grant share[invention]"
