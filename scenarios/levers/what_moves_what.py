"""What moves the headline targets by 2015 and who pays, in both languages: docs/what-moves-what.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from innovation.model import PLAN_BEGINS, PLAN_ENDS, City, origin, table
from innovation.model.files import LANGUAGES, Language
from innovation.scenarios.simulation.tensions import tensions
from innovation.scenarios.words import section

from .single_changes import CITY_COST, CONTRIBUTION, MOVES, OUTPUT, RESEARCH, MoveEffect, MoveFindings, findings

LITTLE = 5.0  # per cent of a figure's own value; a smaller change is called little
WORDS = section("what_moves_what")


def what_moves_what_page(city: City) -> str:
    """The page: first in English, then in Chinese, each with its words, its overview and its two tables."""
    found = findings(city)
    parts = [[*_section(found, language), ""] for language in LANGUAGES]
    parts[0][1:1] = ["", origin(city, f"{MOVES}, the library and nominal runs")]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _section(found: MoveFindings, language: Language) -> Iterator[str]:
    words, dates, schedule = WORDS[language], {"first": PLAN_BEGINS, "last": PLAN_ENDS}, found.moves.schedule
    yield from (words("title"), "", words("words"), "")
    paragraphs = (_of_city_money, _of_contribution, _of_research)
    yield from (line for paragraph in paragraphs for line in (paragraph(found, language), ""))
    yield from (words("tensions"), "")
    said = tensions(found.city, found.figure, language)
    for name, text in said.items():
        yield f"- {_label(found.city.indicators[name], language)}{words('colon')}{text}"
    yield from (*([] if said else [words("no_tension")]), "", words("glance"), "", *_glance(found, language), "")
    yield from (words("moves", **dates), "")
    yield from (words("moves_note", start=f"{schedule.start:g}", ramp=f"{schedule.ramp:g}", **dates), "")
    head = [_with_unit(found, name, language) for name in found.moves.headline]
    yield from _table(found, language, head, lambda moved: [_signed(found, *item) for item in moved.figures.items()])
    yield from ("", *_notes(found, language), words("costs"), "", words("costs_note", **dates), "")
    heads = [
        (f"{_label(found.city.indicators[name], language)}{words('comma')}{PLAN_ENDS}", words("sum", **dates))
        for name in found.moves.costs
    ]
    head = [part for pair in heads for part in pair]
    yield from _table(
        found, language, head, lambda moved: [_sign(cost) for pair in moved.costs.values() for cost in pair]
    )


def _of_city_money(found: MoveFindings, language: Language) -> str:
    words, money, most = WORDS[language], found.moves.city_money, found.most
    move, size = found.moves.moves[money], abs(found.relative(most, money))
    said = [
        words("little" if size < LITTLE else "much", group=_label(found.moves.groups[move.group], language)),
        words(
            "money",
            move=_label(move, language),
            cost=f"{found.single[money].costs[CITY_COST][1]:.1f}",
            most=f"{size:.1f}",
            figure=_figure(found, most, language),
            by=_in_words(found, most, money, language),
            first=PLAN_BEGINS,
            last=PLAN_ENDS,
        ),
        words("none_missed"),
    ]
    if found.missed:
        parts: dict[str, list[str]] = {}
        for name in sorted(found.missed, key=lambda name: -found.closed(name, money)):
            parts.setdefault(_part(found, name, language), []).append(_figure(found, name, language))
        named = [words("part", percent=part, figures=words("and").join(of)) for part, of in parts.items()]
        said[-1] = words("closed", parts=words("then").join(named))
    said.append(words("itself"))
    uses = [name for name, other in found.moves.moves.items() if other.added_to]
    if uses:
        ends = {"low": min(uses, key=found.by(most)), "high": max(uses, key=found.by(most))}
        moved = {end: _by(found, most, use) for end, use in ends.items()}
        used = {f"{end}_use": _use(found, use, language) for end, use in ends.items()}
        said.append(words("uses", **moved, **used))
    return _joined(said, language)


def _of_contribution(found: MoveFindings, language: Language) -> str:
    """What moves the contribution rate most, with all of its group, and which single changes meet a target."""
    words = WORDS[language]
    said = [_largest(found, CONTRIBUTION, language)]
    for move in _group_of_mover(found, CONTRIBUTION):
        beside, label = f"{found.relative(OUTPUT, move):+.1f}", _label(found.moves.moves[move], language)
        by = _in_words(found, CONTRIBUTION, move, language)
        figure = _figure(found, OUTPUT, language)
        said.append(words("moved", move=label, by=by, beside=figure, by_beside=beside))
    said.append(words("money_moved", by=_in_words(found, CONTRIBUTION, found.moves.city_money, language)))
    return _joined(said, language)


def _of_research(found: MoveFindings, language: Language) -> str:
    """What moves R&D intensity most and who pays for it; which missed targets a single change meets."""
    words = WORDS[language]
    said = [_largest(found, RESEARCH, language)]
    for move in _group_of_mover(found, RESEARCH):
        costs = found.single[move].costs
        payer = max(costs, key=lambda name: costs[name][1])
        paid = {"label": _figure(found, payer, language), "cost": _sign(costs[payer][1])}
        label, by = _label(found.moves.moves[move], language), _in_words(found, RESEARCH, move, language)
        said.append(words("paid", move=label, by=by, first=PLAN_BEGINS, last=PLAN_ENDS, **paid))
    said.append(words("money_moved", by=_in_words(found, RESEARCH, found.moves.city_money, language)))
    met = {name: [move for move in found.single if found.closed(name, move) >= 100] for name in found.missed}
    named = [
        words(
            "met_by",
            figure=_figure(found, name, language),
            moves=words("then").join(_label(found.moves.moves[move], language) for move in moves),
        )
        for name, moves in met.items()
        if moves
    ]
    if named:
        said.append(words("meets", met=words("and").join(named)))
    elif found.missed:
        said.append(words("none_meets"))
    return _joined(said, language)


def _largest(found: MoveFindings, figure: str, language: Language) -> str:
    group = found.moves.groups[found.moves.moves[found.mover(figure)].group]
    return WORDS[language]("largest", group=_label(group, language), figure=_figure(found, figure, language))


def _group_of_mover(found: MoveFindings, figure: str) -> list[str]:
    """The move that changes a figure most, and the others of its group."""
    first = found.mover(figure)
    group = found.moves.moves[first].group
    return [first, *(name for name, move in found.moves.moves.items() if move.group == group and name != first)]


def _glance(found: MoveFindings, language: Language) -> list[str]:
    words, money = WORDS[language], found.moves.city_money
    rows = []
    for name in found.moves.headline:
        target, gap, mover = found.city.targets[name], found.gap(name), found.mover(name)
        rows.append(
            (
                _with_unit(found, name, language),
                _plain(found, name, found.nominal[name]),
                f"{'≤' if target.sense == 'at_most' else '≥'} {target.value:g}",
                _plain(found, name, gap) if gap else words("met"),
                _by(found, name, money),
                _part(found, name, language) if gap else "–",
                _label(found.moves.moves[mover], language),
                _by(found, name, mover),
            )
        )
    return table(words("glance_head", last=PLAN_ENDS).split("|"), rows)


def _table(
    found: MoveFindings, language: Language, head: Sequence[str], cells: Callable[[MoveEffect], Sequence[str]]
) -> list[str]:
    """A row for each move under its group, then a row for each package."""
    words, empty = WORDS[language], [""] * len(head)
    rows: list[tuple[str, ...]] = []
    for group, named in found.moves.groups.items():
        rows.append((f"**{_label(named, language)}**", *empty))
        members = [name for name, move in found.moves.moves.items() if move.group == group]
        rows += [(_label(found.moves.moves[name], language), *cells(found.single[name])) for name in members]
    rows.append((f"**{words('packages')}**", *empty))
    rows += [(_label(found.scenarios[name].title, language), *cells(moved)) for name, moved in found.packages.items()]
    return table([words("change"), *head], rows)


def _notes(found: MoveFindings, language: Language) -> list[str]:
    words = WORDS[language]
    notes = [
        f"- {_label(move, language)}{words('colon')}{move.note_zh if language == 'zh' else move.note_en}"
        for move in found.moves.moves.values()
        if move.note_en
    ]
    return [words("notes"), "", *notes, ""] if notes else []


def _part(found: MoveFindings, figure: str, language: Language) -> str:
    """The part of a gap that the city's science money closes, in words where it rounds to nothing."""
    closed = found.closed(figure, found.moves.city_money)
    words = WORDS[language]
    return words("under") if 0 <= closed < 1 else words("percent", value=f"{closed:.0f}")


