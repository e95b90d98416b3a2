"""The trial of the rule of forecasts on other places, as a part of the evidence."""

from __future__ import annotations

import hashlib

from innovation.calibration.posterior.fingerprint import LENGTH
from innovation.calibration.reference_class import rule
from innovation.calibration.reference_class.places import CHINA, WORLD
from innovation.calibration.reference_class.tables import REFERENCE

PACKED = ".gz"  # ends the name of a file whose bytes no system changes


def places_marks() -> dict[str, str]:
    """Marks of the figures of other places and of the rule's numbers: no model, record or draw of the city is asked."""
    found = hashlib.sha256()
    for path in (WORLD, CHINA, REFERENCE):
        content = path.read_bytes()
        found.update(content if path.suffix == PACKED else content.replace(b"\r\n", b"\n"))
    return {
        "places": found.hexdigest()[:LENGTH],
        "rule": hashlib.sha256(repr(rule.NUMBERS).encode()).hexdigest()[:LENGTH],
    }
