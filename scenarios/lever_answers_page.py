"""What each lever and assumption answers at either end of its range, in both languages: docs/lever-answers.md."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Literal

from model import City
from model.entries import Control
from model.pages import origin, table

from .expected import EXPECTED, Expected, Way, read_expected
from .lever_answers import ENDS, RAMP, STILL, YEARS, LeverAnswer, in_points
from .moves import read_moves
from .schema import FIRST_YEAR

ENOUGH = 0.9  # of the members have the sign that is expected, or the line is marked
Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "# What each lever answers",
        "made": "Made of {members} draws of the posterior {posterior}, model {model}. The same draw is run with the "
        "lever at an end of its range, from {first} over {ramp:g} year, and with 2010 practice; the difference is the "
        "answer. Shares of one sum give way in proportion. Each cell has the median and in brackets the 5th and 95th "
        "percentile of the draws: points where the figure is a percentage, else per cent of the figure. An end that "
        "is 2010 practice has no cells.",
        "expected": "*Expected* is what an economist expects of a rise of the lever, at the low end the reverse. "
        "*Share* is how many of the draws answer so, in that of the cells where fewest do; of 'none', how many move by "
        "less than {still:g} % of the figure.",
        "asked": "All draws are given the same view of how the city works, unless it is what is moved: {views}.",
        "stale": "**These numbers are stale. {fault} Run `cli.py findings`, then `cli.py docs`.**",
        "count": "**{count} of {lines} lines are not as expected in nine of ten draws, and no sentence says why.** "
        "They are marked with ?:",
        "fine": "All {lines} lines are as expected in nine of ten draws, or a sentence says why not.",
        "without": "Beside these, {count} lines may go either way.",
        "head": "figure|expected|share",
        "cell": "{end}, {year}",
        "from": "2010 practice {practice}; {low} to {high} {unit}.",
        "assumed": "Assumed {practice}, each draw its own where it is drawn; {low} to {high} {unit}.",
        "beside": "Tried with {given} in place: alone it does nothing.",
        "up": "up",
        "down": "down",
        "none": "none",
        "either": "either",
        "points": "points",
        "failed": "{count} draws fail at {end}.",
        "and": ", ",
        "comma": ", ",
        "colon": ": ",
    },
    "zh": {
        "title": "# 各政策杠杆的作用",
        "made": "取后验抽样{members}组（模型 {model}，后验 {posterior}）。同一组抽样分别按政策杠杆位于其范围一端"
        "（{first}年起，{ramp:g}年到位）和按2010年做法各运行一次，两者之差即为作用。合计为1的各份额按比例让出。"
        "每格为中位数，括号内为第5和第95百分位：百分比指标为百分点，其他为该指标数值的百分比。与2010年做法相同的一端不列。",
        "expected": "“预期”指该杠杆提高时经济学上预期的方向，低端则相反。“占比”指符合预期的抽样所占比例，"
        "取各格中最低者；预期为“无”时，指变化小于指标数值{still:g}%的抽样比例。",
        "asked": "除非变动的正是结构假设本身，各组抽样均取同一假设：{views}。",
        "stale": "**以下数字已过时，属于其他模型、抽样或范围。请先运行 `cli.py findings`，再运行 `cli.py docs`。**",
        "count": "**共{lines}行中有{count}行在九成抽样中不符合预期，且没有说明原因**，以“?”标出：",
        "fine": "全部{lines}行在九成抽样中符合预期，或已说明原因。",
        "without": "此外有{count}行的方向不定。",
        "head": "指标|预期|占比",
        "cell": "{end}，{year}年",
        "from": "2010年做法为{practice}；范围为{low}至{high}{unit}。",
        "assumed": "假定为{practice}，凡参与抽样者各组取其自身数值；范围为{low}至{high}{unit}。",
        "beside": "试验时{given}：单独变动不起作用。",
        "up": "上升",
        "down": "下降",
        "none": "无",
        "either": "不定",
        "points": "百分点",
        "failed": "{end}时有{count}组抽样运行失败。",
        "and": "、",
        "comma": "，",
        "colon": "：",
    },
}


@dataclass(frozen=True)
class Kept:
    """Rows that were kept, what their head says, and what is wrong with them as they stand, None where nothing is."""

    rows: Sequence[LeverAnswer]
    head: Mapping[str, str]
    fault: str | None


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
    kept: Kept

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


def lever_answers_text(city: City, kept: Kept) -> str:
    """The page of kept numbers: in English, then in Chinese, a table a lever under the headings of levers.yaml."""
    found = _Table(city, kept)
    parts = [[*_section(found, language), ""] for language in LANGUAGES]
    parts[0][1:1] = ["", origin(city, f"kept numbers, levers.yaml and {EXPECTED}")]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _section(found: _Table, language: Language) -> Iterator[str]:
    words, kept, city = WORDS[language], found.kept, found.city
    yield from (words["title"], "")
    if kept.fault:
        yield from (words["stale"].format(fault=kept.fault), "")
    said = {name: kept.head.get(name, "–") for name in ("members", "model", "posterior")}
    yield from (words["made"].format(first=FIRST_YEAR, ramp=RAMP, **said), "")
    views = [getattr(one.views[round(one.asked)], language) for one in city.variants.values() if one.asked is not None]
    if views:
        yield from (words["asked"].format(views=words["and"].join(views)), "")
    yield from (words["expected"].format(still=STILL), "")
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
    free = words["without"].format(count=sum(line.way == "either" for line in found.lines))
    space = "" if language == "zh" else " "
    text = words["count" if marked else "fine"].format(count=len(marked), lines=len(judged))
    if not marked:
        yield f"{text}{space}{free}"
        return
    yield from (text, "")
    for name in dict.fromkeys(line.lever for line in marked):
        figures = [_figure(found.city, line.figure, language) for line in marked if line.lever == name]
        yield f"- {getattr(found.city.control(name), language)}{words['colon']}{words['and'].join(figures)}"
    yield from ("", free)


def _of_lever(found: _Table, name: str, control: Control, language: Language) -> Iterator[str]:
    words, city = WORDS[language], found.city
    shown = {end: _shown(to, control) for end, to in zip(ENDS, (control.low, control.high), strict=True)}
    practice, unit = _shown(city.practice(name), control), control.unit_zh if language == "zh" else control.unit
    yield from (f"### {getattr(control, language)}", "")
    kind = "from" if name in city.levers else "assumed"
    yield from (words[kind].format(practice=practice, unit=unit, **shown), "")
    beside = [
        f"{getattr(found.city.control(other), language)} {_shown(to, found.city.control(other))}"
        for other, to in found.expected[name].beside.items()
    ]
    if beside:
        yield from (words["beside"].format(given=words["and"].join(beside)), "")
    lines = found.of(name)
    first, *last = words["head"].split("|")
    head = [first, *(words["cell"].format(end=shown[end], year=year) for end, year in product(ENDS, YEARS)), *last]
    yield from table(head, [_row(city, line, language) for line in lines])
    yield ""
    for figure, said in found.expected[name].said.items():
        yield f"- {_figure(city, figure, language)}{words['colon']}{getattr(said, language)}"
    if found.expected[name].said:
        yield ""
    cells = [cell for line in lines for cell in line.cells.values()]
    failed = {end: max((cell.failed for cell in cells if cell.end == end), default=0) for end in ENDS}
    for end, count in failed.items():
        if count:
            yield from (words["failed"].format(count=count, end=shown[end]), "")


def _row(city: City, line: _Line, language: Language) -> list[str]:
    words = WORDS[language]
    cells = [_cell(line.cells.get(place)) for place in product(ENDS, YEARS)]
    share = "–" if math.isnan(line.share) else f"{math.floor(100 * line.share)} %"
    unit = words["points"] if in_points(city, line.figure) else "%"
    figure = f"{_figure(city, line.figure, language)}{words['comma']}{unit}"
    return [figure, *cells, words[line.way], f"**{share} ?**" if line.is_marked else share]


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
