"""The posterior of the city: priors of its constants times the density of the published record, for many at once."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.priors.space import Space, log_normal
from innovation.calibration.record.measurement import Errors, Measurement, scaled
from innovation.calibration.record.observations import ESTIMATED, FIXED, Observation
from innovation.calibration.record.operators import Reader
from innovation.model import City

Floats = NDArray[np.float64]

NEGLIGIBLE = 0.01  # of a figure's error: a constant that moves no figure further cannot be learned from it
DATED = frozenset({"inflation"})  # begins within 2010 for lack of a published price level; a forecast, never learned
BASES, AWAY, SEED = 16, 2.0, 2010  # where a constant's effect is tried: prior draws, and how far it moves in each


class Posterior:
    """Log posterior density of what the record can inform, in coordinates that are N(0, 1) under the prior.

    Constants that move no counted figure before 2011, drifts after 2010 among them, are left out: their posterior is
    their prior (`uninformed`). In the fit they stay as the model file has them.

    Attributes
    ----------
    names
        The coordinates: constants (spelled 'Name[element]'), then error sizes and persistences of errors.
    whole, space, uninformed
        The space of every uncertain constant, of those the record can inform, and of the others.
    reader, measurement
        What a run must record, and what the coordinates after the constants mean.
    """

    def __init__(self, city: City, observations: Sequence[Observation], threads: int | None = 1) -> None:
        self.city = city
        self.threads = threads
        self.reader = Reader(city, observations)
        self.measurement = Measurement(observations)
        self.whole = Space(city)
        learned = self._learned(self.whole)
        self.space = self.whole.part(name for name in self.whole.names if name in learned)
        self.uninformed = self.whole.part(name for name in self.whole.names if name not in learned)

    @property
    def names(self) -> tuple[str, ...]:
        """The coordinates in their order."""
        return (*self.space.names, *self.measurement.names)

    @property
    def d(self) -> int:
        """The number of coordinates."""
        return len(self.names)

    @property
    def switches(self) -> NDArray[np.bool_]:
        """Which coordinates are of constants that are 0 or 1, shape (d,): the density steps there."""
        return np.concatenate([self.space.switches, np.zeros(self.measurement.d, bool)])

    @property
    def observations(self) -> tuple[Observation, ...]:
        """The terms of the likelihood."""
        return self.measurement.observations

    def __call__(self, z: Floats) -> Floats:
        """Log posterior density, shape (members,), of z of shape (members, d); minus infinity where a run fails."""
        z = self._checked(z)
        density = log_normal(z) + self.log_likelihood(z)
        return np.where(np.isnan(density), -np.inf, density)

    def log_likelihood(self, z: Floats) -> Floats:
        """Log density of the record, shape (members,), given z of shape (members, d)."""
        return np.asarray(self.terms(z).sum(axis=0))

    def terms(self, z: Floats) -> Floats:
        """Log density of each observation given those before it in its series, shape (observations, members)."""
        z = self._checked(z)
        if not len(z):
            return np.empty((len(self.observations), 0))
        sound = np.isfinite(z).all(axis=1)
        found = np.full((len(self.observations), len(z)), -np.inf)
        if sound.any():
            part = z if sound.all() else z[sound]
            found[:, sound] = self.measurement.terms(self.figures(part), self.errors(part))
        return found

    def figures(self, z: Floats) -> Floats:
        """What the runs of z say of each observation, shape (observations, members); not a number where a run fails."""
        return self._run(self.reader, self.space.to_constants(z[:, : self.space.d]))

    def without_runs(self, z: Floats) -> tuple[int, Callable[[Floats], Floats]]:
        """Where errors begin in z, and the log density (members,) of errors (members, errors) beside z's constants.

        It is that of a call to rounding, and asks no run of the model but one of z.
        """
        figures, prior = self.figures(z), log_normal(z[:, : self.space.d])

        def density(errors: Floats) -> Floats:
            terms = self.measurement.terms(figures, self.measurement.errors(errors))
            return np.asarray(prior + log_normal(errors) + terms.sum(axis=0))

        return self.space.d, density

    def errors(self, z: Floats) -> Errors:
        """Error sizes and persistences of z."""
        return self.measurement.errors(z[:, self.space.d :])

    def constants(self, z: Floats, seed: int | Sequence[int]) -> dict[str, Floats]:
        """Every uncertain constant of z's members, as ``Model.run`` takes them; uninformed ones drawn from their prior.

        The same seed gives the same draws.
        """
        joined = np.concatenate([z[:, : self.space.d], self.uninformed.draw(len(z), seed)], axis=1)
        names = [*self.space.names, *self.uninformed.names]
        return self.whole.to_constants(joined[:, [names.index(name) for name in self.whole.names]])

    def nominal(self) -> Floats:
        """The z of the model file's own values, with errors at the middle of their priors; shape (d,)."""
        return np.concatenate([self.space.nominal(), np.zeros(self.measurement.d)])

    def predict(
        self, observations: Sequence[Observation], z: Floats, seed: int | Sequence[int]
    ) -> tuple[Measurement, Floats, Errors]:
        """What z's members say of any observations, counted or not, years or groups left out included.

        Returns the observations' measurement model, their figures (observations, members), and their errors: as in z
        where z has them, else drawn from the prior. The same seed gives the same draws.
        """
        random = np.random.default_rng(seed)
        measurement, reader = Measurement(observations), Reader(self.city, observations)
        constants = self.constants(z, [int(random.integers(2**32)), 0])
        columns = {name: z[:, place] for place, name in enumerate(self.names)}
        fresh = random.standard_normal((len(z), measurement.d))
        known = [columns.get(name, fresh[:, place]) for place, name in enumerate(measurement.names)]
        errors = measurement.errors(np.stack(known, axis=1) if known else fresh)
        return measurement, self._run(reader, constants), errors

    def draw_prior(self, members: int, seed: int | Sequence[int]) -> Floats:
        """Independent draws of z from the prior, shape (members, d)."""
        return np.random.default_rng(seed).standard_normal((members, self.d))

    def given(self, observations: Sequence[Observation]) -> Posterior:
        """The posterior of the same coordinates given other figures of the same layout, such as a simulated record.

        Raises ValueError where the layout differs.
        """
        other = copy.copy(self)
        other.reader, other.measurement = Reader(self.city, observations), Measurement(observations)
        same = (other.reader.times, other.reader.outputs, other.measurement.names)
        if same != (self.reader.times, self.reader.outputs, self.measurement.names):
            raise ValueError("These observations are not laid out like those of this posterior; make a new Posterior.")
        return other

    def simulated(self, z: Floats, random: np.random.Generator) -> tuple[Observation, ...]:
        """A record laid out like this one, drawn for one z of shape (d,)."""
        row = z[None]
        drawn = self.measurement.draw(self.figures(row), self.errors(row), random)
        return self.measurement.published(drawn[:, 0])

    def _run(self, reader: Reader, constants: Mapping[str, Floats]) -> Floats:
        run = self.city.model.arrays(
            {**constants, "FINAL TIME": reader.times[-1]},
            outputs=reader.outputs,
            times=reader.times,
            threads=self.threads,
            on_failure="mask",
        )
        figures = reader.read(run)
        figures[:, run.failed] = np.nan
        return figures

    def _learned(self, whole: Space) -> set[str]:
        """Coordinates that move a figure by more than NEGLIGIBLE of its error somewhere in the prior.

        Each is tried around draws of its own stream, so that a new constant leaves what is said of the others.
        """
        bases = np.stack(
            [np.random.default_rng([SEED, *name.encode()]).standard_normal(BASES) for name in whole.names], 1
        )
        moved = np.repeat(bases, 2 * whole.d + 1, axis=0).reshape(BASES, 2 * whole.d + 1, whole.d)
        for place in range(whole.d):
            moved[:, 2 * place, place], moved[:, 2 * place + 1, place] = -AWAY, AWAY
        figures = self._run(self.reader, whole.to_constants(moved.reshape(-1, whole.d)))
        with np.errstate(all="ignore"):
            said = np.array([scaled(f, row) for f, row in zip(self.observations, figures, strict=True)])
        said = said.reshape(len(said), BASES, 2 * whole.d + 1)
        sizes = np.array([{**ESTIMATED, **FIXED}[figure.size] for figure in self.observations])
        away, base = said[..., :-1], said[..., -1:]
        effect = np.abs(away - base) / sizes[:, None, None]
        effect[np.isnan(effect)] = 0.0
        effect[np.isfinite(away) != np.isfinite(base)] = np.inf  # it makes a run fail, or keeps one from failing
        largest = effect.max(axis=(0, 1)).reshape(whole.d, 2).max(axis=1)
        return {name for name, far in zip(whole.names, largest, strict=True) if far > NEGLIGIBLE} - DATED

    def _checked(self, z: Floats) -> Floats:
        z = np.asarray(z, float)
        if z.ndim != 2 or z.shape[1] != self.d:
            raise ValueError(f"z has shape {z.shape}; expected (members, {self.d}), a row for each member.")
        return z
