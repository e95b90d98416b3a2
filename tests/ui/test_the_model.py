"""The model page finds equations, and says where it finds none."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from innovation.ui.text.catalogue import LANGUAGES, catalogue


def _model():
    from innovation.ui.pages import the_model

    the_model.show()


def opened(language: str, find: str) -> AppTest:
    page = AppTest.from_function(_model, default_timeout=60)
    page.query_params["lang"], page.query_params["find"] = language, find
    return page.run()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("find", ["no such thing", "<script>alert(1)</script>", "((("])
def test_a_search_that_finds_nothing_says_so_and_the_page_goes_on(language, find):
    page = opened(language, find)

    assert not page.exception
    words = catalogue(language)
    assert words("model.found", count=0, shown=0) in [found.value for found in page.caption]
    assert words("model.loops") in [found.value for found in page.header]


def test_a_constant_is_found_by_its_chinese_name():
    page = opened("zh", "专利审查周期")

    html = "".join(found.proto.body for found in page.get("html"))
    assert "<b>examination time</b> 专利审查周期" in html
