"""From a ModelDocument to a Structure: every name, subscript and function of the file resolved, or named as a fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import prod

from innovation.engine.errors import MOST_DIMENSIONS, MOST_INNER, MOST_STEPS, MOST_VALUES, Faults, ModelFault
from innovation.engine.frontend.syntax import (
    RAW_DATA,
    Apply,
    Curve,
    Definition,
    MacroText,
    ModelDocument,
    Syntax,
    Text,
    Unread,
)
from innovation.engine.frontend.vensim_elements import line_of
from innovation.engine.ir.structure import (
    TIME_CONTROLS,
    Dimension,
    Expression,
    Formula,
    Piece,
    Reference,
    Structure,
    normalised_name,
)

from .context import Draft, Frame
from .data_variables import data_value
from .expressions import Equation
from .finishing import Finisher, check_still, check_work
from .initial_values import value_at_start
from .subscripts import Ranges, SubscriptLoop


class Resolver:
    """All drafts of one file, and what its equations need to know of each other."""

    def __init__(self, document: ModelDocument, faults: Faults) -> None:
        self.document = document
        self.faults = faults
        self.ranges = Ranges(document.ranges, faults)
        self.drafts: dict[str, Draft] = {}
        self.macros: dict[str, MacroText] = {normalised_name(macro.name): macro for macro in document.macros}
        self.still: list[tuple[Definition, Expression, str]] = []
        self.built_in: set[str] = set()
        self._begun: set[str] = set()
        self._values = self._hidden = 0
        self._inner: dict[str, int] = {}

    def resolve(self) -> Structure | None:
        """The Structure, or None where the file has faults."""
        for definition in self.document.definitions:
            self._enter(definition)
        for key, draft in list(self.drafts.items()):
            if key in self.ranges:
                self.faults.append(
                    ModelFault(
                        draft.definitions[0].line, draft.name, "a variable and a subscript range share this name."
                    )
                )
            self._check_kinds(draft)
            draft.dims = self._dims(draft.definitions)
            self.count(draft)
        for key in list(self.drafts):
            self.faults.heed_time()
            self.resolve_draft(key)
        self._check_controls()
        if "saveper" not in self.drafts and "time_step" in self.drafts:
            self.drafts["saveper"] = Draft("SAVEPER", (), [], [Piece((), Formula(Reference("time_step")))])
        check_still(self.drafts, self.still, self.faults)
        if self.faults:
            return None
        check_work(self.drafts.values(), self.faults)
        variables = Finisher(self.drafts, self.ranges, self.built_in).variables()
        return Structure(self._dimensions(), variables, self.document.method)

    # names and shapes

    def _enter(self, definition: Definition) -> None:
        key = normalised_name(definition.name)
        if key in ("", "time"):
            message = "Time is the model's own clock; no equation may define it." if key else "it has no name."
            self.faults.append(ModelFault(definition.line, definition.name, message))
            return
        if len(definition.subscripts) > MOST_DIMENSIONS:
            message = f"it has {len(definition.subscripts)} subscripts; at most {MOST_DIMENSIONS} are read."
            self.faults.append(ModelFault(definition.line, definition.name, message))
            return
        draft = self.drafts.setdefault(key, Draft(definition.name, ()))
        draft.definitions.append(definition)
        first = draft.definitions[0]
        if len(first.subscripts) != len(definition.subscripts):
            message = (
                f"it has {len(definition.subscripts)} subscripts here and {len(first.subscripts)} on line {first.line}."
            )
            self.faults.append(ModelFault(definition.line, definition.name, message))
            draft.definitions.pop()

    def _check_kinds(self, draft: Draft) -> None:
        """A lookup is one for all of its elements, not a value for some (Vensim manual, mixing types)."""
        lookups = [isinstance(item.right, Curve) for item in draft.definitions if not isinstance(item.right, Unread)]
        if any(lookups) and not all(lookups):
            line = draft.definitions[lookups.index(False)].line
            message = "it is a lookup for some elements and has an equation for others; make two variables of it."
            self.faults.append(ModelFault(line, draft.name, message))

    def covered(self, subscript: str, definition: Definition) -> tuple[str, ...]:
        """The element keys that a subscript on the left covers; a fault where it is neither range nor element."""
        key = normalised_name(subscript)
        if key in self.ranges:
            return self.ranges.elements(key)
        if self.ranges.is_element(key):
            return (key,)
        close = self.faults.nearest(subscript, self.ranges.names)
        fault = ModelFault(
            definition.line, definition.name, f'subscript "{subscript}" is neither a range nor an element.{close}'
        )
        if fault not in self.faults:
            self.faults.append(fault)
        return ()

    def _dims(self, definitions: Sequence[Definition]) -> tuple[str, ...]:
        """The range of each dimension of a variable, from all that its definitions cover."""
        dims: list[str] = []
        for place in range(len(definitions[0].subscripts)):
            subscripts = [definition.subscripts[place] for definition in definitions]
            keys = [normalised_name(subscript) for subscript in subscripts]
            covered = {
                key
                for text, definition in zip(subscripts, definitions, strict=True)
                for key in self.covered(text, definition)
            }
            found = self.ranges.dimension_for(covered, [key for key in keys if key in self.ranges])
            if found is None and covered:
                listed = ", ".join(sorted(covered)[:6])
                self.faults.append(
                    ModelFault(
                        definitions[0].line, definitions[0].name, f"no range holds all of its subscripts ({listed})."
                    )
                )
            dims.append(found or "")
        return tuple(dims)

    def count(self, draft: Draft) -> None:
        """Stop reading where the model has more values than can be handled."""
        self._values += prod(len(self.ranges.elements(dim)) if dim else 1 for dim in draft.dims)
        if self._values > MOST_VALUES:
            first = draft.definitions[0]
            name = first.name.partition(" in ")[2] or first.name
            message = f"with this variable the model has {self._values} values, inner ones included"
            self.faults.stop(ModelFault(first.line, name, f"{message}; at most {MOST_VALUES} can be computed."))

    def loops(self, definition: Definition) -> list[SubscriptLoop]:
        """The running subscripts of an equation, one a dimension."""
        loops = []
        for subscript in definition.subscripts:
            key = normalised_name(subscript)
            loops.append(SubscriptLoop(key if key in self.ranges else "", self.covered(subscript, definition)))
        return loops

    def positions(self, dims: Sequence[str], loops: Sequence[SubscriptLoop]) -> tuple[tuple[int, ...], ...]:
        """The positions in each dimension that loops run over."""
        return tuple(
            tuple(map(self.ranges.positions(dim).__getitem__, loop.elements))
            for dim, loop in zip(dims, loops, strict=True)
        )

    def _without(self, definition: Definition, dims: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        """The positions that :EXCEPT: leaves out."""
        left_out: set[tuple[int, ...]] = set()
        for group in definition.exceptions:
            if len(group) != len(dims):
                message = f":EXCEPT: [{', '.join(group)}] must have {len(dims)} subscripts."
                self.faults.append(ModelFault(definition.line, definition.name, message))
                continue
            choices = []
            for dim, subscript in zip(dims, group, strict=True):
                inside = self.ranges.positions(dim)
                choices.append(
                    [inside[element] for element in self.covered(subscript, definition) if element in inside]
                )
            left_out.update(product(*choices))
        return tuple(sorted(left_out))

    # equations

    def resolve_draft(self, key: str) -> None:
        """Resolve the equations of a variable of the file, once."""
        draft = self.drafts[key]
        if key in self._begun or draft.hidden:
            return
        self._begun.add(key)
        for definition in draft.definitions:
            self._resolve_definition(draft, definition)

    def _resolve_definition(self, draft: Draft, definition: Definition) -> None:
        if "" in draft.dims:
            return
        loops = self.loops(definition)
        frame = Frame(
            definition, draft.dims, self.positions(draft.dims, loops), loops, self._without(definition, draft.dims)
        )
        if isinstance(definition.right, Apply) and definition.right.word.name == RAW_DATA:
            self._resolve_data(draft, definition, frame, definition.right.arguments)
            return
        rule = Equation(self, frame).rule(definition.right)
        if rule is not None:
            draft.pieces.append(Piece(frame.over, rule, frame.without, definition.line, definition.unit))

    def _resolve_data(self, draft: Draft, definition: Definition, frame: Frame, method: Sequence[Syntax]) -> None:
        """A data variable: an equation for each element, since each has points of its own."""
        (word,) = (part.value for part in method if isinstance(part, Text))
        for place in product(*frame.over):
            if place in frame.without:
                continue
            names = [self.ranges.elements(dim)[position] for dim, position in zip(draft.dims, place, strict=True)]
            key = normalised_name(draft.name) + (f"[{','.join(names)}]" if names else "")
            value = data_value(self, definition, key, word)
            if value is not None:
                over = tuple((one,) for one in place)
                draft.pieces.append(Piece(over, Formula(value), (), definition.line, definition.unit))

    def line_of(self, definition: Definition, word: str) -> int:
        """The line of a word in an equation."""
        return line_of(word, definition.source, definition.line)

    def new_hidden(self, label: str, frame: Frame) -> tuple[str, Draft]:
        """A fresh inner variable beside an equation, over the same subscripts."""
        definition = frame.definition
        owner = f"{definition.name}[{','.join(definition.subscripts)}]" if definition.subscripts else definition.name
        owner = owner.partition(" in ")[2] if owner.startswith("#") else owner
        number = self._inner[owner] = self._inner.get(owner, 0) + 1
        name = f"#{number} {label} in {owner}"
        draft = Draft(name, frame.dims, [replace(frame.definition, name=name)], hidden=True)
        self.drafts[normalised_name(name)] = draft
        self.count(draft)
        self._hidden += 1
        if self._hidden > MOST_INNER:
            line, name = frame.definition.line, frame.definition.name
            message = (
                f"here functions and macros have unfolded into {MOST_INNER} inner variables; no more are computed."
            )
            self.faults.stop(ModelFault(line, name, message))
        return normalised_name(name), draft

    def _check_controls(self) -> None:
        """Every time control must be there; what the file alone tells of them must be possible."""
        values = {}
        for key in TIME_CONTROLS[:3]:
            if key in self.drafts:
                values[key] = value_at_start(self, Reference(key))[0]
                continue
            spelling = key.replace("_", " ").upper()
            message = f"{spelling} is not defined. Every model needs it; the file may be cut short."
            self.faults.append(ModelFault(0, "", message))
        start, end, step = (values.get(key) for key in TIME_CONTROLS[:3])
        if step is not None and not step > 0:
            self._blame("time_step", f"{step:g} is no step of time; expected a number above 0.")
        elif start is not None and end is not None and not end >= start:
            self._blame("final_time", f"{end:g} lies before INITIAL TIME, {start:g}.")
        elif start is not None and end is not None and step is not None and not (end - start) / step <= MOST_STEPS:
            self._blame(
                "final_time", f"a run would have {(end - start) / step:g} steps; at most {MOST_STEPS:g} are computed."
            )

    def _blame(self, key: str, message: str) -> None:
        first = self.drafts[key].definitions[0]
        self.faults.append(ModelFault(first.line, first.name, message))

    def _dimensions(self) -> dict[str, Dimension]:
        spell = self.ranges.spelling
        return {
            key: Dimension(spell[key], tuple(spell[element] for element in self.ranges.elements(key)))
            for key in self.ranges
        }
