"""From the city's own figures to those that will be published: discrepancy, counts and error of measurement.

All three are a member's own, drawn once: the same in every scenario, so what one scenario changes against another is
what the city changes. Up to the record's last year the figures are the city's own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import special

from innovation.calibration.record.measurement import FLOOR, LARGEST_PERSISTENCE
from innovation.calibration.record.observations import ESTIMATED, Record
from innovation.calibration.reference_class.rule import YEARS
from innovation.calibration.words import section
from innovation.model import RECORD_ENDS, City
from innovation.model.files import Language
from innovation.scenarios.simulation import told_of_design

from .courses import courses, stream
from .entries import Assumed, Counted, ReadingOf
from .events import Arrivals
from .scales import scale_of, scaled, strayed
from .sizes import Sizes, size_rows

Floats = NDArray[np.float64]
Members = NDArray[np.int_]

DISCREPANCY, COUNTS, MEASUREMENT = "discrepancy", "counts", "measurement"
PARTS = (DISCREPANCY, COUNTS, MEASUREMENT)
WORDS = section("discrepancy")
UNASKED = 0.5  # events in five years of what nobody builds: that there were none says no more (judgement)


@dataclass(eq=False)
class DiscrepancyInstrument:
    """How the city's figures are published, of the members of one file of draws.

    `errors` are sizes and persistences that the fit has learned, (draws,) by name as in the file of draws; `seed` is
    that of the fit.
    """

    city: City
    record: Record
    assumed: Assumed
    sizes: Sizes
    errors: Mapping[str, Floats]
    draws: int
    seed: int
    _courses: dict[str, Floats] = field(default_factory=dict)
    _noise: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)
    _arrivals: dict[str, Arrivals] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """SHA-256 of what is assumed of it: sizes, loads, events, seed."""
        said = [
            list(size_rows(self.sizes)), {name: one.model_dump() for name, one in self.assumed.readings.items()},
            {name: one.model_dump() for name, one in self.assumed.counts.items()},
            self.assumed.correlations.tolist(), self.draws, self.seed,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def note(self, language: Language) -> str:
        """How many draws are left out of sizes that were measured just now; '' where none is."""
        said = told_of_design(self.sizes.left_out, language)
        return WORDS[language]("measured", said=said) if said else ""

    def published(
        self, indicator: str, figures: Floats, members: Members, line: NDArray[np.float64] | None = None,
        parts: Collection[str] = PARTS,
    ) -> Floats:  # fmt: skip
        """The published figures of an indicator.

        Parameters
        ----------
        figures
            The city's own, shape (rows, years of the city), in the indicator's unit.
        members
            Shape (rows,): the number of each row's member, counted from 1; beyond the draws they repeat in order. Of
            the nominal run, 0, the figures stay as they are.
        line
            Shape (rows,): each row's view of the line of growth, 0 or 1; None where the city has no such view.
        parts
            Which of PARTS are felt; the others are left out.
        """
        rows = np.flatnonzero(members > 0)
        places = (members[rows] - 1) % self.draws
        found = figures.copy()
        own = figures[rows]
        if indicator in self.assumed.counts:
            if COUNTS in parts:
                found[rows] = self._counted(indicator, self.assumed.counts[indicator], own, places)
        elif indicator in self.assumed.readings:
            view = np.zeros(len(rows), int) if line is None else line[rows].astype(int)
            found[rows] = self._strayed(indicator, self.assumed.readings[indicator], own, places, view, parts)
        return found

    def is_published(self, indicator: str) -> bool:
        """Whether somebody publishes the figure at all."""
        return indicator in self.assumed.readings or indicator in self.assumed.counts

    @property
    def _after(self) -> slice:
        return slice(self.city.years.index(RECORD_ENDS) + 1, None)

    @property
    def _horizons(self) -> int:
        return len(self.city.years) - self.city.years.index(RECORD_ENDS) - 1

    def _strayed(
        self, name: str, one: ReadingOf, own: Floats, places: Members, view: NDArray[np.int_], parts: Collection[str]
    ) -> Floats:
        if not {DISCREPANCY, MEASUREMENT} & set(parts):
            return own
        scale = scale_of(self.city, name, one.growth)
        offsets = np.zeros((len(own), self._horizons))
        if DISCREPANCY in parts:
            offsets += sum(load * self._discrepancy(quantity, places, view) for quantity, load in one.of.items())
        if MEASUREMENT in parts:
            offsets += self._error(name, one, own, scale, places)
        if one.growth:
            offsets = np.diff(offsets, axis=1, prepend=0.0)
        found = own.copy()
        if one.sum:
            yearly = np.diff(np.nan_to_num(own), axis=1, prepend=0.0)[:, self._after]
            found[:, self._after] = np.cumsum(yearly * np.exp(offsets), axis=1)
        else:
            found[:, self._after] = strayed(scale, own[:, self._after], offsets)
        return found

    def _discrepancy(self, quantity: str, places: Members, view: NDArray[np.int_]) -> Floats:
        """What a quantity strays by, on its scale, shape (rows, horizons)."""
        if not self._courses:
            self._courses |= courses(self.assumed, self.draws, self._horizons, self.seed)
        size, h = self.sizes.quantities[quantity], np.arange(1, self._horizons + 1)
        middle = np.array(size.shift)[view][:, None] * np.minimum(h, YEARS)
        return np.asarray(middle + size.added * self._courses[quantity][places])

    def _error(self, name: str, one: ReadingOf, own: Floats, scale: str, places: Members) -> Floats:
        """Errors of measurement, shape (rows, horizons): they go on from what the record's last figure leaves over."""
        noise, persistence = self._measured(name, one)
        levels = self.record.levels(name)
        if not levels or one.growth or one.sum:
            return noise[places]
        last = max(levels)
        left = scaled(scale_of(self.city, name), np.array([levels[last]])) - scaled(
            scale_of(self.city, name), own[:, self.city.years.index(last)]
        )
        ahead = np.arange(1, self._horizons + 1) + RECORD_ENDS - last
        kept = persistence[places][:, None] ** ahead
        return np.asarray(np.nan_to_num(left)[:, None] * kept + noise[places])

    def _measured(self, name: str, one: ReadingOf) -> tuple[Floats, Floats]:
        """New errors of each draw after the record, (draws, horizons), and how much of one persists, (draws,).

        They begin from nothing where the record has a last figure, whose error is known; else as errors always are.
        """
        if name not in self._noise:
            chance = stream(self.seed, f"{name}, error")
            size, persistence = self._size(one, chance), self._persistence(one, chance)
            normals = chance.standard_normal((self.draws, self._horizons + 1))
            known = bool(self.record.levels(name)) and not one.growth and not one.sum
            now = np.zeros(self.draws) if known else size * normals[:, 0]
            steps = []
            for normal in normals.T[1:]:
                now = persistence * now + np.sqrt(1 - persistence**2) * size * normal
                steps.append(now)
            self._noise[name] = (np.stack(steps, axis=1), persistence)
        return self._noise[name]

    def _size(self, one: ReadingOf, chance: np.random.Generator) -> Floats:
        """Sizes of errors that the fit has learned, else drawn from their prior; shape (draws,)."""
        drawn = ESTIMATED[one.error] * np.abs(chance.standard_normal(self.draws))
        learned = self.errors.get(f"error size[{one.group},{one.error}]")
        return np.hypot(drawn, FLOOR) if learned is None else learned

    def _persistence(self, one: ReadingOf, chance: np.random.Generator) -> Floats:
        drawn = LARGEST_PERSISTENCE * special.ndtr(chance.standard_normal(self.draws))
        learned = self.errors.get(f"persistence of errors[{one.group}]")
        return np.asarray(drawn if learned is None else learned)

    def _counted(self, name: str, one: Counted, own: Floats, places: Members) -> Floats:
        """Counts after the record: those of its last year, and what has come since."""
        base = self.city.years.index(RECORD_ENDS)
        levels = self.record.levels(name)
        before = np.zeros(len(own)) if one.level else np.nan_to_num(own[:, base])
        expected = np.maximum.accumulate(np.maximum(own[:, self._after] - before[:, None], 0.0), axis=1)
        if one.level:
            expected = np.maximum(own[:, self._after], 0.0)
        expected = np.maximum(expected, UNASKED * np.arange(1, self._horizons + 1) / YEARS)
        pace = np.exp(self.sizes.counts[name].added * stream(self.seed, f"{name}, pace").standard_normal(self.draws))
        if name not in self._arrivals:
            self._arrivals[name] = Arrivals(name, self.draws, self.seed)
        come = self._arrivals[name].counted(expected * pace[places][:, None], places)
        start = 0.0 if one.level else np.round(levels.get(RECORD_ENDS, before))
        found = own.copy()
        found[:, self._after] = come + np.broadcast_to(start, len(own))[:, None]
        return found
