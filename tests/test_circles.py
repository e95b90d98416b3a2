"""No module needs itself by way of others: not where it is loaded, not inside a function, not for the type checker."""

from __future__ import annotations

import ast
from collections.abc import Iterator, KeysView
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = "innovation."  # before the name of a room wherever another room imports it


def needs(root: Path) -> dict[str, set[str]]:
    """What each module of the packages and front doors of a folder imports of them."""
    packages = [path.parent for path in sorted(root.glob("*/__init__.py")) if path.parent.name != "tests"]
    files = [*root.glob("*.py"), *(path for package in packages for path in package.rglob("*.py"))]
    modules = {_name(path.relative_to(root)): path.relative_to(root) for path in files}
    return {name: set(_imported(root, path, modules.keys())) - {name} for name, path in modules.items()}


def _name(path: Path) -> str:
    """A module's dotted name; a package's is that of its folder."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(root: Path, path: Path, known: KeysView[str]) -> Iterator[str]:
    """What a file imports, however deep the line stands; of what a package holds, the module and not the package."""
    folder = path.parent.parts
    for node in ast.walk(ast.parse((root / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from known & {alias.name.removeprefix(HOUSE) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = folder[: len(folder) + 1 - node.level] if node.level else ()
            whole = ".".join([*above, *filter(None, [node.module])]).removeprefix(HOUSE)
            for alias in node.names:
                inner = f"{whole}.{alias.name}"
                yield from known & {inner if inner in known else whole}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """A way from a module back to itself; [] where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = needs(ROOT)

    assert len(graph) > 300
    assert circle(graph) == []


@pytest.mark.parametrize(
    "line",
    [
        "from house import roof",
        "from house.roof import TILE",
        "from .roof import TILE",
        "from . import roof",
        "import house.roof",
        "from innovation.house import roof",
        "from innovation.house.roof import TILE",
        "import innovation.house.roof",
        "if TYPE_CHECKING:\n    from .roof import Tile",
        "def build():\n    from .roof import TILE",
    ],
)
def test_a_circle_is_seen_in_whatever_form_a_module_is_imported(line: str, tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "house" / "roof.py").write_text("from house.wall import BRICK", encoding="utf-8")
    (tmp_path / "house" / "wall.py").write_text(line, encoding="utf-8")

    assert set(circle(needs(tmp_path))) == {"house.roof", "house.wall"}
