"""The first part of the page of evidence: what is no test, what is one, what one place can prove, what chances rest on.

What is counted, `innovation.calibration.evidence.plain` owns; here it is put into the words of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from innovation.calibration.evidence import (
    BANDS,
    COMMAND,
    MAIN,
    RESULTS,
    SPLIT,
    Grounds,
    SentenceContent,
    Value,
    coverage,
    grounds_of,
    plain,
    text,
    told,
)
from innovation.calibration.evidence.assessment import ERRORS, SCENARIOS, LearnedConstant
from innovation.calibration.evidence.sections import label, set_name
from innovation.calibration.reference_class import LEVELS
from innovation.scenarios.simulation import percent_text
from innovation.ui.frame import Opened
from innovation.ui.render.tables import html_table
from innovation.ui.state import cache
from innovation.ui.text.catalogue import Catalogue
from innovation.ui.text.phrases import called, literal

from .the_model import SECTORS

WORDS: Mapping[str, tuple[str, str | None]] = {  # a sentence, and one of the things that it lists
    "fit": ("evidence.said_fit", None),
    "left_out": ("evidence.said_left_out", "evidence.row_left_out"),
    "last_year": ("evidence.said_last_year", None),
    "places": ("evidence.said_places", None),
    "fails": ("evidence.said_fails", "evidence.row_fails"),
    "factor": ("evidence.said_factor", None),
    "one_place": ("evidence.said_one_place", None),
    "bands": ("evidence.said_bands", None),
    "constants": ("evidence.said_constants", "evidence.row_constants"),
    "makeup": ("evidence.said_makeup", "evidence.row_makeup"),
    "changes": ("evidence.said_changes", None),
}
SUBJECTS = {
    "fit": "evidence.of_fit", "left_out": "evidence.of_left_out", "last_year": "evidence.of_last_year",
    "places": "evidence.of_places", "fails": "evidence.of_fails", "factor": "evidence.of_factor",
    "one_place": "evidence.of_one_place", "bands": "evidence.of_bands", "constants": "evidence.of_constants",
    "makeup": "evidence.of_makeup", "changes": "evidence.of_changes",
}  # fmt: skip
BLOCKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("evidence.no_test", ("fit",)),
    ("evidence.tests", ("left_out", "last_year", "places", "fails", "factor")),
    ("evidence.proof", ("one_place",)),
    ("evidence.rest", ("bands", "constants", "makeup", "changes")),
)
LACKS = {
    "missing": "evidence.lack_missing", "stale": "evidence.lack_stale", "damaged": "evidence.lack_damaged",
    "no draws": "evidence.lack_draws",
}  # fmt: skip
PARTS = {
    "parameters": "evidence.part_parameters", "assumptions": "evidence.part_assumptions",
    "variants": "evidence.part_variants", "discrepancy": "evidence.part_discrepancy",
    "counts": "evidence.part_counts", "measurement": "evidence.part_measurement",
}  # fmt: skip
MODULES = {
    **SECTORS, "0": "evidence.module_conventions", "K": "evidence.module_costs", "L": "evidence.module_scoreboard",
}  # fmt: skip
PRIORS = {ERRORS: "evidence.prior_errors", SPLIT: "evidence.prior_split"}
TABLES = {"evidence.tests": "coverage", "evidence.rest": "headline"}


def show(here: Opened, constants: Mapping[str, LearnedConstant]) -> None:
    """The sentences in four blocks, with the two small tables that belong to them."""
    draws, _ = cache.posterior(here.files)
    contractions = {name: one.contraction for name, one in constants.items()}
    observations = cache.record(here.files).observations
    grounds = grounds_of(here.city, observations, draws, contractions, RESULTS)
    found = {said.key: said for said in plain(grounds)}
    for title, keys in BLOCKS:
        st.header(here.words(title), anchor=False)
        lines = [*_sentences(here, [found[key] for key in keys]), *_lacking(here.words, [found[key] for key in keys])]
        st.markdown("\n".join(f"- {line}" for line in lines))
        if title == "evidence.tests":
            _coverage(here.words, grounds)
        if title == "evidence.rest":
            _headline(here, found["makeup"])


def _sentences(here: Opened, found: Sequence[SentenceContent]) -> list[str]:
    """Those that can be said, as Markdown."""
    words = here.words
    lines = []
    for said in found:
        if said.lack is None:
            sentence, row = WORDS[said.key]
            written = partial(_written, here)
            lines.append(told(said, partial(words, sentence), partial(words, row) if row else None, written,
                              words("evidence.between")))  # fmt: skip
    return lines


def _lacking(words: Catalogue, found: Sequence[SentenceContent]) -> list[str]:
    """What cannot be said, and why: a line for each reason."""
    lines = []
    for why, key in LACKS.items():
        lacking = [said for said in found if said.lack == why]
        if lacking:
            subjects = words("evidence.between").join(words(SUBJECTS[said.key]) for said in lacking)
            parts = " ".join(dict.fromkeys(said.part for said in lacking if said.part))
            lines.append(words(key, subjects=subjects, command=f"{COMMAND} {parts}"))
    return lines


def _coverage(words: Catalogue, grounds: Grounds) -> None:
    """How many lay in the bands elsewhere, by years ahead."""
    found = coverage(grounds)
    if not found:
        return
    should = [percent_text(level, words.language) for level in LEVELS]
    lines = [
        [str(years), *(percent_text(part, words.language) for name in MAIN for part in of[name])]
        for years, of in found.items()
        if all(name in of for name in MAIN)
    ]  # fmt: skip
    lines.append([words("evidence.should"), *(should * len(MAIN))])
    head = words("evidence.head_coverage").split("|")
    st.html(html_table(words("evidence.coverage"), head, lines, numbers=range(1, len(head))))


def _headline(here: Opened, said: SentenceContent) -> None:
    """Chances of the headline targets in both bands."""
    words = here.words
    if said.lack:
        return
    lines = []
    for row in said.rows:
        told_row = {name: _written(here, name, value) for name, value in row.items()}
        largest = words("evidence.largest", part=told_row["part"], share=told_row["share"])
        lines.append([told_row["indicator"], *(_chance(words, row.get(which)) for which in BANDS), largest])
    caption = words("evidence.headline", scenario=called(here.library[SCENARIOS[0]], words))
    st.html(html_table(caption, words("evidence.head_headline").split("|"), lines, numbers={1, 2}))


def _chance(words: Catalogue, chance: Value | None) -> str:
    return "–" if chance is None else percent_text(float(chance), words.language)


def _written(here: Opened, name: str, value: Value) -> str:
    """A number or a name of a sentence in the words of the page."""
    words, city = here.words, here.city
    key = str(value)
    if name == "indicator" and key in city.indicators:
        return words.name(city.indicators[key])
    if name == "scenario" and key in here.library:
        return literal(called(here.library[key], words))
    if name == "part":
        return words(PARTS[key])
    if name == "set":
        return set_name(key, words.language)
    if name == "of":
        return label(key, words.language)
    if name == "constant":
        return words.constant(key)
    return _prior(words, key) if name == "prior" else text(value, words.language)


def _prior(words: Catalogue, name: str) -> str:
    """A constant, a module of the model file or the errors of measurement, whose priors are changed."""
    if name in PRIORS:
        return words(PRIORS[name])
    module = MODULES.get(name.partition(" ")[0])
    return words("evidence.prior_module", module=words(module)) if module else words.constant(name)
