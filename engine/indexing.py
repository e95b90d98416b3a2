"""Subscripts in an equation: which element of a variable each means, at every step of the equation's loops."""

from __future__ import annotations

from math import isfinite, prod

from engine.context import Draft, EquationContext
from engine.structure import Expression, Index, Number, Numbers, normalised_name
from engine.syntax import Listing, Word


def index_of(equation: EquationContext, word: Word, draft: Draft) -> tuple[Index, ...]:
    """Which element of a variable a reference means, at each step of the loops."""
    ranges, subscripts = equation.resolver.ranges, word.subscripts
    if draft.hidden:
        return tuple((number, positions) for number, positions in enumerate(equation.frame.over[: len(draft.dims)]))
    if not subscripts and draft.dims and equation.resolver.document.implicit_arrays:
        subscripts = tuple(ranges.spelling.get(dim, "") for dim in draft.dims)
    if len(subscripts) != len(draft.dims):
        given = f"[{', '.join(subscripts)}]" if subscripts else "no subscripts"
        wanted = ", ".join(ranges.spelling.get(dim, "?") for dim in draft.dims)
        expected = f"expected [{wanted}]" if wanted else "it takes none"
        raise equation.refuse(f'"{draft.name}" is used with {given}; {expected}.', word.name)
    return tuple(_place(equation, text, dim, draft) for text, dim in zip(subscripts, draft.dims, strict=True))


def _place(equation: EquationContext, text: str, dim: str, draft: Draft) -> Index:
    """Which element of a dimension a subscript means at each step of a loop."""
    resolver, bound = equation.resolver, text.endswith("!")
    ranges, key = resolver.ranges, normalised_name(text.rstrip("! "))
    if not dim:
        raise equation.given_up()
    loop, elements = running(equation, key, bound)
    if elements is None and ranges.is_element(key):
        loop, elements = -1, (key,)
    if elements is None:
        if key in ranges.ill_mapped:
            raise equation.given_up()
        if key in ranges:
            message = f'range "{text}" of "{draft.name}" is not on the left, nor mapped to one there, nor summed (!).'
            raise equation.refuse(message, text)
        close = resolver.faults.nearest(text, ranges.names)
        raise equation.refuse(f'subscript "{text}" is neither a range nor an element.{close}', text)
    inside = ranges.positions(dim)
    missing = [element for element in elements if element not in inside]
    if missing:
        listed = ", ".join(ranges.spelling[element] for element in missing)
        raise equation.refuse(
            f'"{draft.name}" has no element {listed} (its dimension is {ranges.spelling[dim]}).', text
        )
    return loop, tuple(inside[element] for element in elements)


def running(equation: EquationContext, key: str, bound: bool) -> tuple[int, tuple[str, ...] | None]:
    """The loop that a range follows and the elements it takes there: the same range or one standing in."""
    if key not in equation.resolver.ranges:
        return -1, None
    numbered = [(number, loop) for number, loop in enumerate(equation.frame.loops) if loop.bound == bound]
    for number, loop in reversed(numbered) if bound else numbered:
        if loop.range == key:
            return number, loop.elements
    for number, loop in numbered:
        found = equation.resolver.ranges.standing_in(key, loop)
        if found is not None:
            return number, found
    return -1, None


def as_number(equation: EquationContext, key: str) -> Expression:
    """The place of a subscript in its range, from 1, where its name stands for a number."""
    ranges = equation.resolver.ranges
    if key in ranges:
        for number, loop in enumerate(equation.frame.loops):
            if loop.range == key:
                values = tuple(float(ranges.main_position(element)) for element in loop.elements)
                return Numbers((number,), (len(values),), values)
    if ranges.is_element(key):
        return Number(float(ranges.main_position(key)))
    raise equation.refuse(
        f'range "{ranges.spelling[key]}" stands for a number only where the left side runs over it.', key
    )


def listed(equation: EquationContext, node: Listing) -> Expression:
    """Numbers written one after the other, row by row."""
    sizes = tuple(len(positions) for positions in equation.frame.over)
    if len(node.values) != prod(sizes):
        raise equation.refuse(f"{len(node.values)} numbers stand here; its subscripts need {prod(sizes)}.")
    if not all(map(isfinite, node.values)):
        raise equation.refuse("a number here is too large.")
    return Numbers(tuple(range(len(sizes))), sizes, node.values)
