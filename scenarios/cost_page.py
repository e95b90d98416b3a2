"""What scenarios and levers cost, in both languages: docs/costs.md, from kept numbers and from prices.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model import City
from model.pages import origin, table
from model.prices import PRICES, payer_shares, resource_shares

from .cost_words import EFFECT, number, payer_name
from .cost_words import WORDS as COST_WORDS
from .costs import BASE_YEAR, FIRST, INDUCED, LAST, MONEY, OTHERS, PRICED, RATES, SOCIAL, WHOLE
from .mixes import WAYS
from .reading import library, load_scenario
from .reports import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
SEEN = 0.05
WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "# What scenarios and levers cost",
        "made": "Scenarios are run with {members} draws of the posterior {posterior}, model {model}, against 2010 "
        "practice in the same draws. Each cell has the median and in brackets the 5th and 95th percentile of the "
        "draws.",
        "rules": "Costs are what policies take beyond 2010 practice. {rule} Loans and guarantees count by their "
        "expected loss and running, never by volume; fixed investment by a yearly charge of interest and wear on the "
        "extra "
        "capital, never by the spending itself. The charge falls on investors and not on the city, as it is no payment "
        "out of a budget. What enterprises and investors spend in answer is no price of a lever and stands apart.",
        "stale": "**These numbers are stale. {fault} Run `cli.py findings`, then `cli.py docs`.**",
        "none": "No numbers are kept. Run `cli.py findings`, then `cli.py docs`.",
        "payers": "## By payer, sum {first} to {last}, 1e8 CNY at current prices",
        "scenario": "scenario",
        "brings": "## Social resource cost, what it rests on, and what comes of it",
        "brings_head": "scenario|worth at {rates} %, 1e8 CNY of {base}|without a source, %|levers without a price"
        "|{figure} {last}|of it levers other than science money, %|of it science money, %|of it unpriced levers, %",
        "brings_note": "Worth in {base} of the social resource cost of {first} to {last}. Without a source: part of "
        "the "
        "money whose unit cost is an analogy or a judgement. What levers other than science money and science money "
        "bring is "
        "each by itself: beside each other they need not sum to 100 %.",
        "answers": "## The economy's answer, sum {first} to {last}, 1e8 CNY: no price, and in no cost above",
        "equal": "## Equal cost twice",
        "equal_note": "Mixes at the science share at which they cost what the plan costs, first in city money (those "
        "of "
        "the library), then in social resources; of the nominal run, worth in {base}, 1e8 CNY. A star: no share "
        "within the "
        "lever's range brings it there.",
        "equal_head": "mix|share at equal city money, %|city|social|share at equal social cost, %|city|social",
        "levers": "## What each lever costs",
        "levers_note": "Unit costs and their priors stand in innovation.mdl (group K) and parameters.yaml.",
        "lever_head": "lever|what is paid for|payers, %|used up, %|timing|unit cost from|source",
        "running": "running",
        "once": "once",
        "source": "source",
        "analogy": "analogy",
        "judgement": "judgement",
        "free": "Of no cost of their own, parts of one sum: {levers}.",
        "unpriced": "**Without a price, and so in no cost: {levers}.**",
        "all_priced": "Every other lever has a price.",
        "premium": " and the premium",
        "and": ", ",
    },
    "zh": {
        "title": "# 各情景和政策杠杆的成本",
        "made": "各情景用后验抽样{members}组（模型 {model}，后验 {posterior}）运行，"
        "与同一组抽样下的2010年做法相比。"
        "每格为中位数，括号内为第5和第95百分位。",
        "rules": "成本指超出2010年做法的部分。{rule}贷款和担保按预期损失和运行费用计，不按规模计；"
        "固定资产投资按新增资本的利息与折旧逐年计，不计投资额本身，由投资者承担而不由市财政承担，因为这不是预算支出。"
        "企业和投资者因此增加的投入是经济反应，不是价格，另行列示。",
        "stale": "**以下数字已过时，属于其他模型、抽样、情景或价格。请先运行 `cli.py findings`，"
        "再运行 `cli.py docs`。**",
        "none": "没有保存的数字。请先运行 `cli.py findings`，再运行 `cli.py docs`。",
        "payers": "## 按承担者，{first}至{last}年合计，亿元，现价",
        "scenario": "情景",
        "brings": "## 社会资源成本、依据和效果",
        "brings_head": "情景|按{rates}%贴现，{base}年价格，亿元|没有出处的部分，%|没有价格的政策数|{last}年{figure}"
        "|其中科技经费以外的政策，%|其中科技经费，%|其中没有价格的政策，%",
        "brings_note": "{first}至{last}年社会资源成本折算到{base}年。没有出处指单价为类比或判断。"
        "科技经费与其他政策均为单独作用，两者不必合计为100%。",
        "answers": "## 经济自身的反应，{first}至{last}年合计，亿元：不是价格，也不在上述成本之内",
        "equal": "## 两种同等花费",
        "equal_note": "各组合在何种科技支出比例下与规划花费相同：先按市财政成本（情景库所用），"
        "再按社会资源成本；名义运行，折算到{base}年，亿元。星号：该政策杠杆的范围内没有这样的比例。",
        "equal_head": "组合|市财政成本相同时的比例，%|市财政|社会|社会成本相同时的比例，%|市财政|社会",
        "levers": "## 各政策杠杆的成本",
        "levers_note": "单价及其先验分布见 innovation.mdl（K组）和 parameters.yaml。",
        "lever_head": "政策杠杆|支付内容|承担者，%|实际消耗，%|时间|单价依据|来源",
        "running": "逐年",
        "once": "一次",
        "source": "出处",
        "analogy": "类比",
        "judgement": "判断",
        "free": "自身没有成本、只是同一笔经费的分配：{levers}。",
        "unpriced": "**没有价格、因此未计入任何成本：{levers}。**",
        "all_priced": "其他政策杠杆均有价格。",
        "premium": "及价差",
        "and": "、",
    },
}


@dataclass(frozen=True)
class CostRow:
    """One kept number of a scenario: a payer's sum, a present value, an effect of a part of its levers, …; a band."""

    scenario: str
    what: str
    measure: str
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class KeptCosts:
    """Rows that were kept, what their head says, and what is wrong with them as they stand, None where nothing is."""

    rows: Sequence[CostRow]
    head: Mapping[str, str]
    fault: str | None

    @cached_property
    def found(self) -> Mapping[tuple[str, str, str], CostRow]:
        """Each row by scenario, what and measure."""
        return {(row.scenario, row.what, row.measure): row for row in self.rows}

    def cell(self, scenario: str, what: str, measure: str) -> str:
        """The median and the band; a dash where nothing is kept."""
        row = self.found.get((scenario, what, measure))
        if row is None or np.isnan(row.middle):
            return "–"
        return f"{number(row.middle)} ({number(row.low)} … {number(row.high)})"

    def middle(self, scenario: str, what: str, measure: str) -> float:
        """The median; not a number where nothing is kept."""
        row = self.found.get((scenario, what, measure))
        return float("nan") if row is None else row.middle


