"""From a path to a checked Structure, through the cache."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from . import model_cache
from .errors import LARGEST_FILE, Faults, ModelFault, ModelFileError, ReadingStopped, file_error, nearest
from .files.plain_files import UnreadableFile, read_plain_file
from .ir.schedule import Cells, Circle, MissingElement, make_schedule
from .ir.structure import TIME_CONTROLS, Structure
from .semantics.data_variables import find_datasets, read_dataset

_LONGEST_CHAIN = 30  # names of a circle that are shown
_MOST_NAMES = 1000  # of files among which a near name is looked for


def load_structure(path: Path) -> tuple[Structure, str]:
    """The Structure of a model file and its hash; parsed only when the cache has no sound entry for its content.

    Raises
    ------
    ModelFileError
        Every fault of the file at once; UnsupportedError where the file is sound but uses what the engine lacks.
    """
    content = _read(path)
    data = {file: _read(file) for file in find_datasets(path, content)}
    file = model_cache.cache_file(b"".join([content, *data.values()]), path.suffix.lower())
    known = model_cache.load(file)
    if known is not None:
        return known
    from .frontend.pysd_parser import deep_recursion, read_document
    from .semantics.resolver import Resolver

    faults = Faults()
    try:
        with deep_recursion():
            document = read_document(path, content, faults)
            for name, text in data.items():
                document.series.update(read_dataset(name, text))
            structure = Resolver(document, faults).resolve()
            if structure is not None:
                check_order(structure, faults)
    except ReadingStopped as stopped:
        raise file_error(path, stopped.faults) from None
    except RecursionError:
        raise ModelFileError(path, [ModelFault(0, "", "its equations hang together too deeply to be read.")]) from None
    if faults or structure is None:
        raise file_error(path, faults)
    digest = model_cache.model_hash(structure)
    model_cache.keep(file, structure, digest)
    return structure, digest


def _read(path: Path) -> bytes:
    try:
        return read_plain_file(path, LARGEST_FILE)
    except UnreadableFile as error:
        close = nearest(path.name, _beside(path)) if error.absent else ""
        raise ModelFileError(path, [ModelFault(0, "", f"the file cannot be read: {error}.{close}")]) from None


def _beside(path: Path) -> list[str]:
    """Names of the files beside a path, the first thousand."""
    try:
        return [item.name for item in islice(path.parent.iterdir(), _MOST_NAMES)]
    except OSError:
        return []


def check_order(structure: Structure, faults: Faults) -> None:
    """Add the faults that show only element by element: overlaps, missing elements, circles, moving time controls."""
    cells = Cells(structure)
    for cell, first, second in cells.twice:
        faults.append(ModelFault(second, cells.label(cell), f"it is defined a second time (first on line {first})."))
    if faults:
        return
    waiting = [cell for key in structure.variables for cell in cells.of(key)]
    try:
        make_schedule(cells, waiting, set(), set())
        controls = [(key, 0) for key in TIME_CONTROLS]
        known = set(make_schedule(cells, controls, set(), set()).constant)
        for cell in controls:
            if cell not in known:
                variable = structure.variables[cell[0]]
                faults.append(ModelFault(variable.line, variable.name, "a time control must be a constant.", True))
    except Circle as circle:
        names = [cells.label(cell) for cell in circle.cells]
        names = [
            name for name, cell in zip(names, circle.cells, strict=True) if not structure.variables[cell[0]].hidden
        ] or names
        shown = names if len(names) <= _LONGEST_CHAIN else [*names[:_LONGEST_CHAIN], f"({len(names)} in all)"]
        chain = " -> ".join([*shown, names[0]])
        what = "initial values need each other in a circle" if circle.initial else "circular without a stock"
        line = structure.variables[circle.cells[0][0]].line
        faults.append(ModelFault(line, names[0], f"{what}: {chain}. Put a stock, a delay or a smooth into the circle."))
    except MissingElement as missing:
        faults.append(_missing(cells, missing.cell))


def _missing(cells: Cells, cell: tuple[str, int]) -> ModelFault:
    variable, label = cells.structure.variables[cell[0]], cells.label(cell)
    return ModelFault(variable.line, variable.name, f"{label} is used, but no equation defines it.")
