"""How a chance is written, in both languages: the one owner for page, report, workbook, batch and command line."""

from __future__ import annotations

from typing import Literal

from .chances import standard_error
from .schema import Language

Kind = Literal["none", "all", "only_missed", "only_met", "under", "over", "some"]
# Of each language: in a cell, in a clause that says how often a target is met, and how often it is missed.
WORDS: dict[str, dict[str, dict[Kind, str]]] = {
    "en": {
        "cell": {
            "none": "none of {draws} runs", "all": "all of {draws} runs", "only_missed": "missed in the only run",
            "only_met": "met in the only run", "under": "<1 % ± {error}", "over": ">99 % ± {error}",
            "some": "{percent} % ± {error}",
        },
        "met": {
            "none": "met in none of {draws} runs", "all": "met in all of {draws} runs",
            "only_missed": "missed in the only run", "only_met": "met in the only run",
            "under": "met in <1 % ± {error} of runs", "over": "met in >99 % ± {error} of runs",
            "some": "met in {percent} % ± {error} of runs",
        },
        "missed": {
            "none": "None of {draws} runs misses the target.", "all": "All of {draws} runs miss the target.",
            "only_missed": "The only run meets the target.", "only_met": "The only run misses the target.",
            "under": "<1 % ± {error} of the runs miss the target.",
            "over": ">99 % ± {error} of the runs miss the target.",
            "some": "{percent} % ± {error} of the runs miss the target.",
        },
        "percent": {"some": "{percent} %"},
        "points": {"some": "{percent} ± {error} points"},
    },
    "zh": {
        "cell": {
            "none": "{draws}次模拟均未达到", "all": "{draws}次模拟均达到", "only_missed": "仅1次模拟，未达到",
            "only_met": "仅1次模拟，达到", "under": "不到1%（误差±{error}）", "over": "超过99%（误差±{error}）",
            "some": "约{percent}%（误差±{error}）",
        },
        "met": {
            "none": "{draws}次模拟均未达到", "all": "{draws}次模拟均达到", "only_missed": "仅1次模拟，未达到",
            "only_met": "仅1次模拟，达到", "under": "不到1%（误差±{error}）的模拟达到",
            "over": "超过99%（误差±{error}）的模拟达到", "some": "约{percent}%（误差±{error}）的模拟达到",
        },
        "missed": {
            "none": "{draws}次模拟均达到这个目标。", "all": "{draws}次模拟均未达到这个目标。",
            "only_missed": "仅1次模拟，达到这个目标。", "only_met": "仅1次模拟，未达到这个目标。",
            "under": "不到1%（误差±{error}）的模拟达不到这个目标。",
            "over": "超过99%（误差±{error}）的模拟达不到这个目标。",
            "some": "约{percent}%（误差±{error}）的模拟达不到这个目标。",
        },
        "percent": {"some": "{percent}%"},
        "points": {"some": "{percent}个百分点（误差±{error}）"},
    },
}  # fmt: skip


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
    return WORDS[language]["percent"]["some"].format(percent=hundredths(part))


def points_text(change: float, error: float, language: Language) -> str:
    """The change of a chance in percentage points, signed, with its error."""
    written = f"{100 * change:+.1f}"
    percent = written if float(written) else "0.0"
    return WORDS[language]["points"]["some"].format(percent=percent, error=_error(error))


def hundredths(part: float) -> str:
    """A share in whole per cent; what is nearly none or nearly all does not look as if it were."""
    written = f"{100 * part:.0f}".replace("-0", "0") if abs(part) < 0.005 else f"{100 * part:.0f}"
    if written == "0" and part > 0:
        return "<1"
    return ">99" if written == "100" and part < 1 else written


def _told(form: str, part: float, draws: int, language: Language) -> str:
    count = f"{draws:,}" if language == "en" else str(draws)
    error = _error(standard_error(part, draws))
    return WORDS[language][form][_kind(part, draws)].format(percent=hundredths(part), draws=count, error=error)


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
