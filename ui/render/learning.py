"""What the record taught of each uncertain constant: before and after the figures; imports no streamlit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from innovation.calibration.posterior import PosteriorDraws
from innovation.calibration.priors import Space
from innovation.model import City

PERCENTS = (5, 50, 95)


@dataclass(frozen=True)
class PosteriorSummary:
    """A constant after the figures: 5, 50 and 95 per cent, how far its variance shrank (0: no figure knows it).

    Of a switch the three are 0, the share of draws that are 1, and 1.
    """

    ends: tuple[float, float, float]
    contraction: float


def learned(city: City, draws: PosteriorDraws) -> dict[str, PosteriorSummary]:
    """Every uncertain constant, arrays element by element; the best learned first."""
    space = Space(city)
    columns = {name: draws.z[:, place] for place, name in enumerate(draws.record.names)}
    before = special.ndtri(np.array(PERCENTS) / 100)
    ends = np.array([np.percentile(columns[name], PERCENTS) if name in columns else before for name in space.names])
    values = space.with_shares(space.values(ends.T))
    for place in np.flatnonzero(space.switches):
        values[place, 1] = draws.draws[space.names[place]].mean()
    found = {
        name: PosteriorSummary(
            (float(low), float(middle), float(high)),
            1 - float(columns[name].var(ddof=1)) if name in columns else 0.0,
        )
        for name, (low, middle, high) in zip(space.names, values, strict=True)
    }
    return dict(sorted(found.items(), key=lambda item: -item[1].contraction))
