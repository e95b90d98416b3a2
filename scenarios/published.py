"""Two bands, named: of the figures that will be published, which targets are judged by, and of the city alone.

What parts a published figure from the city's own is known where figures were fitted, in calibration; here is what
scenarios ask of it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, Protocol

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .chances import VIEW
from .schema import Language

Floats = NDArray[np.float64]
Band = Literal["published", "city"]

PUBLISHED: Band = "published"
CITY: Band = "city"
BANDS_OF: tuple[Band, ...] = (PUBLISHED, CITY)
LINE_VIEW = "growth_line"  # the variant that says on which line growth goes on
BAND, INSTRUMENT = "band", "instrument_hash"  # attrs of a result
NAMES: dict[Language, dict[Band, str]] = {
    "en": {"published": "of the published figure", "city": "of the city alone"},
    "zh": {"published": "公布数字的区间", "city": "城市自身的区间"},
}
SAID: dict[Language, dict[Band, str]] = {
    "en": {
        "published": "Bands and chances are of the figures that will be published: the city's own, what such figures "
        "strayed by elsewhere,\nchance in what is counted, and errors of measurement. Of the city alone: --band city.",
        "city": "Bands and chances are of the city alone, for comparing policies; what will be published strays "
        "further (--band published).",
    },
    "zh": {
        "published": "区间和可能性针对将来公布的数字：城市自身、同类数字在别处的偏离、计数的偶然性和测量误差。"
        "只看城市自身：--band city。",
        "city": "区间和可能性只针对城市自身，用于比较政策；公布的数字偏离更大（--band published）。",
    },
}


class Instrument(Protocol):
    """What turns the city's own figures into published ones, member by member, the same in every scenario."""

    @property
    def hash(self) -> str:
        """Names what is assumed of it."""

    def is_published(self, indicator: str) -> bool:
        """Whether somebody publishes the figure at all."""

    def published(
        self, indicator: str, figures: Floats, members: NDArray[np.int_], line: Floats | None = None,
        parts: Collection[str] = ...,
    ) -> Floats:  # fmt: skip
        """Published figures, as the city's own (rows, years), of members (rows,), with their view of the line."""


def published_result(dataset: xr.Dataset, instrument: Instrument) -> xr.Dataset:
    """A result of `simulate` as it will be published; the nominal run, member 0, stays the model's own.

    Attrs say so: band is 'published', instrument_hash whose.
    """
    members = dataset.member.values
    found = dataset.copy()
    for name, figures in dataset.data_vars.items():
        values = figures.transpose("scenario", "member", "year").values
        own = [
            instrument.published(str(name), of, members, line_of(dataset, place))
            for place, of in enumerate(values)
        ]  # fmt: skip
        found[name] = (("scenario", "member", "year"), np.stack(own), figures.attrs)
    return found.assign_attrs({BAND: PUBLISHED, INSTRUMENT: instrument.hash})


def line_of(dataset: xr.Dataset, scenario: int) -> Floats | None:
    """Each member's view of the line of growth in a scenario, by its place; None where there is no such view."""
    name = VIEW.format(LINE_VIEW)
    return dataset.coords[name].values[scenario].astype(float) if name in dataset.coords else None
