"""Sphinx makes the site; all that it warns of is a fault."""

from __future__ import annotations

import io
from pathlib import Path
from types import ModuleType
from typing import Any

from innovation.commands.output import HERE

from .reference import reference
from .sources import Contents, contents, gather

STYLE = Path(__file__).parent / "site.css"


def build(
    package: ModuleType, folder: Path, root: Path = HERE, of: Contents | None = None, external: bool = False
) -> list[str]:
    """Make the site in `html` below an empty folder; what is wrong, a line each, and nothing where all is well.

    Parameters
    ----------
    package
        Whose public names get a page each.
    root
        The folder that paths of pages are told from.
    of
        The menu; by default that of contents.yaml.
    external
        Also ask links to other sites, which needs a network.
    """
    of, source = of or contents(), folder / "source"
    gather(root, source, of)
    (source / "reference").mkdir()
    for name, text in reference(package).items():
        (source / "reference" / name).write_text(text, encoding="utf-8")
    faults = _run("html", source, folder, of.title)
    return faults + (_run("linkcheck", source, folder, of.title) if external else [])


def _run(builder: str, source: Path, folder: Path, title: str) -> list[str]:
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.console import nocolor
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    nocolor()
    told = io.StringIO()
    place = folder / builder
    with patch_docutils(), docutils_namespace():
        try:
            app = Sphinx(
                source,
                None,
                place,
                folder / "kept",
                builder,
                _settings(title),
                status=None,
                warning=told,
                keep_going=True,
            )
            app.build()
        except SphinxError as error:
            print(error, file=told)
    lines = told.getvalue().replace(f"{source}/", "").splitlines()
    return list(dict.fromkeys(line for line in lines if line.strip()))


def _settings(title: str) -> dict[str, Any]:
    fonts = '-apple-system, "Segoe UI", "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
    light = {"font-stack": fonts, "color-brand-primary": "#1769aa", "color-brand-content": "#1769aa"}
    dark = {"color-brand-primary": "#6db3e8", "color-brand-content": "#6db3e8"}
    return {
        "project": title,
        "html_title": title,
        "extensions": ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "innovation.commands.site.extension"],
        "myst_heading_anchors": 6,
        "smartquotes": False,
        "highlight_language": "none",
        "default_role": "literal",
        "autodoc_member_order": "bysource",
        "python_maximum_signature_line_length": 80,
        "numpydoc_show_class_members": False,
        "html_search_language": "en-zh",
        "html_theme": "furo",
        "html_theme_options": {"light_css_variables": light, "dark_css_variables": dark},
        "html_static_path": [str(STYLE)],
        "html_css_files": [STYLE.name],
        "html_copy_source": False,
        "html_show_copyright": False,
    }
