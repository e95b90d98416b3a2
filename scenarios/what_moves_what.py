"""What moves the headline targets by 2015 and who pays, in both languages: docs/what-moves-what.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from model import City
from model.pages import origin, table

from .moves import CITY_COST, CONTRIBUTION, FIRST, LAST, MOVES, OUTPUT, RESEARCH, Findings, Moved, findings
from .tensions import tensions

LITTLE = 5.0  # per cent of a figure's own value; a smaller change is called little
Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "# What moves what",
        "words": "## In words",
        "little": "**{group} moves the headline targets little within five years.**",
        "much": "**{group} moves some headline targets noticeably within five years.**",
        "money": "{move}: it costs the city {cost} more in {first} to {last} (1e8 CNY) and moves no headline figure of "
        "{last} by more than {most} % of its value; most of all {figure}, by {by}.",
        "closed": "Of the gaps to headline targets that 2010 practice leaves it closes {parts}.",
        "part": "{percent} in {figures}",
        "none_missed": "2010 practice misses no headline target.",
        "itself": "Money that pays for research is itself part of R&D spending, so that target moves most easily.",
        "uses": "By where the added money goes, it moves by {low} ({low_use}) to {high} ({high_use}).",
        "largest": "**{group} moves {figure} most.**",
        "moved": "{move}: {by}, with {beside} at {by_beside} %.",
        "paid": "{move}: {by}. Most of it is paid here, {first} to {last}, 1e8 CNY: {label}, {cost}.",
        "money_moved": "City science money, for comparison: {by}.",
        "none_meets": "No single change tried here meets a headline target that 2010 practice misses.",
        "meets": "Headline targets that 2010 practice misses and a single change meets: {met}.",
        "met_by": "{figure} ({moves})",
        "tensions": "**Where the plan's figures do not go together, by the figures of 2010 practice (nominal run):**",
        "no_tension": "Nowhere.",
        "glance": "## At a glance",
        "glance_head": "headline figure|2010 practice, {last}|the plan's target|gap|city science money moves it by"
        "|part of the gap closed|moved most by|by",
        "moves": "## What each change moves by {last}",
        "moves_note": "Differences to 2010 practice in each figure's own unit; of percentages, points. Each change "
        "stands alone, starts in {start} and is complete {ramp} years later. Where added money goes to one use, the "
        "others keep the share of city spending they had. The last rows are whole packages: the plan as written, and "
        "five mixes that cost the city the same.",
        "change": "change",
        "costs": "## What each change costs, and whom",
        "costs_note": "1e8 CNY at current prices, more than under 2010 practice: in {last}, and in sum {first} to "
        "{last}. Below zero: less. Payers are not to be summed: part of what one pays another gets; the social "
        "resource "
        "cost is what is used up in all. What each lever costs, and whom, is in docs/costs.md.",
        "sum": "sum {first}–{last}",
        "notes": "Notes:",
        "packages": "Whole packages",
        "met": "met",
        "percent": "{value} %",
        "under": "less than 1 %",
        "points": " points",
        "then": "; ",
        "and": ", ",
        "comma": ", ",
        "colon": ": ",
    },
    "zh": {
        "title": "# 什么影响什么",
        "words": "## 文字说明",
        "little": "**{group}在五年内对主要目标影响很小。**",
        "much": "**{group}在五年内对部分主要目标有明显影响。**",
        "money": "{move}：{first}至{last}年市财政多支出{cost}亿元，{last}年各主要指标的变化均不超过其数值的{most}%；"
        "变化最大的是{figure}（{by}）。",
        "closed": "按2010年做法主要目标尚有的差距，它可弥补的部分为：{parts}。",
        "part": "{figures}{percent}",
        "none_missed": "按2010年做法，主要目标均可实现。",
        "itself": "用于研究的经费本身就是R&D投入的一部分，因此该目标最容易变动。",
        "uses": "视增量经费的用途，变化为{low}（{low_use}）至{high}（{high_use}）。",
        "largest": "**在所试变化中，对{figure}影响最大的是{group}。**",
        "moved": "{move}：{by}，同时{beside}{by_beside}%。",
        "paid": "{move}：{by}。费用主要由以下方面承担，{first}至{last}年，亿元：{label}，{cost}。",
        "money_moved": "相比之下，市级科技经费：{by}。",
        "none_meets": "按2010年做法不能实现的主要目标，此处所试的任何单项变化都不能使其实现。",
        "meets": "按2010年做法不能实现、而单项变化可以实现的主要目标：{met}。",
        "met_by": "{figure}（{moves}）",
        "tensions": "**按延续2010年做法的数字（名义运行），规划数字互不一致之处：**",
        "no_tension": "没有。",
        "glance": "## 一览",
        "glance_head": "主要指标|2010年做法，{last}年|规划目标|差距|市级科技经费的影响|弥补差距|影响最大的变化|变化量",
        "moves": "## 各项变化到{last}年的影响",
        "moves_note": "与2010年做法之差，单位同该指标；百分比指标为百分点。各项变化单独进行，"
        "{start}年开始，{ramp}年后到位。增量经费只用于一项时，其他用途占财政支出的比例不变。最后几行是整套政策："
        "规划文本，以及市财政成本相同的五种组合。",
        "change": "变化",
        "costs": "## 各项变化的费用及承担者",
        "costs_note": "亿元，现价，与2010年做法之差：{last}年，以及{first}至{last}年合计；负数表示减少。"
        "各承担者的支出不可相加，一方支出的一部分是另一方所得；社会资源成本是实际消耗的总额。"
        "各政策杠杆的成本及承担者见 docs/costs.md。",
        "sum": "{first}–{last}年合计",
        "notes": "说明：",
        "packages": "整套政策",
        "met": "已实现",
        "percent": "{value}%",
        "under": "不到1%",
        "points": "个百分点",
        "then": "；",
        "and": "、",
        "comma": "，",
        "colon": "：",
    },
}


def what_moves_what_page(city: City) -> str:
    """The page: first in English, then in Chinese, each with its words, its overview and its two tables."""
    found = findings(city)
    parts = [[*_section(found, language), ""] for language in LANGUAGES]
    parts[0][1:1] = ["", origin(city, f"{MOVES}, the library and nominal runs")]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _section(found: Findings, language: Language) -> Iterator[str]:
    words, dates, schedule = WORDS[language], {"first": FIRST, "last": LAST}, found.moves.schedule
    yield from (words["title"], "", words["words"], "")
    paragraphs = (_of_city_money, _of_contribution, _of_research)
    yield from (line for paragraph in paragraphs for line in (paragraph(found, language), ""))
    yield from (words["tensions"], "")
    said = tensions(found.city, found.figure, language)
    for name, text in said.items():
        yield f"- {_label(found.city.indicators[name], language)}{words['colon']}{text}"
    yield from (*([] if said else [words["no_tension"]]), "", words["glance"], "", *_glance(found, language), "")
    yield from (words["moves"].format(**dates), "")
    yield from (words["moves_note"].format(start=f"{schedule.start:g}", ramp=f"{schedule.ramp:g}", **dates), "")
    head = [_with_unit(found, name, language) for name in found.moves.headline]
    yield from _table(found, language, head, lambda moved: [_signed(found, *item) for item in moved.figures.items()])
    yield from ("", *_notes(found, language), words["costs"], "", words["costs_note"].format(**dates), "")
    heads = [
        (f"{_label(found.city.indicators[name], language)}{words['comma']}{LAST}", words["sum"].format(**dates))
        for name in found.moves.costs
    ]
    head = [part for pair in heads for part in pair]
    yield from _table(
        found, language, head, lambda moved: [_sign(cost) for pair in moved.costs.values() for cost in pair]
    )


def _of_city_money(found: Findings, language: Language) -> str:
    words, money, most = WORDS[language], found.moves.city_money, found.most
    move, size = found.moves.moves[money], abs(found.relative(most, money))
    said = [
        words["little" if size < LITTLE else "much"].format(group=_label(found.moves.groups[move.group], language)),
        words["money"].format(
            move=_label(move, language),
            cost=f"{found.single[money].costs[CITY_COST][1]:.1f}",
            most=f"{size:.1f}",
            figure=_figure(found, most, language),
            by=_in_words(found, most, money, language),
            first=FIRST,
            last=LAST,
        ),
        words["none_missed"],
    ]
    if found.missed:
        parts: dict[str, list[str]] = {}
        for name in sorted(found.missed, key=lambda name: -found.closed(name, money)):
            parts.setdefault(_part(found, name, language), []).append(_figure(found, name, language))
        named = [words["part"].format(percent=part, figures=words["and"].join(of)) for part, of in parts.items()]
        said[-1] = words["closed"].format(parts=words["then"].join(named))
    said.append(words["itself"])
    uses = [name for name, other in found.moves.moves.items() if other.added_to]
    if uses:
        ends = {"low": min(uses, key=found.by(most)), "high": max(uses, key=found.by(most))}
        moved = {end: _by(found, most, use) for end, use in ends.items()}
        used = {f"{end}_use": _use(found, use, language) for end, use in ends.items()}
        said.append(words["uses"].format(**moved, **used))
    return _joined(said, language)


def _of_contribution(found: Findings, language: Language) -> str:
    """What moves the contribution rate most, with all of its group, and which single changes meet a target."""
    words = WORDS[language]
    said = [_largest(found, CONTRIBUTION, language)]
    for move in _group_of_mover(found, CONTRIBUTION):
        beside, label = f"{found.relative(OUTPUT, move):+.1f}", _label(found.moves.moves[move], language)
        by = _in_words(found, CONTRIBUTION, move, language)
        figure = _figure(found, OUTPUT, language)
        said.append(words["moved"].format(move=label, by=by, beside=figure, by_beside=beside))
    said.append(words["money_moved"].format(by=_in_words(found, CONTRIBUTION, found.moves.city_money, language)))
    return _joined(said, language)


def _of_research(found: Findings, language: Language) -> str:
    """What moves R&D intensity most and who pays for it; which missed targets a single change meets."""
    words = WORDS[language]
    said = [_largest(found, RESEARCH, language)]
    for move in _group_of_mover(found, RESEARCH):
        costs = found.single[move].costs
        payer = max(costs, key=lambda name: costs[name][1])
        paid = {"label": _figure(found, payer, language), "cost": _sign(costs[payer][1])}
        label, by = _label(found.moves.moves[move], language), _in_words(found, RESEARCH, move, language)
        said.append(words["paid"].format(move=label, by=by, first=FIRST, last=LAST, **paid))
    said.append(words["money_moved"].format(by=_in_words(found, RESEARCH, found.moves.city_money, language)))
    met = {name: [move for move in found.single if found.closed(name, move) >= 100] for name in found.missed}
    named = [
        words["met_by"].format(
            figure=_figure(found, name, language),
            moves=words["then"].join(_label(found.moves.moves[move], language) for move in moves),
        )
        for name, moves in met.items()
        if moves
    ]
    if named:
        said.append(words["meets"].format(met=words["and"].join(named)))
    elif found.missed:
        said.append(words["none_meets"])
    return _joined(said, language)


def _largest(found: Findings, figure: str, language: Language) -> str:
    group = found.moves.groups[found.moves.moves[found.mover(figure)].group]
    return WORDS[language]["largest"].format(group=_label(group, language), figure=_figure(found, figure, language))


def _group_of_mover(found: Findings, figure: str) -> list[str]:
    """The move that changes a figure most, and the others of its group."""
    first = found.mover(figure)
    group = found.moves.moves[first].group
    return [first, *(name for name, move in found.moves.moves.items() if move.group == group and name != first)]


def _glance(found: Findings, language: Language) -> list[str]:
    words, money = WORDS[language], found.moves.city_money
    rows = []
    for name in found.moves.headline:
        target, gap, mover = found.city.targets[name], found.gap(name), found.mover(name)
        rows.append(
            (
                _with_unit(found, name, language),
                _plain(found, name, found.nominal[name]),
                f"{'≤' if target.sense == 'at_most' else '≥'} {target.value:g}",
                _plain(found, name, gap) if gap else words["met"],
                _by(found, name, money),
                _part(found, name, language) if gap else "–",
                _label(found.moves.moves[mover], language),
                _by(found, name, mover),
            )
        )
    return table(words["glance_head"].format(last=LAST).split("|"), rows)


def _table(
    found: Findings, language: Language, head: Sequence[str], cells: Callable[[Moved], Sequence[str]]
) -> list[str]:
    """A row for each move under its group, then a row for each package."""
    words, empty = WORDS[language], [""] * len(head)
    rows: list[tuple[str, ...]] = []
    for group, named in found.moves.groups.items():
        rows.append((f"**{_label(named, language)}**", *empty))
        members = [name for name, move in found.moves.moves.items() if move.group == group]
        rows += [(_label(found.moves.moves[name], language), *cells(found.single[name])) for name in members]
    rows.append((f"**{words['packages']}**", *empty))
    rows += [(_label(found.scenarios[name].title, language), *cells(moved)) for name, moved in found.packages.items()]
    return table([words["change"], *head], rows)


def _notes(found: Findings, language: Language) -> list[str]:
    words = WORDS[language]
    notes = [
        f"- {_label(move, language)}{words['colon']}{move.note_zh if language == 'zh' else move.note_en}"
        for move in found.moves.moves.values()
        if move.note_en
    ]
    return [words["notes"], "", *notes, ""] if notes else []


def _part(found: Findings, figure: str, language: Language) -> str:
    """The part of a gap that the city's science money closes, in words where it rounds to nothing."""
    closed = found.closed(figure, found.moves.city_money)
    words = WORDS[language]
    return words["under"] if 0 <= closed < 1 else words["percent"].format(value=f"{closed:.0f}")


