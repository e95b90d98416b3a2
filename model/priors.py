"""Priors as people write them: LN(2,.3) in parameters.yaml."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from .files.phrases import chained, phrase

FAMILIES = {
    "LN": phrase("model.family_ln"),
    "N": phrase("model.family_n"),
    "TN": phrase("model.family_tn"),
    "Be": phrase("model.family_be"),
    "Sw": phrase("model.family_sw"),
}
_TEXT = re.compile(
    r"\s*(?:(?P<shift>[^+(]+)\+)?\s*(?P<family>LN|N|TN|Be|Sw)\s*\((?P<values>[^();]*)(?:;(?P<cut>[^();]*))?\)\s*"
)


@dataclass(frozen=True)
class Prior:
    """What is believed of a constant before the data speak.

    `family` is LN (centre: median, spread: log standard deviation), N or TN (mean, standard deviation) or Be (beta on
    0..1 with this mean and standard deviation) or Sw (a switch: 1 with the weight `centre`, else 0); `shift` is added
    to the draw; `low`, `high` cut it (±inf: not cut).
    """

    text: str
    family: str
    centre: float
    spread: float
    low: float = -math.inf
    high: float = math.inf
    shift: float = 0.0

    @property
    def is_switch(self) -> bool:
        """Whether it is of a constant that is 0 or 1 and nothing between."""
        return self.family == "Sw"


def read_prior(text: str, low: float, high: float) -> Prior:
    """Read a prior; LN without limits of its own is not cut, TN is cut at `low` and `high`.

    Raises ValueError with a sentence that says what was expected.
    """
    match = _TEXT.fullmatch(text.replace("−", "-"))
    if match is None:
        raise ValueError(phrase("model.prior_unread", text=text, families=chained("model.or_else", FAMILIES.values())))
    family = match["family"]
    if family == "Sw":
        return _switch(text, match)
    try:
        centre, spread = (float(part) for part in match["values"].split(","))
        shift = float(match["shift"] or 0)
        cut = tuple(float(part) for part in match["cut"].split(",")) if match["cut"] else None
    except ValueError:
        raise ValueError(phrase("model.prior_two", text=text, family=FAMILIES[family])) from None
    wrong = _wrong(family, centre, spread, cut)
    if wrong:
        raise ValueError(phrase("model.prior_wrong", text=text, wrong=phrase(wrong)))
    low, high = cut or ((low, high) if family == "TN" else (-math.inf, math.inf))
    return Prior(text, family, centre, spread, low, high, shift)


def _switch(text: str, match: re.Match[str]) -> Prior:
    """The prior of a switch. Its one weight leaves the rest to 0, so that both sum to 1."""
    try:
        weight = float(match["values"])
    except ValueError:
        raise ValueError(phrase("model.prior_one", text=text, family=FAMILIES["Sw"])) from None
    if not 0 <= weight <= 1:
        raise ValueError(phrase("model.prior_weight", text=text))
    if match["shift"] or match["cut"]:
        raise ValueError(phrase("model.prior_switch", text=text, weight=weight))
    return Prior(text, "Sw", weight, math.sqrt(weight * (1 - weight)))


def _wrong(family: str, centre: float, spread: float, cut: tuple[float, ...] | None) -> str:
    """What makes these numbers no distribution, as a code, or ''."""
    if not (math.isfinite(centre) and math.isfinite(spread)):
        return "model.prior_finite"
    if spread <= 0:
        return "model.prior_spread"
    if family == "LN" and centre <= 0:
        return "model.prior_median"
    if family == "Be" and not (0 < centre < 1 and spread**2 < centre * (1 - centre)):
        return "model.prior_mean"
    if cut is not None and (family not in ("TN", "LN") or len(cut) != 2 or not cut[0] < cut[1]):
        return "model.prior_cut"
    return ""
