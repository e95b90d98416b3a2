"""A page for each public name of a package, from its `__all__`; what stands on it is the name's own docstring."""

from __future__ import annotations

import inspect
from types import ModuleType

START = """# Python

What `import {package}` gives. Everything else may change without notice.
"""


def reference(package: ModuleType) -> dict[str, str]:
    """Pages by file name: `index.md` with a sentence on every name, and a page of each."""
    names = list(getattr(package, "__all__", []))
    pages = {f"{name}.md": _page(package, name) for name in names}
    rows = [f"| [{name}]({name}.md) | {_sentence(getattr(package, name))} |" for name in names]
    table = ["", "| Name | What it is |", "|---|---|", *rows, "", "```{toctree}", ":hidden:", *pages, "```", ""]
    text = "\n".join(table) if names else "\nIt has no public names yet.\n"
    return {"index.md": START.format(package=package.__name__) + text, **pages}


def _page(package: ModuleType, name: str) -> str:
    value = getattr(package, name)
    of_module = inspect.ismodule(value)
    inside = value if of_module else package
    names = _public(value) if of_module else [name]
    lines = [f"# {name}", "", "```{eval-rst}"]
    lines += [f".. automodule:: {value.__name__}", ""] if of_module else [f".. currentmodule:: {package.__name__}", ""]
    for one in names:
        lines += [*_directive(getattr(inside, one), one), ""]
    return "\n".join([*lines, "```", ""])


def _directive(value: object, name: str) -> list[str]:
    if inspect.isclass(value):
        kind = "autoexception" if issubclass(value, BaseException) else "autoclass"
        return [f".. {kind}:: {name}", "   :members:"]
    return [f".. {'autofunction' if callable(value) else 'autodata'}:: {name}"]


def _public(module: ModuleType) -> list[str]:
    """The names of a module that are for use: its `__all__`, or else those that it defines itself."""
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    return list(getattr(module, "__all__", [name for name in own if not name.startswith("_")]))


def _sentence(value: object) -> str:
    """The first line of a docstring, as a cell of a table."""
    told = value if inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value) else None
    lines = (inspect.getdoc(told) or "").splitlines() if told is not None else []
    return lines[0].replace("|", "\\|") if lines else ""
