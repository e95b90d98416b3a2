"""On which scale a published figure strays from the city's own: logs, logits of percentages, logs of yearly growth."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from innovation.model import City

Floats = NDArray[np.float64]
Scale = Literal["log", "logit", "growth"]


def scale_of(city: City, indicator: str, growth: bool = False) -> Scale:
    """The scale of an indicator."""
    if growth:
        return "growth"
    return "logit" if city.indicators[indicator].unit.startswith("percent") else "log"


def scaled(scale: Scale, figures: Floats) -> Floats:
    """Figures on a scale; not a number where it cannot hold them."""
    with np.errstate(all="ignore"):
        if scale == "growth":
            found = np.log1p(figures / 100)
        else:
            found = special.logit(figures / 100) if scale == "logit" else np.log(figures)
    return np.where(np.isfinite(found), found, np.nan)


def strayed(scale: Scale, figures: Floats, offsets: Floats) -> Floats:
    """Figures after they have strayed by offsets on their scale; as they are where the scale cannot hold them."""
    told = scaled(scale, figures)
    if scale == "growth":
        found = 100 * np.expm1(told + offsets)
    else:
        found = 100 * special.expit(told + offsets) if scale == "logit" else np.exp(told + offsets)
    return np.where(np.isfinite(told), found, figures)
