"""What a caller asks of a run, checked whole: every wrong name, shape or value of the parameters comes back at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dataset import Axis, LabelError, in_order
from .errors import RunError, nearest
from .ir.schedule import Cell, Cells
from .ir.structure import TIME_CONTROLS, Stock, Table, Variable, normalised_name
from .time_paths import Change, TimePath, path_faults


@dataclass(frozen=True)
class ParameterValues:
    """The parameters of a run by cell: single numbers or arrays of shape (members,), and paths.

    ``fixed`` are the time controls, which are the same for every member and part of the generated code; ``starts`` the
    initial values of stocks; ``tables`` the y values of lookups, of shape (points,) or (members, points).
    """

    named: dict[Cell, float | NDArray[np.float64]]
    dated: dict[Cell, TimePath]
    fixed: dict[Cell, float]
    starts: dict[Cell, float | NDArray[np.float64]]
    tables: dict[Cell, NDArray[np.float64]]
    members: int
    many: bool

    def part(self, members: slice | NDArray[np.int_]) -> ParameterValues:
        """The parameters of some of the members."""
        if isinstance(members, slice):
            first, end, _ = members.indices(self.members)
            count = end - first
        else:
            count = len(members)
        if isinstance(members, slice) and count == self.members:
            return self

        def pick(value: Any) -> Any:
            return value if np.ndim(value) == 0 else value[members]

        return ParameterValues(
            {cell: pick(value) for cell, value in self.named.items()},
            {cell: path.map(pick) for cell, path in self.dated.items()},
            self.fixed,
            {cell: pick(value) for cell, value in self.starts.items()},
            {cell: value if value.ndim == 1 else value[members] for cell, value in self.tables.items()},
            count,
            self.many,
        )


def gather(cells: Cells, parameters: Mapping[str, Any]) -> ParameterValues:
    """Sort the parameters of a run into cells.

    Raises
    ------
    RunError
        Names every parameter that cannot be used, with what was expected.
    """
    gathering = _Gathering(cells)
    for name, value in parameters.items():
        gathering.add(name, value)
    return gathering.finish()


def find_cells(cells: Cells, name: str) -> Sequence[Cell]:
    """The cells that 'Name' or 'Name[element, …]' means.

    Raises
    ------
    KeyError
        With a sentence saying what there is instead.
    """
    bare, bracket, inside = name.partition("[")
    key = normalised_name(bare)
    variables = cells.structure.variables
    if key not in variables or variables[key].hidden:
        known = [variable.name for variable in variables.values() if not variable.hidden]
        raise KeyError(f'"{bare.strip()}" is not in the model.{nearest(bare.strip(), known)}')
    if not bracket:
        return cells.of(key)
    variable = variables[key]
    parts = [normalised_name(part) for part in inside.rstrip().removesuffix("]").split(",")]
    if len(parts) != len(variable.dims):
        raise KeyError(f'"{variable.name}" has {len(variable.dims)} dimensions, not {len(parts)}.')
    place = []
    for part, dim in zip(parts, variable.dims, strict=True):
        elements = cells.structure.dimensions[normalised_name(dim)].elements
        keys = [normalised_name(element) for element in elements]
        if part not in keys:
            raise KeyError(
                f'"{part}" is no element of {dim}.{nearest(part, elements) or " It has: " + ", ".join(elements)}'
            )
        place.append(keys.index(part))
    cell = (key, cells.flat(key, place))
    if cell not in cells.rules:
        raise KeyError(f'the model file defines no "{name}".')
    return [cell]


class _Gathering:
    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.faults: list[str] = []
        self.values: dict[Cell, float | NDArray[np.float64] | TimePath] = {}
        self.lengths: dict[str, int] = {}
        self.members: dict[str, tuple[Any, ...]] = {}  # the labels of members, where a value carries them
        self.from_name: dict[Cell, str] = {}

    def add(self, name: str, value: Any) -> None:
        try:
            found = find_cells(self.cells, str(name))
        except KeyError as error:
            self.faults.append(f"parameter {name!r}: {error.args[0]}")
            return
        variable = self.cells.structure.variables[found[0][0]]
        if variable.built_in:
            self.faults.append(
                f"parameter {name!r} is built into the equations when the file is read (the order of a delay); "
                "change it in the file."
            )
            return
        rules = [self.cells.rules[cell][0] for cell in found]
        if not (
            variable.kind == "constant"
            or variable.key in TIME_CONTROLS
            or all(isinstance(rule, Stock) for rule in rules)
            or all(isinstance(rule, Table) for rule in rules)
        ):
            self.faults.append(
                f"parameter {name!r} is computed by the model ({variable.kind}); parameters are its constants, the "
                "initial values of its stocks, and its lookups."
            )
            return
        for cell in found:
            if cell in self.from_name:
                self.faults.append(f"parameter {name!r} is given a second time, as {self.from_name[cell]!r}.")
                return
        before = len(self.faults)
        whole = bool(variable.dims) and "[" not in str(name)
        if not isinstance(value, TimePath):
            value = self._in_order(str(name), value, self._axes(variable, rules[0], whole))
        if len(self.faults) > before:
            return
        if isinstance(rules[0], Table):
            self._add_points(str(name), found, rules[0], value)
        elif isinstance(value, TimePath):
            self._add_path(str(name), variable, found, value, whole)
        elif whole:
            self._add_array(str(name), variable, found, value)
        elif (checked := self._numbers(str(name), value)) is not None:
            self.values[found[0]] = checked
        if len(self.faults) == before:
            self.from_name |= dict.fromkeys(found, str(name))

    def _axes(self, variable: Variable, rule: Any, whole: bool) -> list[Axis]:
        """The axes of a parameter's own: the points of a lookup, the dimensions of a whole array."""
        if isinstance(rule, Table):
            return [Axis("x", rule.x)]
        elements = [self.cells.structure.dimensions[normalised_name(dim)].elements for dim in variable.dims]
        keys = [tuple(map(normalised_name, names)) for names in elements]
        return [Axis(dim, names) for dim, names in zip(variable.dims, keys, strict=True)] if whole else []

    def _in_order(self, name: str, value: Any, axes: Sequence[Axis]) -> Any:
        """A value put in the model's order by the labels it carries; a fault where they do not fit."""
        try:
            value, members = in_order(value, axes, self.cells.structure.dimensions)
        except LabelError as error:
            self.faults.append(f"parameter {name!r} {error}.")
            return value
        if members is not None:
            self.members[name] = members
        return value

    def _numbers(self, name: str, value: Any) -> float | NDArray[np.float64] | None:
        """A finite number, or a 1-D array of them; a fault and None for anything else."""
        if isinstance(value, str | bytes | bool) or value is None:
            self.faults.append(f"parameter {name!r} is {value!r}; expected a number, one a member, or a TimePath.")
            return None
        try:
            array = np.asarray(value)
            array = array.astype(float) if array.dtype.kind in "iuf" else np.array([[np.nan]])
        except (TypeError, ValueError):
            array = np.array([[np.nan]])
        if array.ndim > 1 or array.size == 0:
            self.faults.append(
                f"parameter {name!r} has shape {np.shape(value)}; expected a number or a 1-D array, one value a member."
            )
            return None
        if not np.isfinite(array).all():
            member = f" at member {int(np.argmin(np.isfinite(array)))}" if array.ndim else ""
            self.faults.append(f"parameter {name!r} is not a finite number{member}.")
            return None
        if array.ndim == 0:
            return float(array)
        self.lengths[name] = len(array)
        return np.ascontiguousarray(array)

    def _add_array(self, name: str, variable: Variable, found: Sequence[Cell], value: Any) -> None:
        """An array constant as a whole: an array of its own shape, or one such array a member."""
        shape = self.cells.shapes[variable.key]
        dims = ", ".join(f"{dim} {size}" for dim, size in zip(variable.dims, shape, strict=True))
        try:
            array: Any = np.asarray(value)
            array = array.astype(float) if array.dtype.kind in "iuf" else np.array(np.nan)
        except (TypeError, ValueError):
            array = np.array(np.nan)
        if array.shape == shape:
            columns = array.reshape(-1)
        elif array.ndim == len(shape) + 1 and array.shape[1:] == shape and len(array):
            self.lengths[name] = len(array)
            columns = array.reshape(len(array), -1).T
        else:
            given = "a single value" if np.ndim(value) == 0 else f"shape {np.shape(value)}"
            one = f"{variable.name}[{self.cells.label(found[0]).partition('[')[2]}"
            self.faults.append(
                f"parameter {name!r} has {given}; expected its own shape {shape} ({dims}), or one element as {one!r}."
            )
            return
        if not np.isfinite(array).all():
            self.faults.append(f"parameter {name!r} holds a value that is not a finite number.")
            return
        for cell in found:
            column = columns[cell[1]]
            self.values[cell] = float(column) if column.ndim == 0 else np.ascontiguousarray(column)

    def _add_points(self, name: str, found: Sequence[Cell], table: Table, value: Any) -> None:
        """The y values of a lookup, for all members or one row a member; its x values stay."""
        points = len(table.x)
        try:
            array = np.asarray(value, float)
        except (TypeError, ValueError):
            array = np.zeros(0)
        if len(found) > 1:
            example = self.cells.label(found[0])
            self.faults.append(f"parameter {name!r} is an array of lookups; give one at a time, as {example!r}.")
        elif array.ndim not in (1, 2) or array.shape[-1] != points or not len(array):
            self.faults.append(
                f"parameter {name!r} has shape {np.shape(value)}; expected the {points} y values of the lookup, or "
                f"(members, {points})."
            )
        elif not np.isfinite(array).all():
            self.faults.append(f"parameter {name!r} holds a value that is not a finite number.")
        else:
            if array.ndim == 2:
                self.lengths[name] = len(array)
            self.values[found[0]] = np.ascontiguousarray(array)

    def _add_path(self, name: str, variable: Variable, found: Sequence[Cell], path: TimePath, whole: bool) -> None:
        if whole:
            example = self.cells.label(found[0])
            self.faults.append(f"parameter {name!r} is an array; a TimePath moves one element, as in {example!r}.")
            return
        if variable.key in TIME_CONTROLS:
            self.faults.append(f"parameter {name!r} is a time control; it cannot change during a run.")
            return
        if variable.kind != "constant":
            self.faults.append(f"parameter {name!r} is an initial value; it cannot change during a run.")
            return
        before = len(self.faults)
        parts: list[Any] = []

        def numbers(part: str, value: Any) -> float | NDArray[np.float64] | None:
            return self._numbers(f"{name}, {part}", self._in_order(f"{name}, {part}", value, ()))

        for number, change in enumerate(path.changes, 1):
            parts.append(numbers(f"start of change {number}", change.start))
            parts.append(numbers(f"change {number}", change.to))
            parts.append(numbers(f"ramp of change {number}", change.ramp))
        base = None if path.base is None else numbers("base", path.base)
        if len(self.faults) == before:
            checked = TimePath(tuple(Change(*parts[place : place + 3]) for place in range(0, len(parts), 3)), base)
            self.faults += [f"parameter {name!r}: {fault}" for fault in path_faults(checked)]
            self.values[found[0]] = checked

    def finish(self) -> ParameterValues:
        sizes = set(self.lengths.values())
        if len(sizes) > 1:
            listed = ", ".join(f"{name}: {size}" for name, size in self.lengths.items())
            self.faults.append(f"parameters differ in their number of members ({listed}).")
        for name, labels in list(self.members.items())[1:]:
            first = next(iter(self.members))
            if len(sizes) == 1 and labels != self.members[first]:
                self.faults.append(
                    f"the members of {name!r} are labelled otherwise than those of {first!r}; give both in one order, "
                    "or as arrays without labels."
                )
        fixed: dict[Cell, float] = {}
        for cell in [cell for cell in self.values if cell[0] in TIME_CONTROLS]:
            value = self.values.pop(cell)
            if isinstance(value, float):
                fixed[cell] = value
            else:
                self.faults.append(
                    f"parameter {self.from_name[cell]!r} is a time control; it has one value for all members."
                )
        if self.faults:
            raise RunError(
                "\n  ".join(
                    [
                        f"{len(self.faults)} fault{'' if len(self.faults) == 1 else 's'} in the parameters of a run:",
                        *self.faults,
                    ]
                )
            )
        named, dated, starts, tables = {}, {}, {}, {}
        for cell, value in self.values.items():
            rule = self.cells.rules[cell][0]
            if isinstance(value, TimePath):
                dated[cell] = value
            elif isinstance(rule, Table):
                tables[cell] = np.asarray(value)
            elif isinstance(rule, Stock):
                starts[cell] = value
            else:
                named[cell] = value
        return ParameterValues(named, dated, fixed, starts, tables, max(sizes, default=1), bool(sizes))
