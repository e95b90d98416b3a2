"""The choice between the two bands, of published figures and of the city alone: one setting for all pages."""

from __future__ import annotations

from innovation.scenarios.simulation import BANDS_OF, band_name
from innovation.ui.frame import Opened
from innovation.ui.state import cache, session

from . import binding


def control(here: Opened) -> None:
    """Buttons, and what the two are; absent where there is the city alone."""
    if cache.instrument(here.files)[0] is None:
        return
    words = here.words
    names: dict[str, str] = {band: band_name(band, words.language) for band in BANDS_OF}
    binding.segments(
        "band", words("band.title"), names, session.band(), session.show_band, help=words("band.help")
    )  # fmt: skip
