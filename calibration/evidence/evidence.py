"""All that the page of evidence says, gathered once: light parts computed, heavy ones read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from innovation.calibration.kept_results import RESULTS, KeptResult, read
from innovation.calibration.record.observations import Observation
from innovation.model import City

from .assessment.learning import ErrorSize, LearnedConstant, Tied, error_sizes, learning, ties
from .basis import Basis
from .grounds import Grounds
from .loading import load_basis
from .parts import PARTS, SEED, marks_of
from .validation.fits import PredictedFigure, fits
from .validation.theil import Theil, theil


@dataclass(frozen=True)
class Evidence:
    """The light parts of one basis, and the results kept of the heavy ones."""

    basis: Basis
    kept: Mapping[str, KeptResult]

    @property
    def city(self) -> City:
        """The city."""
        return self.basis.city

    @cached_property
    def fits(self) -> list[PredictedFigure]:
        """Every figure of the record against the posterior."""
        return fits(self.basis, SEED)

    @cached_property
    def learned(self) -> list[LearnedConstant]:
        """Every uncertain constant, those that contract most first."""
        return learning(self.basis)

    @cached_property
    def ties(self) -> list[Tied]:
        """Ridges."""
        return ties(self.basis)

    @cached_property
    def errors(self) -> list[ErrorSize]:
        """Sizes and persistences of errors."""
        return error_sizes(self.basis, SEED)

    @cached_property
    def theil(self) -> tuple[list[Theil], list[str]]:
        """Series long enough for Theil's decomposition, and the others."""
        return theil(self.basis)

    @cached_property
    def figure(self) -> Mapping[str, Observation]:
        """Figures of the record by id."""
        return {figure.id: figure for figure in self.basis.observations}

    def result(self, part: str) -> KeptResult | None:
        """The kept result of a part, None where there is none or it is of another model, record or posterior."""
        found = self.kept.get(part)
        return found if found is not None and found.belongs_to(marks_of(part, self.basis)) else None

    @property
    def grounds(self) -> Grounds:
        """What the plain sentences count."""
        contractions = {one.name: one.contraction for one in self.learned}
        return Grounds(self.city, contractions, self.kept, lambda part: marks_of(part, self.basis))

    @property
    def stale(self) -> list[str]:
        """Heavy parts whose result is missing or belongs to something else."""
        return [part for part in PARTS if self.result(part) is None]


def gather(basis: Basis, folder: Path = RESULTS) -> Evidence:
    """The evidence of a basis with the results kept in a folder."""
    found = {part: read(part, folder) for part in PARTS}
    return Evidence(basis, {part: kept for part, kept in found.items() if kept is not None})


@lru_cache(maxsize=1)
def evidence_of(city: City) -> Evidence:
    """The project's evidence; PosteriorError where there is no posterior that may be used."""
    return gather(load_basis(city))