def costs_text(city: City, kept: KeptCosts) -> str:
    """The page: in English, then in Chinese, what scenarios cost by kept numbers, and each lever's prices."""
    parts = [[*_section(city, kept, language), ""] for language in LANGUAGES]
    parts[0][1:1] = ["", origin(city, f"kept numbers, {PRICES} and the model file")]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _section(city: City, kept: KeptCosts, language: Language) -> Iterator[str]:
    words = WORDS[language]
    dates = {"first": FIRST, "last": LAST, "base": BASE_YEAR}
    yield from (words["title"], "")
    if kept.fault and kept.rows:
        yield from (words["stale"].format(fault=kept.fault), "")
    yield from (words["rules"].format(rule=COST_WORDS[language]["rule"]), "")
    if kept.rows:
        said = {name: kept.head.get(name, "–") for name in ("members", "model", "posterior")}
        yield from (words["made"].format(**said), "")
        yield from (words["payers"].format(**dates), "", *_payers(city, kept, language), "")
        yield from (words["brings"], "", words["brings_note"].format(**dates), "", *_brings(city, kept, language), "")
        yield from (words["answers"].format(**dates), "", *_answers(city, kept, language), "")
        yield from (words["equal"], "", words["equal_note"].format(**dates), "", *_equal(city, kept, language), "")
    else:
        yield from (words["none"], "")
    yield from (words["levers"], "", words["levers_note"], "", *_levers(city, language), "", *_others(city, language))


def _titles(city: City, language: Language) -> dict[str, str]:
    return {name: str(getattr(load_scenario(city, name).title, language)) for name in library()}


