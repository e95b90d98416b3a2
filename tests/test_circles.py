"""No module needs itself by way of others: not where it is loaded, not inside a function, not for the type checker."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, KeysView
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
    yield from _of_nodes(ast.walk(ast.parse((root / path).read_text(encoding="utf-8"))), path, known)


def _of_nodes(nodes: Iterable[ast.AST], path: Path, known: KeysView[str]) -> Iterator[str]:
    folder = path.parent.parts
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from known & {alias.name.removeprefix(HOUSE) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = folder[: len(folder) + 1 - node.level] if node.level else ()
            whole = ".".join([*above, *filter(None, [node.module])]).removeprefix(HOUSE)
            for alias in node.names:
                inner = f"{whole}.{alias.name}"
                yield from known & {inner if inner in known else whole}


def loads(root: Path) -> dict[str, set[str]]:
    """What loading each module loads: what it imports at once, and the faces of the packages around that.

    A face that is around the module itself is being loaded already.
    """
    graph = needs(root)
    found = {}
    for name in graph:
        path = root.joinpath(*name.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        body = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if not isinstance(node, ast.If)]
        direct = set(_of_nodes(body, path.relative_to(root), graph.keys())) - {name}
        parts = {one: one.split(".") for one in direct}
        around = {".".join(p[:end]) for p in parts.values() for end in range(1, len(p))}
        found[name] = direct | {face for face in around & graph.keys() if not f"{name}.".startswith(f"{face}.")}
    return found


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


def test_no_module_waits_for_itself_while_it_is_loaded() -> None:
    assert circle(loads(ROOT)) == []


def test_a_circle_by_way_of_a_face_is_seen(tmp_path: Path) -> None:
    for name, text in {
        "house/__init__.py": "",
        "house/roof/__init__.py": "from .tile import TILE",
        "house/roof/tile.py": "from innovation.house.wall import BRICK",
        "house/roof/slope.py": "",
        "house/wall.py": "from innovation.house.roof.slope import STEEP",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert circle(needs(tmp_path)) == []
    assert set(circle(loads(tmp_path))) == {"house.roof", "house.roof.tile", "house.wall"}


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
