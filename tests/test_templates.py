"""HTML is written by templates alone, which escape every text; Python holds no pieces of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

import run
from innovation.scenarios.documents import rendering
from innovation.scenarios.documents.rendering import drawn, rendered

ROOT = Path(run.__file__).parent
PACKAGES = ("engine", "model", "scenarios", "calibration", "analysis", "ui", "commands")
TAGS = (
    "a abbr b body br button caption circle code details div em figcaption figure footer form g h1 h2 "
    "h3 h4 h5 h6 head header hr html i img input label li link main meta nav ol option p path pre rect script "
    "section select small span strong style sub summary sup svg table tbody td text textarea tfoot th thead "
    "title tr tspan ul"
)
TAG = re.compile(rf"(?<!\(\?P)</?(?:{TAGS.replace(' ', '|')})(?=[\s>/]|$)")  # (?P<name>…) is a group of an expression
WITH_TAGS = {
    "model/diagrams/drawing.py": "SVG, by a writer of its own",
    "model/diagrams/loops.py": "SVG, by a writer of its own",
    "model/diagrams/stocks.py": "SVG, by a writer of its own",
    "calibration/evidence/page.py": "an empty SVG in a figure's place",
    "model/coverage.py": "Markdown, which has no line break in a cell of a table but HTML's",
    "scenarios/documents/rendering.py": "looks for where a drawing of Matplotlib's begins",
    "ui/serving/seal.py": "looks for the scripts that headers allow",
}
TRUSTED = {
    "scenarios/documents/rendering.py": "what a template wrote, and our own drawings",
    "ui/looks.py": "a text quoted as CSS, where a browser reads no entities of HTML",
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in [*ROOT.glob("*.py"), *(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))]:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def tags_in(tree: ast.Module) -> list[str]:
    """Tags in literals, f-strings' too; a docstring may speak of them."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in said)
    return [tag for node in texts if isinstance(node.value, str) for tag in TAG.findall(node.value)]


def test_a_tag_in_python_is_found_and_other_angle_brackets_are_not():
    found = tags_in(ast.parse('x = f"<td>{y}</td>"; y = \'<p class="a">\'; z = "<" + "br/>"'))
    other = tags_in(ast.parse('"""Of <b>."""\nx = r"(?P<head>.)" + "a<b c" + "<stock>" + "<f8" + "1 <path_of"'))

    assert sorted(found) == ["</td", "<p", "<td"]
    assert other == ["<b"]


def test_no_html_stands_in_python_but_where_a_reason_is_named():
    holding = {path for path, tree in sources() if tags_in(tree)}

    assert holding == set(WITH_TAGS)


def test_nobody_escapes_by_hand_and_texts_are_trusted_in_named_places_only():
    escaping, trusting = set(), set()
    for path, tree in sources():
        for node in ast.walk(tree):
            named = node.module if isinstance(node, ast.ImportFrom) else None
            names = [one.name for one in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            if named == "html" or "html" in names or (named == "markupsafe" and names != ["Markup"]):
                escaping.add(path)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Markup" and node.args:
                trusting.add(path)

    assert escaping == set()
    assert trusting == set(TRUSTED)


def test_no_template_switches_escaping_off_and_each_is_asked_for():
    templates = {
        path.relative_to(folder).as_posix().removesuffix(".html.j2"): path.read_text(encoding="utf-8")
        for package in PACKAGES
        for folder in (ROOT / package).rglob("templates")
        for path in folder.rglob("*.html.j2")
    }
    literals = {
        node.value
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    off = [name for name, text in templates.items() if re.search(r"\|\s*safe|autoescape", text)]

    assert len(templates) > 10
    assert off == []
    assert sorted(templates.keys() - literals) == []


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A package with one template, whose text is given."""
    folder = tmp_path / f"of_{tmp_path.name}" / "templates"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    def write(text: str) -> str:
        (folder / "one.html.j2").write_text(text, encoding="utf-8")
        return folder.parent.name

    yield write
    rendering._environment.cache_clear()


def test_a_text_is_escaped_once_and_what_a_template_made_stands_as_it_is(written):
    package = written('<p title="{{ text }}">{{ text }}</p>')

    once = rendered(package, "one", text='<b> & "it\'s"')
    twice = rendered(package, "one", text=once)

    assert once == '<p title="&lt;b&gt; &amp; &#34;it&#39;s&#34;">&lt;b&gt; &amp; &#34;it&#39;s&#34;</p>'
    assert f">{once}<" in twice


def test_a_value_that_is_not_given_is_a_fault(written):
    package = written("{% for line in lines %}{{ line }}{% endfor %}")

    with pytest.raises(UndefinedError, match="lines"):
        rendered(package, "one")


def test_a_drawing_stands_in_a_page_without_the_head_of_its_file():
    assert drawn('<?xml version="1.0"?>\n<!DOCTYPE svg>\n<svg id="a"/>') == Markup('<svg id="a"/>')
