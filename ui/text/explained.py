"""What is said of levers and assumptions: what they do, what a value means, what was changed; knows no streamlit."""

from __future__ import annotations

from urllib.parse import urlencode

from markupsafe import Markup

from innovation.model import City, Control, Lever
from innovation.scenarios import Scenario
from innovation.scenarios.documents import rendered
from innovation.ui import draft
from innovation.ui.looks import ENTRY_GAP, ENTRY_WIDTH, INSET, ranges

from .catalogue import Catalogue


def plain(value: float) -> str:
    """A value as people type it."""
    return f"{value:.6g}"


def explained(words: Catalogue, control: Control) -> str:
    """What a lever does, where the plan says so, what low, medium and high mean, and who pays."""
    section = words("lever.section", section=control.section) if control.section else ""
    lines = [f"{words.help(control)} {section}".strip(), ""]
    if isinstance(control, Lever):
        for part in control.ranges:
            end = plain(draft.shown(control, part.to))
            lines.append(f"- {words('lever.range', to=end, meaning=words.name(part))}")
        lines += ["", words.cost(control)]
    return "\n".join(lines).strip()


def meaning(control: Control, words: Catalogue, value: float, work: str) -> Markup:
    """What the value means, in words and on a strip of ranges, and a link to its equations that keeps the `work`."""
    widths, here, told = [], 0, ""
    if isinstance(control, Lever) and control.ranges:
        here = next(n for n, part in enumerate(control.ranges) if value <= part.to or n == len(control.ranges) - 1)
        widths = ranges([part.to for part in control.ranges], control.low)
        told = words.name(control.ranges[here])
    section = words("lever.section", section=control.section) if control.section else ""
    return rendered(
        "innovation.ui",
        "meaning",
        widths=widths,
        here=here,
        beside=f"calc({ENTRY_WIDTH}px + {ENTRY_GAP} + {INSET}px)",
        inset=INSET,
        said=[*filter(None, (told, section))],
        asked=urlencode({"find": control.constant, "lang": words.language, "s": work}),
        link=words("lever.model"),
    )


def when(moment: float, words: Catalogue) -> str:
    """A moment of the model in words: a whole number is the beginning of that year."""
    year, month = divmod(round(12 * moment), 12)
    if not month:
        return words("date.year", year=year)
    if month == 6:
        return words("date.middle", year=year)
    return words("date.month", year=year, month=words("date.months").split("|")[month])


def period(start: float, ramp: float, words: Catalogue) -> str:
    """From when on a change is made, and when it is complete."""
    if not ramp:
        return words("lever.at_once", start=when(start, words))
    return words("lever.dates", start=when(start, words), end=when(start + ramp, words))


def _way(ramp: float, by: float) -> str:
    """The key of the words for a change; over a year or less it is not told as a course of years."""
    if not ramp:
        return "changes.at_once"
    if ramp <= 1 or not by:
        return "changes.within"
    return "changes.raised" if by > 0 else "changes.lowered"


def _viewed(city: City, scenario: Scenario, name: str, words: Catalogue) -> str:
    """Which views a scenario sets for all members, and from when on."""
    views = city.inputs[name].views
    return words("changes.then").join(
        words("changes.at_once", start=when(one.start, words), end="", to=words.name(views[round(one.to)]))
        for one in scenario.changes_of(name)
    )


def changed_names(city: City, scenario: Scenario) -> list[str]:
    """What a scenario puts elsewhere than at practice once: a share may only stay where others of its whole move."""

    def moves(name: str, to: float) -> bool:
        control, practice = city.control(name), city.practice(name)
        return name in city.variants or draft.shown(control, to) != draft.shown(control, practice)

    return list(dict.fromkeys(change.name for change in scenario.changes if moves(change.name, change.to)))


def changed_lines(city: City, scenario: Scenario, words: Catalogue) -> list[list[str]]:
    """Rows of the table of what is not at practice: name, kind, unit, 2010, changed to."""
    lines = []
    for name in changed_names(city, scenario):
        control = city.control(name)
        kind = words("changes.policy") if name in city.levers else words("changes.assumption")
        if name in city.variants:
            lines.append([words.name(control), kind, "–", words("views.drawn"), _viewed(city, scenario, name, words)])
            continue
        said, now = [], city.practice(name)
        for change in scenario.changes_of(name):
            start, end = (when(moment, words) for moment in (change.start, change.end))
            to = plain(draft.shown(control, change.to))
            said.append(words(_way(change.ramp, change.to - now), start=start, end=end, to=to))
            now = change.to
        path = words("changes.then").join(said)
        lines.append(
            [words.name(control), kind, words.unit(control), plain(draft.shown(control, city.practice(name))), path]
        )
    return lines
