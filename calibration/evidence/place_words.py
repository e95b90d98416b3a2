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


def rows_of(kept: Kept, by: str, name: str | None = None, rule: str | None = None) -> list[Row]:
    """Rows of a kind, of all sets or one, of all rules or one, in their order."""
    return [row for row in kept.rows if row["by"] == by and name in (None, row["set"]) and rule in (None, row["rule"])]


def row_of(kept: Kept, by: str, name: str, of: str, rule: str = "rule") -> Row:
    """The row of a set that speaks of one thing."""
    return next(row for row in rows_of(kept, by, name, rule) if row["of"] == of)


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
