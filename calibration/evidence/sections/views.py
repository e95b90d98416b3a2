"""The section of the page on views of how the city works: whether the record tells them apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from innovation.calibration.evidence.evidence import Evidence
from innovation.model import table
from innovation.scenarios.simulation import SURE, is_told, prior_weight, weight_error

from .words import counted


@dataclass(frozen=True)
class Weighed:
    """The weight of the second view of a variant before the record and after it, with the standard error of the latter.

    `is_uninformed` says that no figure depends on it.
    """

    variant: str
    before: float
    after: float
    error: float
    is_uninformed: bool
    is_told: bool


def weighed(found: Evidence) -> list[Weighed]:
    """Every variant, in the order of the registry.

    The error counts as many draws as the worst coordinate is worth: a switch may be among the slow ones.
    """
    basis = found.basis
    draws = basis.draws.worth if basis.draws else len(basis.z)
    known = {one.name: one for one in found.learned}
    rows = []
    for name, entry in found.city.variants.items():
        one, before = known[entry.constant], prior_weight(found.city, name)
        after = before if one.is_uninformed else float(one.after[1])
        rows.append(
            Weighed(name, before, after, weight_error(before, draws), one.is_uninformed, is_told(before, after, draws))
        )
    return rows


def views_section(found: Evidence) -> Iterator[str]:
    """Weights of structural variants before and after the record."""
    yield "## Views of how the city works"
    yield ""
    rows = weighed(found)
    if not rows:
        yield "The model has one view of everything."
        return
    told, uninformed = (sum(getattr(row, name) for row in rows) for name in ("is_told", "is_uninformed"))
    yield f"{counted(len(rows), 'structural variant')}: switches that each draw has on or off. The weight of a view"
    yield "before the record is judgement; after it, the share of draws that have it. By more than"
    yield f"{SURE:g} standard errors the record moves the weights of {told}, and so tells their views apart; it"
    yield f"**cannot tell apart** those of {len(rows) - told}, of {uninformed} as no figure to 2010 depends on them."
    yield ""
    yield from table(("variant", "view", "before", "after", "the record"), (_row(found, row) for row in rows))


def _row(found: Evidence, row: Weighed) -> tuple[str, ...]:
    entry = found.city.variants[row.variant]
    after = "–" if row.is_uninformed else f"{100 * row.after:.0f} ± {100 * row.error:.1f} %"
    said = (
        "says nothing of it" if row.is_uninformed else "tells them apart" if row.is_told else "cannot tell them apart"
    )
    return entry.en, entry.views[1].en, f"{100 * row.before:.0f} %", after, said
