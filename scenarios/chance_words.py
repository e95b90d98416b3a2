"""How a chance is written, in both languages: the one owner for page, report, workbook, batch and command line."""

from __future__ import annotations

from typing import Literal

from model import Language

from .chances import standard_error
from .words import section

Kind = Literal["none", "all", "only_missed", "only_met", "under", "over", "some"]
WORDS = section("chances")


def chance_text(chance: float, draws: int, language: Language) -> str:
    """A chance with its error, as a cell or after a colon: '76 % ± 1.3', '<1 % ± 0.2', 'none of 1,000 runs'.

    `draws` is how many different draws it comes from.
    """
    return _told("cell", chance, draws, language)


def met_text(chance: float, draws: int, language: Language) -> str:
    """How often a target is met, as a clause: 'met in 76 % ± 1.3 of runs'."""
    return _told("met", chance, draws, language)


def missed_text(share: float, draws: int, language: Language) -> str:
    """How often a target is missed, as a sentence; `share` is that of the runs that miss it."""
    return _told("missed", share, draws, language)


def percent_text(part: float, language: Language) -> str:
    """A share without an error of its own: '76 %', '<1 %', '>99 %'."""
    return WORDS[language]("percent", percent=hundredths(part))


def points_text(change: float, error: float, language: Language) -> str:
    """The change of a chance in percentage points, signed, with its error."""
    written = f"{100 * change:+.1f}"
    percent = written if float(written) else "0.0"
    return WORDS[language]("points", percent=percent, error=_error(error))


def hundredths(part: float) -> str:
    """A share in whole per cent; what is nearly none or nearly all does not look as if it were."""
    written = f"{100 * part:.0f}".replace("-0", "0") if abs(part) < 0.005 else f"{100 * part:.0f}"
    if written == "0" and part > 0:
        return "<1"
    return ">99" if written == "100" and part < 1 else written


def _told(form: str, part: float, draws: int, language: Language) -> str:
    count = f"{draws:,}" if language == "en" else str(draws)
    error = _error(standard_error(part, draws))
    return WORDS[language](f"{form}.{_kind(part, draws)}", percent=hundredths(part), draws=count, error=error)


def _kind(part: float, draws: int) -> Kind:
    if part in (0, 1):
        if draws == 1:
            return "only_met" if part else "only_missed"
        return "all" if part else "none"
    written = hundredths(part)
    return "under" if written == "<1" else "over" if written == ">99" else "some"


def _error(error: float) -> str:
    """In percentage points, to one decimal; below that to one digit, and never 0."""
    return f"{100 * error:.1f}" if 100 * error >= 0.095 else f"{100 * error:.1g}"
