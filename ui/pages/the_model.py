"""The model: every equation with unit, meaning and source, searchable; feedback loops; diagrams by sector."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from innovation.engine.ir import Variable
from innovation.model import JUDGEMENT
from innovation.scenarios.documents import rendered
from innovation.ui import frame
from innovation.ui.frame import Opened
from innovation.ui.render.tables import html_table
from innovation.ui.widgets import binding

DIAGRAMS = Path(__file__).parents[2] / "docs" / "diagrams"
MOST_SHOWN, MOST_PRIORS = 30, 6
SECTORS = {
    "A": "sector.economy",
    "B": "sector.money",
    "C": "sector.talent",
    "D": "sector.platforms",
    "E": "sector.knowledge",
    "F": "sector.market",
    "G": "sector.imports",
    "H": "sector.hightech",
    "I": "sector.programmes",
    "J": "sector.finance",
}


def show() -> None:
    """The page."""
    here = frame.opened("model.title")
    if here is None:
        return
    words = here.words
    st.markdown(words("model.purpose", count=len(here.city.model.variables)))
    _equations(here)
    _loops(here)
    _diagrams(here)
    frame.foot(here)


def _equations(here: Opened) -> None:
    words = here.words
    st.header(words("model.equations"), anchor=False)
    asked_for = str(st.query_params.get("find", ""))[:80]
    searched = st.text_input(words("model.find"), asked_for, key="find equation", help=words("model.find_help"))
    searched = searched.strip().lower()
    asked = re.sub(r"\[.*", "", searched)
    found = [one for one in here.city.model.variables.values() if asked in _text(here, one)]
    found.sort(key=lambda one: (one.name.lower() != asked, asked not in one.name.lower()))
    st.caption(words("model.found", count=len(found), shown=min(len(found), MOST_SHOWN)))
    if found:
        st.html(Markup().join(_entry(here, one) for one in found[:MOST_SHOWN]))


def _text(here: Opened, variable: Variable) -> str:
    """What a search looks through: name, equation, meaning, and what people call its levers and figures."""
    city = here.city
    called = [
        f"{entry.zh} {entry.en}"
        for entry in (*city.levers.values(), *city.inputs.values())
        if city.locate(entry.constant)[0] == variable.name
    ]
    called += [
        f"{one.zh} {one.en}" for one in city.indicators.values() if city.locate(one.variable)[0] == variable.name
    ]
    constant = here.words.constant(variable.name)
    return " ".join([variable.name, constant, variable.equation, variable.sentence, *called]).lower()


def _entry(here: Opened, variable: Variable) -> Markup:
    words, city = here.words, here.city
    kinds = {"stock": "model.stock", "constant": "model.constant", "lookup": "model.lookup"}
    kind = words(kinds.get(variable.kind, "model.auxiliary"))
    priors = []
    if variable.name in city.model.constants:
        for name in dict.fromkeys((variable.name, *city.elements(variable.name))):
            parameter = city.parameters.get(name)
            if parameter is not None:
                source = parameter.source.replace(JUDGEMENT, words("model.judgement"))
                priors.append(
                    words("model.belief", name=name, prior=parameter.prior or words("model.fixed"), source=source)
                )
    equation = "\n".join(line.strip() for line in variable.equation.strip().splitlines())
    called, meaning = words.constant(variable.name), words("model.meaning", text=variable.sentence)
    return rendered(
        "innovation.ui",
        "equation",
        name=variable.name,
        called=called,
        kind=kind,
        unit=variable.unit,
        equation=equation,
        said=[meaning, *priors[:MOST_PRIORS]],
    )


def _loops(here: Opened) -> None:
    words, city = here.words, here.city
    st.header(words("model.loops"), anchor=False)
    st.caption(words("model.loops_more"))
    lines = [
        [
            name,
            loop.zh if words.language == "zh" else loop.en,
            words("model.reinforcing") if loop.kind == "reinforcing" else words("model.balancing"),
            " → ".join(loop.variables),
        ]
        for name, loop in city.loops.items()
    ]
    with st.expander(words("model.loops_open", count=len(lines)), key="loops"):
        st.html(html_table(words("model.loops"), words("model.loops_head").split("|"), lines))


def _diagrams(here: Opened) -> None:
    words = here.words
    sectors = [one for one in SECTORS if (DIAGRAMS / f"{one}-stocks.svg").is_file()]
    if not sectors:
        return
    st.header(words("model.diagrams"), anchor=False)
    titles = {one: f"{one} {words(SECTORS[one])}" for one in sectors}
    kinds = {"stocks": words("model.stocks_kind"), "loops": words("model.loops_kind")}
    sector, keep_sector = binding.view("diagram sector", titles, sectors[0])
    kind, keep_kind = binding.view("diagram kind", kinds, "stocks")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        binding.select("diagram sector", words("model.sector"), titles, sector, keep_sector)
        binding.segments("diagram kind", words("model.kind"), kinds, kind, keep_kind)
    path = DIAGRAMS / f"{sector}-{kind}.svg"
    if path.is_file():
        label = words("model.diagram_alt", sector=words(SECTORS[sector]))
        with st.container(key="diagram"):
            st.image(str(path), alt=label, caption=words("model.diagram_names"))
