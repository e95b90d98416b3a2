"""Texts in every piece of HTML of the pages are texts, whatever signs they have, in attributes too."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from innovation.scenarios.documents.rendering import rendered
from innovation.ui import looks
from innovation.ui.render.tables import html_table
from innovation.ui.text.catalogue import catalogue
from innovation.ui.text.explained import meaning

HOSTILE = "<script>alert(1)</script></style>\"'&amp;<b onclick=x>"
PIECES = {
    "cards": lambda text: looks.cards([(text, text, text)]),
    "chips": lambda text: looks.chips([(text, None, [text]), (text, 0.5, [text, text, ""])]),
    "legend": lambda text: looks.legend([(text, "width:1px")]),
    "stack": lambda text: looks.stack(text, [(0.5, "#fff", text), (0.5, "#000", "")]),
    "bars": lambda text: looks.bars(text, [text, "b"], [(text, 0.3, text, text)]),
    "table": lambda text: html_table(text, [text, "b"], [[text, text], ["1", "2"]], {1}, 1, [text, "open"], [text, ""]),
}


class Read(HTMLParser):
    """Elements, texts and attributes as a browser has them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.values: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.values += [value for _, value in attrs]
        assert [name for name, _ in attrs if name.startswith("on")] == []

    def handle_data(self, data):
        self.values.append(data)


@pytest.mark.parametrize("name", PIECES)
def test_a_hostile_text_is_read_as_it_is_and_adds_no_element(name):
    plain, hostile = Read(PIECES[name]("plain")), Read(PIECES[name](HOSTILE))

    assert hostile.elements == plain.elements
    assert [value.replace(HOSTILE, "plain") for value in hostile.values] == plain.values
    assert any(HOSTILE in value for value in hostile.values)


def test_a_bar_of_no_length_and_a_chance_that_is_not_known_leave_nothing_behind():
    assert Read(looks.stack("says", [(0, "#fff", "none"), (1, "#000", "all")])).elements == ["div", "i"]
    assert "dots" not in looks.chips([("name", None, ["line"])])
    assert '<span class="dots" aria-hidden="true">●●●●●○○○○○</span> line</div>' in looks.chips([("n", 0.5, ["line"])])


@pytest.mark.parametrize("made", [lambda text: looks.style(text, text), lambda text: looks.beside({"key": text})])
def test_a_text_in_a_style_is_quoted_as_css_and_ends_it_nowhere(made):
    page = made(HOSTILE)

    assert Read(page).elements == ["style"]
    assert "\\3c /style>\\\"'&amp;" in page


def test_a_link_keeps_the_work_and_a_meaning_is_text(city):
    control = next(lever for lever in city.levers.values() if lever.ranges)
    hostile = control.model_copy(
        update={"ranges": [part.model_copy(update={"en": HOSTILE}) for part in control.ranges]}
    )

    read = Read(meaning(hostile, catalogue("en"), control.low, "a&b\"'<i>"))

    assert read.elements == ["div", *["i"] * len(control.ranges), "div", "a"]
    assert any(HOSTILE in value for value in read.values)
    assert f"model?find={control.constant.replace(' ', '+')}&lang=en&s=a%26b%22%27%3Ci%3E" in read.values


def test_an_equation_keeps_its_signs_and_lines():
    equation = "a < b\n&  c > 1"

    page = rendered(
        "innovation.ui", "equation", name="a", called=HOSTILE, kind="k", unit="1/a", equation=equation, said=[HOSTILE]
    )

    read = Read(page)
    assert read.elements == ["div", "b", "span", "pre", "div"]
    assert equation in read.values
    assert sum(HOSTILE in value for value in read.values) == 2
