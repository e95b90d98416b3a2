"""Lookups in an equation: the points of each, and which one a name used as a function means."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite

from engine.context import Draft, EquationContext
from engine.indexing import index_of
from engine.structure import Expression, Interpolate, Reference, Table, normalised_name
from engine.syntax import Apply, Curve, Word


def table_behind(equation: EquationContext, word: Word, draft: Draft) -> Table | Reference | None:
    """The table of a lookup, or of a variable with a graphical function; None for any other variable."""
    if any(isinstance(item.right, Curve) for item in draft.definitions):
        return Reference(normalised_name(draft.name), index_of(equation, word, draft))
    right = draft.definitions[0].right if len(draft.definitions) == 1 else None
    if isinstance(right, Apply) and right.word.name == "with_lookup" and isinstance(right.arguments[1], Curve):
        return make_table(equation, right.arguments[1])
    return None


def make_table(equation: EquationContext, curve: Curve) -> Table:
    """The points of a lookup, checked."""
    if len(curve.x) != len(curve.y) or not curve.x:
        raise equation.refuse(f"a lookup has {len(curve.x)} x and {len(curve.y)} y values; it needs as many of each.")
    if not all(map(isfinite, (*curve.x, *curve.y))):
        raise equation.refuse("a point of a lookup is no finite number.")
    if any(after <= before for before, after in pairwise(curve.x)):
        raise equation.refuse("the x of a lookup must rise from point to point; two stand at one x, or out of order.")
    return Table(curve.x, curve.y, curve.method)


def look_up(equation: EquationContext, node: Apply, method: str) -> Expression:
    """LOOKUP and LOOKUP EXTRAPOLATE: the value of a lookup, by its own method or another beyond its points."""
    table, argument = node.arguments
    draft = equation.resolver.drafts.get(equation.key_of(table.name)) if isinstance(table, Word) else None
    found = table_behind(equation, table, draft) if draft is not None and isinstance(table, Word) else None
    if found is None:
        shown = node.word.name.replace("_", " ").upper()
        raise equation.refuse(f"{shown} takes a lookup's name and an argument.", shown)
    return Interpolate(found, equation.expression(argument), method)
