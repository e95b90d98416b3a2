"""What each lever and assumption answers at either end of its range, in both languages: docs/lever-answers.md."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from innovation.model import PLAN_BEGINS, City, Control, origin, table
from innovation.model.files import LANGUAGES, Fault, Language
from innovation.scenarios.checks.expected_signs import EXPECTED, Expected, Way, read_expected
from innovation.scenarios.simulation.failures import DesignFailures, told_of_design
from innovation.scenarios.words import section

from .lever_answers import ENDS, RAMP, STILL, YEARS, LeverAnswer, in_points
from .single_changes import read_moves

ENOUGH = 0.9  # of the members have the sign that is expected, or the line is marked
WORDS = section("lever_answers")


@dataclass(frozen=True)
class KeptAnswers:
    """Rows that were kept, what their head says, and what is wrong with them as they stand, None where nothing is."""

    rows: Sequence[LeverAnswer]
    head: Mapping[str, str]
    fault: Fault | None


@dataclass(frozen=True)
class _Line:
    """One figure of one lever: its cells by end and year, what is expected, and the least share that answers so."""

    lever: str
    figure: str
    way: Way
    cells: Mapping[tuple[str, int], LeverAnswer]
    is_explained: bool

    @property
    def share(self) -> float:
        """The least share of members with the expected sign; not a number where nothing is expected or was run."""
        if self.way == "either" or not self.cells:
            return math.nan
        return min(_share(cell, self.way) for cell in self.cells.values())

    @property
    def is_marked(self) -> bool:
        """Whether too few members answer as expected and nothing is said of it."""
        return self.share < ENOUGH and not self.is_explained


@dataclass(frozen=True)
class _Table:
    """All lines of the page."""

    city: City
    kept: KeptAnswers

    @cached_property
    def figures(self) -> tuple[str, ...]:
        """The headline figures."""
        return read_moves(self.city).headline

    @cached_property
    def expected(self) -> Mapping[str, Expected]:
        """What is expected, by lever."""
        return read_expected(self.city, self.figures)

    @cached_property
    def lines(self) -> list[_Line]:
        """A line for each lever and figure, in the order of levers.yaml and moves.yaml; its own figures last."""
        cells: dict[tuple[str, str], dict[tuple[str, int], LeverAnswer]] = {}
        for row in self.kept.rows:
            cells.setdefault((row.lever, row.figure), {})[row.end, row.year] = row
        return [
            _Line(name, figure, one.way(figure), cells.get((name, figure), {}), figure in one.said)
            for name in (*self.city.levers, *self.city.inputs)
            for one in [self.expected[name]]
            for figure in (*self.figures, *one.further(self.figures))
        ]

    def of(self, lever: str) -> list[_Line]:
        """The lines of a lever."""
        return [line for line in self.lines if line.lever == lever]


def lever_answers_text(city: City, kept: KeptAnswers) -> str:
    """The page of kept numbers: in English, then in Chinese, a table a lever under the headings of levers.yaml."""
    found = _Table(city, kept)
    parts = [[*_section(found, language), ""] for language in LANGUAGES]
    parts[0][1:1] = ["", origin(city, f"kept numbers, levers.yaml and {EXPECTED}")]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _section(found: _Table, language: Language) -> Iterator[str]:
    words, kept, city = WORDS[language], found.kept, found.city
    yield from (words("title"), "")
    if kept.fault:
        yield from (words("stale", fault=kept.fault.said(language)[0]), "")
    said = {name: kept.head.get(name, "–") for name in ("members", "model", "posterior")}
    yield from (words("made", first=PLAN_BEGINS, ramp=RAMP, **said), "")
    if failed := max((row.failed for row in kept.rows), default=0):
        yield from (told_of_design(DesignFailures(int(kept.head["members"]), failed), language), "")
    views = [getattr(one.views[round(one.asked)], language) for one in city.variants.values() if one.asked is not None]
    if views:
        yield from (words("asked", views=words("and").join(views)), "")
    yield from (words("expected", still=STILL), "")
    yield from (*_counted(found, language), "")
    for group, named in city.groups.items():
        controls = {name: city.control(name) for name in (*city.levers, *city.inputs)}
        yield from (f"## {getattr(named, language)}", "")
        for name, control in controls.items():
            if control.group == group:
                yield from _of_lever(found, name, control, language)


def _counted(found: _Table, language: Language) -> Iterator[str]:
    """How many lines are marked, and which."""
    words = WORDS[language]
    judged = [line for line in found.lines if not math.isnan(line.share)]
    marked = [line for line in judged if line.is_marked]
    free = words("without", count=sum(line.way == "either" for line in found.lines))
    text = words("count" if marked else "fine", count=len(marked), lines=len(judged))
    if not marked:
        yield f"{text}{words('between')}{free}"
        return
    yield from (text, "")
    for name in dict.fromkeys(line.lever for line in marked):
        figures = [_figure(found.city, line.figure, language) for line in marked if line.lever == name]
        yield f"- {getattr(found.city.control(name), language)}{words('colon')}{words('and').join(figures)}"
    yield from ("", free)


def _of_lever(found: _Table, name: str, control: Control, language: Language) -> Iterator[str]:
    words, city = WORDS[language], found.city
    shown = {end: _shown(to, control) for end, to in zip(ENDS, (control.low, control.high), strict=True)}
    practice, unit = _shown(city.practice(name), control), control.unit_zh if language == "zh" else control.unit
    yield from (f"### {getattr(control, language)}", "")
    kind = "from" if name in city.levers else "assumed"
    yield from (words(kind, practice=practice, unit=unit, **shown), "")
    beside = [
        f"{getattr(found.city.control(other), language)} {_shown(to, found.city.control(other))}"
        for other, to in found.expected[name].beside.items()
    ]
    if beside:
        yield from (words("beside", given=words("and").join(beside)), "")
    lines = found.of(name)
    first, *last = words("head").split("|")
    head = [first, *(words("cell", end=shown[end], year=year) for end, year in product(ENDS, YEARS)), *last]
    yield from table(head, [_row(city, line, language) for line in lines])
    yield ""
    for figure, said in found.expected[name].said.items():
        yield f"- {_figure(city, figure, language)}{words('colon')}{getattr(said, language)}"
    if found.expected[name].said:
        yield ""


def _row(city: City, line: _Line, language: Language) -> list[str]:
    words = WORDS[language]
    cells = [_cell(line.cells.get(place)) for place in product(ENDS, YEARS)]
    share = "–" if math.isnan(line.share) else f"{math.floor(100 * line.share)} %"
    unit = words("points") if in_points(city, line.figure) else "%"
    figure = f"{_figure(city, line.figure, language)}{words('comma')}{unit}"
    return [figure, *cells, words(line.way), f"**{share} ?**" if line.is_marked else share]


def _cell(one: LeverAnswer | None) -> str:
    return "–" if one is None else f"{_signed(one.middle)} ({_signed(one.low)} … {_signed(one.high)})"


def _signed(value: float) -> str:
    """A change with two digits behind the point, fewer where it is large; 0 where there is none at all."""
    if value == 0 or math.isnan(value):
        return "0" if value == 0 else "–"
    size = abs(value)
    text = f"{value:+.{2 if size < 10 else 1 if size < 100 else 0}f}"
    return text if text.strip("+-0.") else "±0.00"


def _shown(value: float, control: Control) -> str:
    return f"{value * control.factor:.4g}"


def _share(cell: LeverAnswer, way: Way) -> float:
    """The share of members that answer an end as expected: at the low end the reverse of what a rise does."""
    if way == "none":
        return cell.still
    return cell.up if (way == "up") == (cell.end == "high") else cell.down


def _figure(city: City, name: str, language: Language) -> str:
    return str(getattr(city.indicators[name], language))
