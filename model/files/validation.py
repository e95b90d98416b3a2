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

from .faults import MOST_FAULTS, Fault, original, others, quoted
from .phrases import Phrase, Term, Value, either, phrase, shortened
from .yaml_documents import Document, Place, plain_value


class Entry(BaseModel):
    """What a person wrote in a file: immutable, no field unknown, no type guessed, every number finite.

    `account` says which fields there are, where the sentence that follows from them would mislead.
    """

    account: ClassVar[Phrase | None] = None
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


E = TypeVar("E", bound=Entry)

_DAY = re.compile(r"(\d{4})[-/.]\d{1,2}([-/.]\d{1,2})?")
_TYPES = {
    "finite_number": "model.finite",
    "string_type": "model.text",
    "bool_type": "model.flag",
    "model_type": "model.mapping",
    "tuple_type": "model.list",
    "string_too_short": "model.blank",
    "too_short": "model.blank",
}
_NUMBERS = {"float_type": "model.number", "int_type": "model.whole", "int_from_float": "model.whole"}
_LIMITS = {
    "greater_than_equal": ("model.least", "ge"),
    "greater_than": ("model.above", "gt"),
    "less_than_equal": ("model.most", "le"),
    "less_than": ("model.below", "lt"),
    "string_pattern_mismatch": ("model.pattern", "pattern"),
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
        document.fault((*place, *within), "model.missing", names=tuple(names), fields=_fields(_entry_at(kind, within)))
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
        return {}, [document.fault(place, "model.names_expected", found=quoted(data))]
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
    error, found, given = detail["type"], quoted(detail["input"]), detail.get("ctx", {})
    if error == "extra_forbidden":
        home, name = _entry_at(kind, within[:-1]), str(within[-1])
        near = document.nearest(name, _names(home))
        return document.fault(where, "model.no_field", name=shortened(name), near=near, fields=_fields(home))
    if error == "literal_error":
        words = given["expected"].replace(" or ", ", ").split(", ")
        near = document.nearest(str(detail["input"]), [word.strip("'") for word in words])
        return document.fault(where, "model.choice", expected=either(words), found=found, near=near)
    if error in ("too_long", "string_too_long"):
        code = "model.items" if error == "too_long" else "model.characters"
        return document.fault(where, code, most=given["max_length"])
    if error == "value_error":
        return document.fault(where, "model.refused", said=original(given["error"]))
    if error in _LIMITS:
        code, name = _LIMITS[error]
        return document.fault(where, code, limit=_limit(given[name]), found=found)
    if error in _NUMBERS:
        return document.fault(where, _NUMBERS[error], found=found, write=_number_of(detail["input"], _NUMBERS[error]))
    if error in _TYPES:
        return document.fault(where, _TYPES[error], found=found)
    expected = re.sub("^(?:Input|Value|String) should ", "must ", detail["msg"])
    return document.fault(where, "model.unlike", expected=expected, found=found)


def _limit(limit: float | str) -> Value:
    """A limit as pydantic writes it, 0.0 as 0; a pattern has words of its own."""
    if isinstance(limit, str):
        return Term("model.pattern", limit)
    return int(limit) if float(limit).is_integer() else limit


def _number_of(found: Any, code: str) -> Value:
    """What to write in place of what is no number, or nearly one."""
    whole = code == "model.whole"
    if isinstance(found, str) and (day := _DAY.fullmatch(found)):
        return phrase("model.write_year" if whole else "model.write_middle", year=day[1])
    if isinstance(found, str):
        inside = plain_value(found.strip())
        found = inside if isinstance(inside, int | float) and not isinstance(inside, bool) else None
        if found is not None and (not whole or isinstance(found, int)):
            return phrase("model.write_unquoted", number=str(found))
    if whole and isinstance(found, float) and found.is_integer() and abs(found) < 1e15:
        return phrase("model.write_it", number=int(found))
    return phrase("model.write_digits" if whole else "model.write_number")


def _names(kind: type[BaseModel]) -> list[str]:
    return [_written(name, field) for name, field in kind.model_fields.items()]


def _written(name: str, field: FieldInfo) -> str:
    """A field's name as files write it."""
    return field.validation_alias if isinstance(field.validation_alias, str) else name


def _fields(kind: type[Entry]) -> Phrase:
    """The fields of an entry as a sentence."""
    if kind.account:
        return kind.account
    needed = [_written(name, field) for name, field in kind.model_fields.items() if field.is_required()]
    free = [name for name in _names(kind) if name not in needed]
    if needed and free:
        return phrase("model.needed_and_free", needed=tuple(needed), free=tuple(free))
    return phrase("model.fields", names=tuple(needed or free))


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
    return [
        document.fault(
            (name,),
            "model.no_field",
            name=shortened(str(name)),
            near=document.nearest(str(name), names),
            fields=phrase("model.fields", names=names),
        )
        for name in written
        if name not in names
    ]
