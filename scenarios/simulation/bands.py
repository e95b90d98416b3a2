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

from innovation.model.files import Language
from innovation.scenarios.words import section

from .chances import VIEW

Floats = NDArray[np.float64]
Band = Literal["published", "city"]

PUBLISHED: Band = "published"
CITY: Band = "city"
BANDS_OF: tuple[Band, ...] = (PUBLISHED, CITY)
LINE_VIEW = "growth_line"  # the variant that says on which line growth goes on
BAND, INSTRUMENT = "band", "instrument_hash"  # attrs of a result
WORDS = section("published")


def band_name(band: Band, language: Language) -> str:
    """What a band is called: 'of the published figure'."""
    return WORDS[language](f"name.{band}")


def band_said(band: Band, language: Language) -> str:
    """What bands and chances are of, as sentences."""
    return WORDS[language](f"said.{band}")


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
