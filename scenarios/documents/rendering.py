"""HTML from the templates beside the code, every text in it escaped: the one place that knows Jinja2."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def rendered(package: str, name: str, /, **values: object) -> Markup:
    """The template of this name in the package's folder templates, with these values.

    A text is escaped; what is Markup already, as other templates made it, stands as it is. Raises UndefinedError
    where the template reads a value that is not given, and TemplateNotFound.
    """
    return Markup(_environment(package).get_template(f"{name}.html.j2").render(values))


def drawn(svg: str) -> Markup:
    """A drawing as it may stand in a page, without the head of a file of its own; `svg` is trusted: our own drawing."""
    return Markup(svg[svg.index("<svg") :])


@cache
def _environment(package: str) -> Environment:
    return Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
