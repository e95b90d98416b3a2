"""What every part of the evidence begins from: the posterior, its draws in standard coordinates, the whole record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.posterior.draws import PosteriorDraws
from innovation.calibration.posterior.fingerprint import as_fitted, marks_of
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.posterior.uninformed import uninformed_coordinates
from innovation.calibration.record.observations import Observation
from innovation.model import City, Parameter

Floats = NDArray[np.float64]

SPLIT = "Split of high-tech output over industries"  # what constants of no variable stand under


@dataclass(frozen=True)
class Basis:
    """A posterior and its draws.

    Attributes
    ----------
    z
        Shape (draws, posterior.d): constants that the record can inform, then error sizes and persistences.
    uninformed
        Shape (draws, posterior.uninformed.d): the constants that no figure depends on, drawn from their prior.
    observations
        The whole record, figures that do not count included.
    fitted
        Hash of the model that the draws were fitted to; of the present one where that is not said.
    draws
        The file of draws; None where there is none.
    """

    posterior: Posterior
    z: Floats
    uninformed: Floats
    observations: tuple[Observation, ...]
    fitted: str = ""
    draws: PosteriorDraws | None = None

    @property
    def city(self) -> City:
        """The city of the posterior."""
        return self.posterior.city

    @property
    def counted(self) -> tuple[Observation, ...]:
        """The figures that make the likelihood."""
        return self.posterior.observations

    @property
    def learnable(self) -> int:
        """How many constants some figure depends on: the first columns of z."""
        return self.posterior.space.d

    @cached_property
    def whole(self) -> Floats:
        """Every uncertain constant of the draws in standard coordinates, shape (draws, posterior.whole.d)."""
        return self.joined(self.z, self.uninformed)

    @cached_property
    def constants(self) -> dict[str, Floats]:
        """Every uncertain constant of the draws as ``Model.run`` takes it, name -> (draws,)."""
        return self.posterior.whole.to_constants(self.whole)

    @cached_property
    def figures(self) -> Floats:
        """What the draws say of the figures that count, shape (counted figures, draws)."""
        return self.posterior.figures(self.z)

    @cached_property
    def marks(self) -> dict[str, str]:
        """Short marks of model, record, draws and priors: what reads the years to come belongs to all of them."""
        return marks_of(self.city, self.observations, self.z)

    @cached_property
    def fitted_marks(self) -> dict[str, str]:
        """Those of what asks the record alone: every model bound since is the fitted one; draws have their priors."""
        return as_fitted(self.marks, self.fitted)

    def joined(self, z: Floats, uninformed: Floats) -> Floats:
        """Columns in the order of ``posterior.whole.names``, shape (members, whole.d), from both kinds."""
        both = np.concatenate([z[:, : self.learnable], uninformed], axis=1)
        names = [*self.posterior.space.names, *self.posterior.uninformed.names]
        return both[:, [names.index(name) for name in self.posterior.whole.names]]

    def role(self, name: str) -> str:
        """What parameters.yaml says a coordinate is; 'uncertain' of the split over industries."""
        parameter = self._parameter(name)
        return parameter.role if parameter else "uncertain"

    def is_judged(self, name: str) -> bool:
        """Whether the prior of a coordinate rests on judgement alone."""
        parameter = self._parameter(name)
        return parameter is None or parameter.source_keys() == ("judgement",)

    def module(self, name: str) -> str:
        """The heading of the model file under which a constant stands; of the split over industries, its own."""
        try:
            return self.city.model.variables[self.city.locate(name)[0]].group
        except LookupError:
            return SPLIT

    def unit(self, name: str) -> str:
        """The unit of a constant, nothing for a share."""
        try:
            unit = self.city.model.variables[self.city.locate(name)[0]].unit
        except LookupError:
            return ""
        return "" if unit in ("Dmnl", "1") else unit

    def _parameter(self, name: str) -> Parameter | None:
        try:
            return self.city.parameter(name)
        except LookupError:
            return None


def basis_of(posterior: Posterior, draws: PosteriorDraws, observations: Sequence[Observation]) -> Basis:
    """The basis of a file of draws; the uninformed constants' coordinates are drawn again as they were drawn for it.

    Raises ValueError where they are not those of the file.
    """
    uninformed = uninformed_coordinates(posterior, draws.record, draws.distinct)
    found = Basis(posterior, draws.z, uninformed, tuple(observations), draws.record.fitted_hash, draws)
    for name, values in found.constants.items():
        if not np.allclose(values, draws.draws[name], rtol=1e-6, atol=1e-12):
            raise ValueError(
                f"The draws of {name} cannot be drawn again: calibration/posterior/kept_draws.py draws them otherwise."
            )
    return found