def _payers(city: City, kept: KeptCosts, language: Language) -> Iterator[str]:
    payers = [*city.prices.payers, SOCIAL]
    head = [WORDS[language]["scenario"], *(payer_name(city, payer, language) for payer in payers)]
    rows = [
        [title, *(kept.cell(name, "sum", payer) for payer in payers)] for name, title in _titles(city, language).items()
    ]
    yield from table(head, rows)


def _brings(city: City, kept: KeptCosts, language: Language) -> Iterator[str]:
    figure = str(getattr(city.indicators[EFFECT], language))
    rates = " / ".join(f"{100 * rate:g}" for rate in RATES)
    head = WORDS[language]["brings_head"].format(rates=rates, base=BASE_YEAR, last=LAST, figure=figure).split("|")
    rows = []
    for name, title in _titles(city, language).items():
        worth = " / ".join(kept.cell(name, "present value", f"{100 * rate:g}") for rate in RATES)
        unpriced = kept.middle(name, "count", "unpriced")
        whole = kept.middle(name, EFFECT, WHOLE)
        parts = [_percent(kept.middle(name, EFFECT, part), whole) for part in (OTHERS, MONEY)]
        left = whole - kept.middle(name, EFFECT, PRICED) if unpriced else 0.0
        rows.append(
            [
                title,
                worth,
                _whole(kept.middle(name, "share", "without source")),
                _whole(unpriced),
                kept.cell(name, EFFECT, WHOLE),
                *parts,
                _percent(left, whole),
            ]
        )
    yield from table(head, rows)


def _percent(part: float, whole: float) -> str:
    return "–" if np.isnan(whole) or abs(whole) < SEEN else _whole(100 * part / whole)


def _whole(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.0f}".replace("-0", "0") if abs(value) < 0.5 else f"{value:.0f}"


def _answers(city: City, kept: KeptCosts, language: Language) -> Iterator[str]:
    head = [WORDS[language]["scenario"], *(str(getattr(city.indicators[name], language)) for name in INDUCED)]
    rows = [
        [title, *(kept.cell(name, "induced", figure) for figure in INDUCED)]
        for name, title in _titles(city, language).items()
    ]
    yield from table(head, rows)


def _equal(city: City, kept: KeptCosts, language: Language) -> Iterator[str]:
    titles = _titles(city, language)
    rows = []
    for name in dict.fromkeys(row.scenario for row in kept.rows if row.what == f"equal {WAYS[0]}"):
        cells = [titles[name]]
        for way in (f"equal {by}" for by in WAYS):
            star = "" if kept.middle(name, way, "is equal") else " *"
            cells.append(f"{100 * kept.middle(name, way, 'share'):.3g}{star}")
            cells += [number(kept.middle(name, way, cost)) for cost in WAYS]
        rows.append(cells)
    yield from table(WORDS[language]["equal_head"].split("|"), rows)


def _levers(city: City, language: Language) -> Iterator[str]:
    """A line for each lever and each thing that it pays, from prices.yaml and the model."""
    words, elements = WORDS[language], list(city.model.subscripts["price"])
    payers, shares, used = city.model.subscripts["payer"], payer_shares(city.model), resource_shares(city.model)
    rows = []
    for lever in city.levers:
        for name in city.prices.of(lever):
            price, place = city.prices.prices[name], elements.index(name)
            paying = words["and"].join(
                f"{payer_name(city, payer, language)} {100 * share:g}"
                for payer, share in zip(payers, shares[place], strict=True)
                if share
            )
            part = f"{100 * used[place]:g}" + (words["premium"] if price.premium else "")
            basis = [words[price.timing], words[price.kind], price.source]
            rows.append(
                [str(getattr(city.levers[lever], language)), str(getattr(price, language)), paying, part, *basis]
            )
    yield from table(words["lever_head"].split("|"), rows)


def _others(city: City, language: Language) -> Iterator[str]:
    """Levers that cost nothing of their own, and those that have no price."""
    words = WORDS[language]

    def named(levers: Sequence[str]) -> str:
        return words["and"].join(str(getattr(city.levers[name], language)) for name in levers)

    yield from (words["free"].format(levers=named(city.prices.free)), "")
    unpriced = city.prices.unpriced(list(city.levers))
    yield words["unpriced"].format(levers=named(unpriced)) if unpriced else words["all_priced"]
