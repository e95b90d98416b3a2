"""Names and numbers of the trial on other places, as its section says them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .results import Kept, Row
from .results import number as cell

SETS = {"nations": "nations", "provinces": "Chinese provinces", "patents": "long Chinese series of patents"}
LABELS = {
    "gdp_real": "real product", "gdp_nominal": "nominal product", "industry_nominal": "industry, nominal",
    "patents_resident": "patents applied for by residents", "patents_nonresident": "patents applied for by others",
    "trademarks_resident": "trademarks of residents", "rd_gdp_share": "R&D over product",
    "rd_expenditure": "R&D spending", "hightech_exports": "high-tech exports",
    "hightech_export_share": "share of high-tech in exports", "exports": "exports",
    "public_spending": "public spending",
    "public_spending_share": "public spending over product", "education_share": "education over product",
    "articles": "scientific articles", "listed_companies": "listed companies",
    "fixed_investment_nominal": "fixed investment, nominal", "fixed_investment_real": "fixed investment, real",
    "fixed_investment_share": "fixed investment over product", "employment": "employment",
    "patents_granted": "patents granted", "rd_personnel": "R&D personnel",
    "contracts_sold": "technology contracts sold",
    "contracts_bought": "technology contracts bought", "patents_long": "patents, long series",
}  # fmt: skip
SETS_ZH = {"nations": "各国", "provinces": "各省", "patents": "长期专利序列"}
LABELS_ZH = {
    "gdp_real": "实际生产总值", "gdp_nominal": "名义生产总值", "industry_nominal": "名义工业增加值",
    "patents_resident": "本国居民专利申请", "patents_nonresident": "非居民专利申请",
    "trademarks_resident": "本国居民商标申请", "rd_gdp_share": "研发投入占生产总值比重",
    "rd_expenditure": "研发投入", "hightech_exports": "高技术产品出口",
    "hightech_export_share": "高技术产品占出口比重", "exports": "出口",
    "public_spending": "公共支出",
    "public_spending_share": "公共支出占生产总值比重", "education_share": "教育支出占生产总值比重",
    "articles": "科技论文", "listed_companies": "上市公司",
    "fixed_investment_nominal": "名义固定资产投资", "fixed_investment_real": "实际固定资产投资",
    "fixed_investment_share": "固定资产投资占生产总值比重", "employment": "就业人数",
    "patents_granted": "专利授权", "rd_personnel": "研发人员",
    "contracts_sold": "技术合同输出", "contracts_bought": "技术合同吸纳", "patents_long": "专利长期序列",
}  # fmt: skip
FEW, MUCH = (0.45, 0.60), (0.86, 0.95)  # outside these an indicator's coverage is told


def rows_of(kept: Kept, by: str, name: str | None = None, rule: str | None = None) -> list[Row]:
    """Rows of a kind, of all sets or one, of all rules or one, in their order."""
    return [row for row in kept.rows if row["by"] == by and name in (None, row["set"]) and rule in (None, row["rule"])]


def row_of(kept: Kept, by: str, name: str, of: str, rule: str = "rule") -> Row:
    """The row of a set that speaks of one thing."""
    return next(row for row in rows_of(kept, by, name, rule) if row["of"] == of)


def is_off(row: Row) -> bool:
    """Whether the coverage of a row lies outside what is told as right."""
    half, most = cell(row, "inside_50"), cell(row, "inside_90")
    return not (FEW[0] <= half <= FEW[1] and MUCH[0] <= most <= MUCH[1])


def is_low(row: Row) -> bool:
    """Whether too few lie in the bands of a row: they are too narrow there."""
    return cell(row, "inside_50") < FEW[0] or cell(row, "inside_90") < MUCH[0]


def naive(kept: Kept, row: Row) -> tuple[str, str]:
    """Coverage of trend and walk on the cases of a row, a dash where there is none."""
    found = {other["rule"]: other for other in rows_of(kept, row["by"], row["set"]) if other["of"] == row["of"]}
    return bands(found.get("trend")), bands(found.get("walk"))


def bands(row: Row | None) -> str:
    """Per cent inside the 50 % and the 90 % band, a dash where there is no row."""
    if row is None:
        return "–"
    return f"{100 * cell(row, 'inside_50'):.0f} / {100 * cell(row, 'inside_90'):.0f}"


def ratios(row: Row) -> tuple[str, str]:
    """CRPS over that of the trend and of the walk, a dash where there is none."""
    trend, walk = (cell(row, name) for name in ("over_trend", "over_walk"))
    return ("–" if math.isnan(trend) else f"{trend:.2f}"), ("–" if math.isnan(walk) else f"{walk:.2f}")


def span(rows: Sequence[Row], column: str) -> str:
    """From the least to the largest per cent of a column."""
    values = [100 * cell(row, column) for row in rows]
    return f"{min(values):.0f}–{max(values):.0f}"


def set_and_bands(row: Row) -> str:
    """The indicator and the set of a row, and its bands."""
    return f"{LABELS.get(row['of'], row['of'])} of {SETS[row['set']]} ({bands(row)})"


def whole(text: str) -> str:
    """A whole number with thousands apart."""
    return f"{int(text):,}".replace(",", " ")
