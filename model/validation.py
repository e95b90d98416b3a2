"""From plain data to typed entries: pydantic checks, this file says the outcome in the house's words with the line."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from .documents import Document, Place, plain_value
from .faults import MOST_FAULTS, Fault, others, quoted, shortened


class Entry(BaseModel):
    """What a person wrote in a file: immutable, no field unknown, no type guessed, every number finite.

    `account` says which fields there are, where the sentence that follows from them would mislead.
    """

    account: ClassVar[str] = ""
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


E = TypeVar("E", bound=Entry)

_DAY = re.compile(r"(\d{4})[-/.]\d{1,2}([-/.]\d{1,2})?")
_EXPECTED = {
    "float_type": ("must be a number", "Write a number alone, such as 2012.5 or 0.03."),
    "int_type": ("must be a whole number", "Write it in digits alone, such as 2012."),
    "int_from_float": ("must be a whole number", "Write it in digits alone, such as 2012."),
    "finite_number": ("must be a finite number", ""),
    "string_type": ("must be text", "Put it in quotation marks if it looks like a number."),
    "bool_type": ("must be true or false", ""),
    "model_type": ("must be a mapping", 'Write lines of "name: value".'),
    "tuple_type": ("must be a list", 'Write items that start with "- ", or [] for none.'),
    "string_too_short": ("must not be empty", ""),
    "too_short": ("must not be empty", ""),
}


def read_entry(kind: type[E], document: Document, place: Place, data: Any) -> tuple[E | None, list[Fault]]:
    """The entry of `kind` in `data`, found at `place` of the document; or None and everything wrong with it."""
    try:
        return kind.model_validate(data), []
    except ValidationError as error:
        found = error.errors(include_url=False)
    details = [detail for detail in found if not _follows(detail, found)]
    missing: dict[Place, list[str]] = {}
    for detail in details:
        if detail["type"] == "missing":
            missing.setdefault(detail["loc"][:-1], []).append(str(detail["loc"][-1]))
    faults = [
        document.fault((*place, *within), f"Missing: {', '.join(names)}.", _fields(_entry_at(kind, within)))
        for within, names in islice(missing.items(), MOST_FAULTS)
    ]
    wrong = [detail for detail in details if detail["type"] != "missing"]
    faults += [_fault(kind, document, place, detail) for detail in wrong[:MOST_FAULTS]]
    untold = len(missing) + len(wrong) - len(faults)
    return None, [*faults, others(faults[-1], untold)] if untold else faults


def readable(kind: type[E], data: Any) -> E | None:
    """The entry of `kind` in data, or None; what is wrong with it is told elsewhere."""
    try:
        return kind.model_validate(data)
    except ValidationError:
        return None


def _follows(detail: ErrorDetails, found: Sequence[ErrorDetails]) -> bool:
    """Whether a list is too short only because entries of it are wrong, which is said of them."""
    depth = len(detail["loc"])
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > depth and other["loc"][:depth] == detail["loc"] for other in found
    )


def read_entries(kind: type[E], document: Document, place: Place = ()) -> tuple[dict[str, E], list[Fault]]:
    """Every entry of the mapping name -> `kind` at `place`, those that are right, and the faults of the others."""
    data = document.data
    for part in place:
        data = data.get(part) if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping):
        return {}, [document.fault(place, f"A mapping of names is expected here, found {quoted(data)}.")]
    entries: dict[str, E] = {}
    faults: list[Fault] = []
    for name, content in data.items():
        entry, wrong = read_entry(kind, document, (*place, name), content)
        faults += wrong
        if entry is not None:
            entries[name] = entry
    return entries, faults


def _fault(kind: type[Entry], document: Document, place: Place, detail: ErrorDetails) -> Fault:
    within, where = detail["loc"], (*place, *detail["loc"])
    error, found = detail["type"], quoted(detail["input"])
    if error == "extra_forbidden":
        home = _entry_at(kind, within[:-1])
        near = document.nearest(str(within[-1]), _names(home))
        return document.fault(where, f'"{shortened(str(within[-1]))}" is not a field here.{near}', _fields(home))
    if error == "literal_error":
        expected = detail.get("ctx", {})["expected"]
        words = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
        near = document.nearest(str(detail["input"]), words)
        return document.fault(where, f"It must be one of {expected}, found {found}.{near}")
    if error in ("too_long", "string_too_long"):
        what = "items" if error == "too_long" else "characters"
        return document.fault(where, f"It has more than {detail.get('ctx', {})['max_length']} {what}.")
    if error == "value_error":
        return document.fault(where, str(detail.get("ctx", {})["error"]))
    other = re.sub("^(?:Input|Value|String) should ", "must ", detail["msg"])
    expected, remedy = _EXPECTED.get(error, (other, ""))
    if error in ("float_type", "int_type", "int_from_float"):
        remedy = _number_of(detail["input"], error != "float_type") or remedy
    return document.fault(where, f"It {expected}, found {found}.", remedy)


def _number_of(found: Any, whole: bool) -> str:
    """What to write in place of what is nearly a number; '' where it is none."""
    if isinstance(found, str) and (day := _DAY.fullmatch(found)):
        return f"Time is told in years: write {day[1]}" + ("." if whole else f", or {day[1]}.5 for the middle of it.")
    if isinstance(found, str):
        inside = plain_value(found.strip())
        found = inside if isinstance(inside, int | float) and not isinstance(inside, bool) else None
        if found is not None and (not whole or isinstance(found, int)):
            return f"Write {found} without quotation marks."
    if whole and isinstance(found, float) and found.is_integer() and abs(found) < 1e15:
        return f"Write {int(found)}."
    return ""


def _names(kind: type[BaseModel]) -> list[str]:
    return [_written(name, field) for name, field in kind.model_fields.items()]


def _written(name: str, field: FieldInfo) -> str:
    """A field's name as files write it."""
    return field.validation_alias if isinstance(field.validation_alias, str) else name


def _fields(kind: type[Entry]) -> str:
    """The fields of an entry as a sentence."""
    if kind.account:
        return kind.account
    needed = [_written(name, field) for name, field in kind.model_fields.items() if field.is_required()]
    free = [name for name in _names(kind) if name not in needed]
    return f"Fields: {', '.join(needed)}{'; may be left out: ' if needed and free else ''}{', '.join(free)}."


def _entry_at(kind: type[Entry], within: tuple[str | int, ...]) -> type[Entry]:
    """The kind of entry that stands at `within` inside a `kind`."""
    for part in within:
        by_name = {_written(name, field): field.annotation for name, field in kind.model_fields.items()}
        kind = _entry_in(by_name.get(str(part))) or kind
    return kind


def _entry_in(annotation: Any) -> type[Entry] | None:
    if isinstance(annotation, type) and issubclass(annotation, Entry):
        return annotation
    if get_origin(annotation) in (tuple, Union, types.UnionType):
        return next(filter(None, map(_entry_in, get_args(annotation))), None)
    return None


def unknown_fields(document: Document, names: tuple[str, ...]) -> list[Fault]:
    """Faults of the names at the top of a document that are none of `names`."""
    written = document.data if isinstance(document.data, Mapping) else {}
    remedy = f"Fields: {', '.join(names)}."
    return [
        document.fault(
            (name,), f'"{shortened(str(name))}" is not a field here.{document.nearest(str(name), names)}', remedy
        )
        for name in written
        if name not in names
    ]
