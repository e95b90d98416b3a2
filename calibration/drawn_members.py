"""Members that scenarios run with, and all that is known of them: where they come from, how figures are published."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from innovation.model import FOLDER, City
from innovation.model.files import Language
from innovation.scenarios.batches import MemberSource
from innovation.scenarios.execution import digest

from .basis import judged_targets
from .discrepancy import DiscrepancyInstrument, instrument_of
from .posterior import PosteriorDraws, record_of
from .priors import Space
from .record import read_record

Floats = NDArray[np.float64]

TOLD_APART = 256  # members by which draws from priors are known again


@dataclass(frozen=True)
class DrawnMembers:
    """Members for scenarios.

    Attributes
    ----------
    source
        The members, a block at a time.
    origin
        What a result's attrs say of where they come from.
    judged
        Targets whose chances rest on judgement.
    instrument
        How the city's figures are published; None where nothing is known of that, as of draws from the priors.
    draws
        The file of draws that they are of; None of draws from the priors.
    """

    source: MemberSource
    origin: Mapping[str, Any]
    judged: Collection[str] = ()
    instrument: DiscrepancyInstrument | None = None
    draws: PosteriorDraws | None = None

    @property
    def members(self) -> dict[str, Floats]:
        """All of them at once, name -> shape (members,)."""
        return {name: np.asarray(values) for name, values in self.source.block(0, self.source.count).items()}

    def note(self, language: Language = "en") -> str | None:
        """What is to be said: that draws repeat, or that some failed where sizes of errors were measured; else None."""
        said = [self.draws.note(self.source.count, language) if self.draws else None]
        said += [self.instrument.note(language) if self.instrument else None]
        return " ".join(filter(None, said)) or None


def posterior_members(city: City, draws: PosteriorDraws, number: int | None = None) -> DrawnMembers:
    """The first so many draws from the posterior, which beyond the last repeat in order; None: all there are."""
    count = draws.distinct if number is None else number
    return DrawnMembers(
        MemberSource(count, draws.block, draws.hash),
        draws.attrs(count),
        judged_targets(city, record_of(city, draws)),
        instrument_of(city, draws),
        draws,
    )


def prior_members(city: City, number: int, seed: int = 0) -> DrawnMembers:
    """So many draws from the priors."""
    space = Space(city)

    def block(first: int, last: int) -> dict[str, Any]:
        return space.to_constants(space.draw(last - first, [seed, first]))

    told_by = {name: values.tolist() for name, values in block(0, min(number, TOLD_APART)).items()}
    source = MemberSource(number, block, digest([seed, told_by]))
    return DrawnMembers(source, {"draws": number, "seed": seed}, _judged(city))


def given_members(city: City, members: Mapping[str, ArrayLike]) -> DrawnMembers:
    """Members that a caller made, by the name of each constant: shape (members,), or a number that all of them have.

    Raises ValueError where there is none, two are of different lengths, or one is not of numbers.
    """
    values = {str(name): _numbers(str(name), value) for name, value in members.items()}
    if not values:
        raise ValueError("members names no constant; give one at least, or a number of draws from the posterior.")
    sizes = {name: value.size for name, value in values.items() if value.ndim}
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"{name}: {size}" for name, size in sizes.items())
        raise ValueError(f"members of different numbers: {listed}; expected one length for all, or single numbers.")
    count = next(iter(sizes.values()), 1)
    full = {name: np.broadcast_to(value, count) for name, value in values.items()}

    def block(first: int, last: int) -> dict[str, Floats]:
        return {name: value[first:last] for name, value in full.items()}

    mark = digest({name: hashlib.sha256(value.tobytes()).hexdigest() for name, value in full.items()})
    return DrawnMembers(MemberSource(count, block, mark), {}, _judged(city))


def _numbers(name: str, value: ArrayLike) -> Floats:
    """A finite number, or finite numbers in one dimension."""
    try:
        found = np.asarray(value)
    except ValueError:
        found = np.array(None)
    if found.dtype.kind not in "iuf" or found.ndim > 1 or not found.size or not np.isfinite(found).all():
        said = f"of shape {found.shape}" if found.dtype.kind in "iuf" and found.size else repr(value)[:60]
        raise ValueError(f"members: {name} is {said}; expected a finite number, or one a member in one dimension.")
    return found.astype(float)


def _judged(city: City) -> Collection[str]:
    """Targets that rest on judgement; of a city of other files than the project's nothing is known of that."""
    return judged_targets(city, read_record(city)) if city.folder == FOLDER else ()
