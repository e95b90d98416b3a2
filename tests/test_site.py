"""The site of the documents: whole, without a link that leads nowhere, and with a page for each public name."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from html import unescape
from pathlib import Path
from types import ModuleType
from urllib.parse import quote, unquote

import numpy as np
import pytest
from numpy.typing import ArrayLike

import cli
import innovation
from innovation.commands.site.building import build
from innovation.commands.site.sources import Contents, MenuGroup

from .browser.served import PATIENCE, browser, chromium

PUBLIC = innovation if hasattr(innovation, "__all__") else importlib.import_module("innovation.engine")
EXTRA = {"search.html", "genindex.html", "py-modindex.html"}  # lists that Sphinx adds
NAMELESS = ModuleType("nameless")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("sphinx", reason="Sphinx is not installed: python3 run.py test installs it")
    folder = tmp_path_factory.mktemp("site")
    assert build(PUBLIC, folder) == []
    return folder / "html"


def pages(site: Path) -> dict[str, str]:
    return {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}


def links(html: str) -> set[str]:
    return {unescape(link) for link in re.findall(r'(?:href|src)="([^"]+)"', html)}


def anchors(html: str) -> set[str]:
    return {unescape(name) for name in re.findall(r'\bid="([^"]+)"', html)}


@pytest.mark.slow
def test_every_link_and_anchor_of_the_site_is_there_and_every_page_is_reached(site):
    found = pages(site)
    reached, waiting, broken = set(), ["index.html"], set()
    while waiting:
        page = waiting.pop()
        reached.add(page)
        for link in links(found[page]):
            if re.match(r"\w+:", link):
                continue
            path, _, anchor = link.partition("#")
            place = (site / page).parent.joinpath(unquote(path.partition("?")[0])) if path else site / page
            name = place.resolve().relative_to(site.resolve()).as_posix()
            if not place.exists() or (anchor and unquote(anchor) not in anchors(found[name])):
                broken.add(f"{page}: {link}")
            elif name in found and name not in {*reached, *waiting}:
                waiting.append(name)

    assert broken == set()
    assert set(found) - EXTRA == reached - EXTRA
    assert len(reached) > 60


@pytest.mark.slow
def test_all_documents_are_in_the_site(site):
    root = Path(cli.__file__).parent
    written = {path.relative_to(root) for path in [*root.glob("*.md"), *root.glob("docs/**/*.md")]}

    written.remove(Path("README.md"))  # it is index.html

    assert len(written) > 40
    assert [path for path in written if not (site / path).with_suffix(".html").exists()] == []


@pytest.mark.slow
def test_every_public_name_has_a_page_with_its_parameters(site):
    for name in PUBLIC.__all__:
        html, value = (site / "reference" / f"{name}.html").read_text(encoding="utf-8"), getattr(PUBLIC, name)
        assert f'id="{PUBLIC.__name__}.{name}"' in html or inspect.ismodule(value), name
        if inspect.isfunction(value):
            parameters = html[html.index("<dt") : html.index("</dt>")]
            shown = re.findall(r'<em class="sig-param">(.*?)</em>', parameters, re.DOTALL)
            first = [re.sub(r"<[^>]+>|[*]", "", one).split(":")[0].split("=")[0].strip() for one in shown]
            assert [one for one in first if one not in ("", "/")] == list(inspect.signature(value).parameters), name


@pytest.mark.slow
def test_the_site_asks_no_other_place_for_anything(site):
    asked = r'<(?:script|img|source|iframe)[^>]*\bsrc="\w+:[^"]*|<link[^>]*\bhref="\w+:[^"]*|url\(["\']?https?:[^)]*'
    texts = [path.read_text(encoding="utf-8") for end in ("html", "css") for path in site.rglob(f"*.{end}")]

    assert [one for text in texts for one in re.findall(asked, text)] == []


@pytest.mark.slow
def test_a_page_says_its_language(site):
    assert '<html class="no-js" lang="zh-CN"' in (site / "README.zh.html").read_text(encoding="utf-8")
    assert '<html class="no-js" lang="en"' in (site / "index.html").read_text(encoding="utf-8")


@pytest.fixture
def toy(tmp_path):
    """Makes a site of a first page and a second, whose text is given; what was wrong, and the second page as HTML."""
    pytest.importorskip("sphinx", reason="Sphinx is not installed: python3 run.py test installs it")

    def toy(text: str = "", package: ModuleType = NAMELESS) -> tuple[list[str], str]:
        root = tmp_path / "root"
        for folder in ("docs", "model", "list"):
            (root / folder).mkdir(parents=True)
        (root / "README.md").write_text("# First\n\n[second](docs/second.md)\n\n## A part\n", encoding="utf-8")
        (root / "docs" / "second.md").write_text(f"# Second\n\n{text}\n", encoding="utf-8")
        (root / "model" / "city.mdl").write_text("a = 1", encoding="utf-8")
        (root / "list" / "one.md").write_text("# One\n", encoding="utf-8")
        of = Contents("Toy", "README.md", [MenuGroup("All", ["reference/index.md", "list/index.md"])], {"list": "List"})
        faults = build(package, tmp_path, root, of)
        return faults, (tmp_path / "html" / "docs" / "second.html").read_text(encoding="utf-8")

    return toy


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["[a](third.md)", "[a](../README.md#no-such-part)", "[a](#nowhere)", "[a](../model/none.mdl)"]
)
def test_a_link_that_leads_nowhere_is_a_fault_with_its_page_and_line(toy, text):
    faults, _ = toy(text)

    assert len(faults) == 1
    assert faults[0].startswith("docs/second.md:3: ")


@pytest.mark.slow
def test_links_lead_to_the_first_page_a_file_and_a_folder(toy):
    text = "[a](../README.md#a-part) [b](../model/city.mdl) [c](../list/) [d](../model/) [e](../list/one.md)"
    faults, html = toy(text)

    assert faults == []
    assert 'href="../index.html#a-part"' in html and 'href="../list/index.html"' in html
    assert re.search(r'href="\.\./_downloads/\w+/city\.mdl"', html)
    assert re.search(r"</a> d <a", html)


def scaled(values: ArrayLike, by: float = 2) -> np.ndarray:
    """Values times a number.

    Parameters
    ----------
    values
        Of any shape.
    """
    return np.asarray(values) * by


@pytest.mark.slow
def test_a_public_name_has_its_signature_and_its_docstring(toy, tmp_path, monkeypatch):
    package = ModuleType("toys")
    package.__dict__.update(__all__=["scaled"], scaled=scaled)
    monkeypatch.setitem(sys.modules, "toys", package)

    faults, _ = toy(package=package)

    html = re.sub(r"<[^>]+>", "", (tmp_path / "html" / "reference" / "scaled.html").read_text(encoding="utf-8"))
    said = "".join(unescape(html).split())
    assert faults == []
    assert "toys.scaled(values:ArrayLike,by:float=2)→ndarray" in said
    assert "Parameters:valuesOfanyshape." in said


def test_a_folder_of_somebody_else_is_left_as_it_is(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")

    assert cli.main(["site", "--out", str(tmp_path)]) == 2

    assert "Name another folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_site_with_faults_is_not_kept_and_they_are_said(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("innovation.commands.site.building.build", lambda *_, **__: ["docs/engine.md:3: broken"])
    monkeypatch.setattr("innovation.commands.site.command.find_spec", lambda name: name)

    assert cli.main(["site", "--out", str(tmp_path / "out")]) == 2

    assert "docs/engine.md:3: broken" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_it_is_said_what_to_do_where_sphinx_is_not_installed(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("innovation.commands.site.command.find_spec", lambda name: None)

    assert cli.main(["site", "--out", str(tmp_path / "out")]) == 2

    assert "python3 run.py site" in capsys.readouterr().err


@pytest.mark.browser
def test_no_page_is_wider_than_a_telephone_and_chinese_is_found(site):
    if chromium() is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with browser() as opened:
        page = opened.new_page(viewport={"width": 400, "height": 800})
        wide = {}
        for path in site.rglob("*.html"):
            page.goto(path.as_uri())
            width = page.evaluate("document.documentElement.scrollWidth")
            wide |= {path.name: width} if width > 400 else {}
        for word, where in (("反向代理", "deployment.zh"), ("规划", "README.zh"), ("posterior", "using-results")):
            page.goto(f"{(site / 'search.html').as_uri()}?q={quote(word)}")
            page.wait_for_selector(f"#search-results a[href*='{where}.html']", timeout=PATIENCE)

    assert wide == {}
