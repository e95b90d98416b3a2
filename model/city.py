"""The city: a model file and the registries that say what its constants, figures and levers mean, as one value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from innovation.engine import Model
from innovation.engine.ir import normalised_name

from .entries import (
    DEFAULT_PRIORS,
    EditionChange,
    FeedbackLoop,
    Group,
    Indicator,
    Input,
    Lever,
    Parameter,
    Target,
)
from .files.faults import near
from .files.phrases import phrase
from .files.tables import CitedWork
from .prices import Prices

_REFERENCE = re.compile(r"\s*([^\[\]]+?)\s*(?:\[([^\[\]]+)\])?\s*")


@dataclass(frozen=True, eq=False)
class City:
    """Everything the folder of the model says; every mapping keeps the order of its file.

    `parameters` is keyed as the file spells it: a constant's name, or Name[element] where elements differ. The others
    are keyed by id, `sources` by the works' keys. `prior_set` names the priors believed (model/prior_draws.py).
    """

    folder: Path
    model: Model
    parameters: Mapping[str, Parameter]
    indicators: Mapping[str, Indicator]
    targets: Mapping[str, Target]
    levers: Mapping[str, Lever]
    inputs: Mapping[str, Input]
    groups: Mapping[str, Group]
    changed: Mapping[str, EditionChange]
    loops: Mapping[str, FeedbackLoop]
    sources: Mapping[str, CitedWork]
    prices: Prices
    prior_set: str = DEFAULT_PRIORS

    @property
    def years(self) -> range:
        """Years that have figures: from the model's first to the last that ends within the horizon."""
        return range(round(self.model.initial_time), round(self.model.final_time))

    @property
    def variants(self) -> Mapping[str, Input]:
        """The assumptions on which views differ: each is a switch, 0 or 1, that a member has as drawn."""
        return {name: one for name, one in self.inputs.items() if one.views}

    @property
    def judgeable(self) -> dict[str, Target]:
        """The targets that can be judged: all but those whose base nobody published."""
        return {name: target for name, target in self.targets.items() if target.has_base}

    def control(self, name: str) -> Lever | Input:
        """The lever or assumption called `name`; KeyError where there is none."""
        return self.levers[name] if name in self.levers else self.inputs[name]

    def practice(self, name: str) -> float:
        """2010 practice of a lever, nominal value of an assumption: what the model file says, in its unit."""
        return self.nominal(self.control(name).constant)

    def nominal(self, reference: str) -> float:
        """Value in the model file of a constant 'Name' or of one element 'Name[element]'.

        Raises LookupError, with the nearest names, where there is no such number.
        """
        name, position = self.locate(reference)
        if name not in self.model.constants:
            close = near(name, self.model.constants)
            raise LookupError(phrase("model.no_constant", reference=reference, near=close))
        values = np.asarray(self.model.constants[name], dtype=float)
        return float(values[position])

    def parameter(self, reference: str) -> Parameter | None:
        """What is believed of a constant, or of one element of an array: its own entry, else the array's; or None."""
        if reference in self.parameters:
            return self.parameters[reference]
        name, position = self.locate(reference)
        return self.parameters.get(self.spelling(name, position), self.parameters.get(name))

    def spelling(self, name: str, position: tuple[int, ...]) -> str:
        """'Name[a,b]' for the element at `position` of a variable, 'Name' for a variable without dimensions."""
        dims = self.model.variables[name].dims
        elements = [self.model.subscripts[dim][place] for dim, place in zip(dims, position, strict=True)]
        return f"{name}[{','.join(elements)}]" if elements else name

    def elements(self, name: str) -> list[str]:
        """'Name[a,b]' for every element of an array, in the order of its values; ['Name'] for a scalar."""
        sizes = [range(len(self.model.subscripts[dim])) for dim in self.model.variables[name].dims]
        return [self.spelling(name, position) for position in product(*sizes)]

    def locate(self, reference: str) -> tuple[str, tuple[int, ...]]:
        """Spelling in the model file of what 'Name' or 'Name[a,b]' names, and the positions of its elements.

        Raises LookupError, with the nearest names, where it names nothing or more than one number.
        """
        match = _REFERENCE.fullmatch(reference)
        variable = self.model.variables.get(match[1]) if match else None
        if match is None or variable is None:
            close = near(match[1] if match else reference, self.model.variables)
            raise LookupError(phrase("model.no_variable", reference=reference, near=close))
        elements = [part.strip() for part in match[2].split(",")] if match[2] else []
        if len(elements) != len(variable.dims):
            needed = f"{variable.name}[{','.join(variable.dims)}]" if variable.dims else variable.name
            code = "model.needs_elements" if variable.dims else "model.needs_no_elements"
            raise LookupError(phrase(code, reference=reference, needed=needed))
        return variable.name, tuple(map(self._position, variable.dims, elements))

    def _position(self, dimension: str, element: str) -> int:
        elements = self.model.subscripts[dimension]
        plain = [normalised_name(name) for name in elements]
        if normalised_name(element) not in plain:
            close = near(element, elements)
            raise LookupError(phrase("model.no_such_element", element=element, dimension=dimension, near=close))
        return plain.index(normalised_name(element))