def _use(found: MoveFindings, move: str, language: Language) -> str:
    """The use to which a move adds money, as its lever is called."""
    added = found.moves.moves[move].added_to
    return next(_label(lever, language) for lever in found.city.levers.values() if lever.constant == added)


def _label(words: object, language: Language) -> str:
    return str(getattr(words, language))


def _figure(found: MoveFindings, name: str, language: Language) -> str:
    """A figure's label inside a sentence: without a capital, unless the first word is an abbreviation."""
    label = _label(found.city.indicators[name], language)
    return label if label.split()[0].isupper() else label[0].lower() + label[1:]


def _with_unit(found: MoveFindings, name: str, language: Language) -> str:
    return f"{_label(found.city.indicators[name], language)}{WORDS[language]('comma')}{_unit(found, name, language)}"


def _unit(found: MoveFindings, name: str, language: Language) -> str:
    indicator = found.city.indicators[name]
    return indicator.unit_zh if language == "zh" else indicator.unit


def _in_words(found: MoveFindings, figure: str, move: str, language: Language) -> str:
    """What a move changes, with its unit: points where the figure is a percentage."""
    indicator = found.city.indicators[figure]
    unit = f" {_unit(found, figure, language)}"
    return _by(found, figure, move) + (WORDS[language]("points") if indicator.unit.startswith("percent") else unit)


def _by(found: MoveFindings, figure: str, move: str) -> str:
    return _signed(found, figure, found.single[move].figures[figure])


def _signed(found: MoveFindings, figure: str, value: float) -> str:
    """A difference with a digit more than the figure is shown with."""
    return _sign(value, found.city.indicators[figure].decimals + 1)


def _plain(found: MoveFindings, figure: str, value: float) -> str:
    return f"{value:,.{found.city.indicators[figure].decimals}f}".replace(",", " ")


def _sign(value: float, decimals: int = 1) -> str:
    text = f"{value:+,.{decimals}f}".replace(",", " ")
    return text if text.strip("+-0.") else "0"


def _joined(sentences: Sequence[str], language: Language) -> str:
    return WORDS[language]("between").join(sentences)
