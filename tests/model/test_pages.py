"""The generated pages say what the files say."""

from __future__ import annotations

from innovation.model.pages import equations_page, parameters_page


def test_every_element_has_its_equation_unit_sentence_and_sources(toy_city):
    page = equations_page(toy_city)

    sections = {section.split("\n")[0].split("[")[0]: section for section in page.split("\n### ")[1:]}
    assert list(sections) == list(toy_city.model.variables)
    for name, variable in toy_city.model.variables.items():
        assert variable.unit in sections[name]
        assert variable.sentence in sections[name]
    assert "source: Griliches1979" in sections["knowledge"]
    assert page.index("## A Economy") < page.index("### knowledge pull") < page.index("## B Money")
    assert "knowledge = INTEG(" in page


def test_every_constant_has_a_row_with_value_bounds_prior_and_source(toy_city):
    page = parameters_page(toy_city)

    rows = {line.split(" | ")[0].strip("| "): line for line in page.splitlines() if line.startswith("| ")}
    assert set(toy_city.parameters) <= set(rows)
    assert "| electronics 300, materials 200 | CNY100M/year | initial | 100 … 500 |" in rows["initial output"]
    assert "| 0.08 | 1/year | uncertain | 0 … 0.2 | N(.08,.02) | judgement |" in rows["trend growth[materials]"]
