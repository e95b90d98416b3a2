"""A Structure as JSON, in which form it is hashed, and kept in the user's cache folder. Never a pickle."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .files.plain_files import cache_folder, remove_unfinished, write_whole
from .ir import structure as forms
from .ir.structure import Dimension, Piece, Structure, Variable, normalised_name

FORMAT = 14  # raise it whenever reading or resolving changes what a Structure holds
_MOST_KERNELS = 200
_CLASSES: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        forms.Number, forms.Numbers, forms.Time, forms.StepTime, forms.Reference, forms.Call, forms.Reduce, forms.Table,
        forms.Interpolate, forms.Formula, forms.Stock, forms.FixedDelay, forms.Held, forms.Initial,
    )
}  # fmt: skip
_NESTED = {
    "Call": {"arguments"}, "Reduce": {"body"}, "Interpolate": {"table", "argument"}, "Formula": {"expression"},
    "Stock": {"rate", "initial"}, "FixedDelay": {"input", "delay", "initial"}, "Held": {"following", "initial"},
    "Initial": {"expression"},
}  # fmt: skip
_FIELDS = {name: tuple(field.name for field in dataclasses.fields(kind)) for name, kind in _CLASSES.items()}


def model_hash(structure: Structure, values: Mapping[str, Any] = MappingProxyType({})) -> str:
    """SHA-256 over names, equations, values and units: blind to comments, white space, order and the case of names.

    What `values` has for a variable, by normalised name and as plain data, stands in place of its equation.
    """
    variables = {key: _meaning(structure, key, values) for key in sorted(structure.variables)}
    used = {normalised_name(dim) for variable in structure.variables.values() for dim in variable.dims}
    dimensions = {key: [normalised_name(name) for name in structure.dimensions[key].elements] for key in sorted(used)}
    text = json.dumps([structure.method, dimensions, variables], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _meaning(structure: Structure, key: str, values: Mapping[str, Any]) -> list[Any]:
    variable = structure.variables[key]
    said = [[normalised_name(dim) for dim in variable.dims], " ".join(variable.unit.split())]
    if key in values:
        return [*said, values[key]]
    return [*said, sorted(json.dumps([piece.over, piece.without, encode(piece.rule)]) for piece in variable.pieces)]


def encode(node: Any) -> Any:
    """A rule or expression as lists, numbers and text."""
    if isinstance(node, tuple):
        return [encode(part) for part in node]
    name = type(node).__name__
    return [name, *(encode(getattr(node, field)) for field in _FIELDS[name])] if name in _FIELDS else node


def decode(data: Any) -> Any:
    """The rule or expression that ``encode`` wrote."""
    name = data[0]
    nested = _NESTED.get(name, ())
    values = []
    for field, value in zip(_FIELDS[name], data[1:], strict=True):
        if field == "arguments":
            values.append(tuple(decode(part) for part in value))
        else:
            values.append(decode(value) if field in nested else _tuples(value))
    return _CLASSES[name](*values)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def to_json(structure: Structure) -> str:
    """The whole Structure as JSON."""
    variables = []
    for variable in structure.variables.values():
        record = {field.name: getattr(variable, field.name) for field in dataclasses.fields(variable)}
        record["pieces"] = [
            [piece.over, encode(piece.rule), piece.without, piece.line, piece.unit] for piece in variable.pieces
        ]
        variables.append(record)
    dimensions = [[item.name, item.elements] for item in structure.dimensions.values()]
    return json.dumps({"format": FORMAT, "method": structure.method, "dimensions": dimensions, "variables": variables})


def from_json(text: str) -> Structure:
    """The Structure that ``to_json`` wrote; any exception means that the text is damaged."""
    data = json.loads(text)
    if data["format"] != FORMAT:
        raise ValueError("another format")
    variables = {}
    for record in data["variables"]:
        pieces = tuple(
            Piece(_tuples(over), decode(rule), _tuples(without), line, unit)
            for over, rule, without, line, unit in record.pop("pieces")
        )
        fields = {name: _tuples(value) for name, value in record.items()}
        variables[normalised_name(fields["name"])] = Variable(**fields, pieces=pieces)
    dimensions = {normalised_name(name): Dimension(name, tuple(elements)) for name, elements in data["dimensions"]}
    return Structure(dimensions, variables, data["method"])


def cache_file(content: bytes, suffix: str) -> Path:
    """Where the Structure of a model file with this content is kept."""
    mark = hashlib.sha256(f"{FORMAT} {suffix} ".encode() + content).hexdigest()
    return _folder() / f"{mark}.json"


def _folder() -> Path:
    """The user's cache folder; where no home is known, a place in which nothing can be kept."""
    return cache_folder("ensemble-engine") or Path(os.devnull)


def load(file: Path) -> tuple[Structure, str] | None:
    """The Structure kept in a file and its hash, or None where there is none that can be read."""
    try:
        mark, _, text = file.read_text(encoding="utf-8").partition("\n")
        digest, _, check = mark.partition(" ")
        if _checksum(file, text.encode()) != check:
            return None
        return from_json(text), digest
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def keep(file: Path, structure: Structure, digest: str) -> None:
    """Keep a Structure for the next time; a folder that cannot be written to is no fault."""
    text = to_json(structure)
    _write(file, f"{digest} {_checksum(file, text.encode())}\n{text}".encode())


def kernel_file(key: str) -> Path:
    """Where the machine code of a use of a model is kept."""
    mark = hashlib.sha256(key.encode()).hexdigest()
    return _folder() / f"{mark}.kernel"


def load_bytes(file: Path) -> bytes | None:
    """What ``keep_bytes`` wrote, or None where there is nothing sound."""
    try:
        check, _, content = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    return content if _checksum(file, content).encode() == check else None


def keep_bytes(file: Path, content: bytes) -> None:
    """Keep bytes with their checksum, and of all kernels the newest; a folder that cannot be written is no fault."""
    _write(file, _checksum(file, content).encode() + b"\n" + content)
    try:
        kernels = sorted(file.parent.glob("*.kernel"), key=lambda one: one.stat().st_mtime)
        for old in kernels[:-_MOST_KERNELS]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _checksum(file: Path, content: bytes) -> str:
    """Of an entry under its own name, so that another's does not pass for it."""
    return hashlib.sha256(file.name.encode() + b"\n" + content).hexdigest()


def _write(file: Path, content: bytes) -> None:
    """All or nothing, whatever other processes do, and for nobody else; what killed ones left of any file goes too."""
    with suppress(OSError):
        write_whole(file, content, 0o600)
        remove_unfinished(file.parent, "*")