def _use(found: Findings, move: str, language: Language) -> str:
    """The use to which a move adds money, as its lever is called."""
    added = found.moves.moves[move].added_to
    return next(_label(lever, language) for lever in found.city.levers.values() if lever.constant == added)


def _label(words: object, language: Language) -> str:
    return str(getattr(words, language))


def _figure(found: Findings, name: str, language: Language) -> str:
    """A figure's label inside a sentence: without a capital, unless the first word is an abbreviation."""
    label = _label(found.city.indicators[name], language)
    return label if label.split()[0].isupper() else label[0].lower() + label[1:]


def _with_unit(found: Findings, name: str, language: Language) -> str:
    return f"{_label(found.city.indicators[name], language)}{WORDS[language]['comma']}{_unit(found, name, language)}"


def _unit(found: Findings, name: str, language: Language) -> str:
    indicator = found.city.indicators[name]
    return indicator.unit_zh if language == "zh" else indicator.unit


def _in_words(found: Findings, figure: str, move: str, language: Language) -> str:
    """What a move changes, with its unit: points where the figure is a percentage."""
    indicator = found.city.indicators[figure]
    unit = f" {_unit(found, figure, language)}"
    return _by(found, figure, move) + (WORDS[language]["points"] if indicator.unit.startswith("percent") else unit)


def _by(found: Findings, figure: str, move: str) -> str:
    return _signed(found, figure, found.single[move].figures[figure])


def _signed(found: Findings, figure: str, value: float) -> str:
    """A difference with a digit more than the figure is shown with."""
    return _sign(value, found.city.indicators[figure].decimals + 1)


def _plain(found: Findings, figure: str, value: float) -> str:
    return f"{value:,.{found.city.indicators[figure].decimals}f}".replace(",", " ")


def _sign(value: float, decimals: int = 1) -> str:
    text = f"{value:+,.{decimals}f}".replace(",", " ")
    return text if text.strip("+-0.") else "0"


def _joined(sentences: Sequence[str], language: Language) -> str:
    return ("" if language == "zh" else " ").join(sentences)
