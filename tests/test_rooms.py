"""How the house is laid out: few files on a level, ideas no longer than a file, and rooms entered by their faces."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

from .test_owners import FOLDERS

ROOT = Path(__file__).parents[1]
ROOMS = [ROOT / name for name in FOLDERS if (ROOT / name / "__init__.py").is_file()]
FRONT = sorted(ROOT.glob("*.py"))
MOST_FILES, MOST_LINES, LEAST_BY_FACE = 12, 500, 0.9


def modules() -> list[Path]:
    return [path for room in ROOMS for path in sorted(room.rglob("*.py"))]


def entered(path: Path) -> list[tuple[str, bool]]:
    """Modules of other rooms that a file imports names from, and whether each is the face of a room or of a part."""
    own = path.relative_to(ROOT).parts[0]
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").startswith("innovation."):
            places = (node.module or "").split(".")[1:]
            if places[0] != own:
                found += [(".".join(places), ROOT.joinpath(*places).is_dir())] * len(node.names)
    return found


def test_no_level_of_a_room_has_more_files_than_one_takes_in() -> None:
    counts = Counter(path.parent.relative_to(ROOT).as_posix() for path in modules())

    assert len(counts) > 30
    assert {folder: count for folder, count in counts.items() if count > MOST_FILES} == {}


def test_no_file_of_a_room_is_two_ideas_long() -> None:
    long = {path.name: lines for path in modules() if (lines := path.read_text("utf-8").count("\n")) > MOST_LINES}

    assert long == {}


def test_rooms_are_entered_by_their_faces() -> None:
    found = [(path.relative_to(ROOT).as_posix(), *one) for path in [*modules(), *FRONT] for one in entered(path)]

    past = [(path, module) for path, module, by_face in found if not by_face]
    assert len(found) > 800
    assert len(past) <= (1 - LEAST_BY_FACE) * len(found), past


def test_nothing_is_imported_by_a_second_name_of_its_room() -> None:
    names = {room.name for room in ROOMS}
    for path in [
        *modules(),
        *FRONT,
        *sorted((ROOT / "tests").rglob("*.py")),
        *sorted((ROOT / "benchmarks").rglob("*.py")),
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert (node.module or "").split(".")[0] not in names, f"{path}:{node.lineno}"
            elif isinstance(node, ast.Import):
                assert not {one.name.split(".")[0] for one in node.names} & names, f"{path}:{node.lineno}"


def test_a_file_that_the_documents_name_is_there() -> None:
    names = {path.name for path in ROOT.rglob("*.py") if not {".venv", "out"} & set(path.relative_to(ROOT).parts)}
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

    named = [
        (page.name, Path(name).name)
        for page in pages
        for name in re.findall(r"`([\w/]+\.py)`", page.read_text("utf-8"))
    ]

    assert len(named) > 30
    assert [one for one in named if one[1] not in names] == []
