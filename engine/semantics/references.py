"""What a name in an equation refers to: elements by subscripts, points of a lookup, the ranges of SUM and its kin."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product
from math import isfinite, prod

from innovation.engine.errors import MOST_VALUES
from innovation.engine.frontend.syntax import Apply, Curve, Listing, Operate, Syntax, Word
from innovation.engine.ir.structure import (
    Expression,
    Index,
    Interpolate,
    Number,
    Numbers,
    Reduce,
    Reference,
    Table,
    normalised_name,
)

from .context import Draft, EquationContext
from .functions import REDUCTIONS
from .subscripts import SubscriptLoop


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


def reduce_over(equation: EquationContext, function: str, node: Apply) -> Expression:
    """A reduction over the ranges marked with ! in its argument."""
    names = list(dict.fromkeys(_summed(equation, node.arguments[0])))
    shown = node.word.name.upper()
    if not names and equation.xmile:
        raise equation.refuse(f"{shown} needs a dimension to run over that its equation does not have itself.", shown)
    if not names:
        raise equation.refuse(f"{shown} needs a subscript to run over, marked with ! as in {shown}(x[range!]).", shown)
    frame, ranges = equation.frame, equation.resolver.ranges
    added = [SubscriptLoop(key, ranges.elements(key), True) for key in names]
    steps = prod(map(len, frame.over)) * prod(len(loop.elements) for loop in added)
    if steps > MOST_VALUES:
        raise equation.refuse(f"{shown} has {steps} terms here; at most {MOST_VALUES} can be computed.", shown)
    every = tuple(tuple(range(len(loop.elements))) for loop in added)
    inside = replace(
        frame,
        dims=(*frame.dims, *names),
        over=(*frame.over, *every),
        loops=[*frame.loops, *added],
        without=tuple((*skipped, *rest) for skipped in frame.without for rest in product(*every)),
    )
    body = equation.within(inside).expression(_marked(equation, node.arguments[0], set(names)))
    return Reduce(REDUCTIONS[function], len(frame.loops), tuple(len(loop.elements) for loop in added), body)


def count_elements(equation: EquationContext, node: Apply) -> Expression:
    """ELMCOUNT: the number of elements of a range."""
    (word,) = node.arguments
    key = normalised_name(word.name) if isinstance(word, Word) else ""
    ranges = equation.resolver.ranges
    if key not in ranges:
        raise equation.refuse(
            f"ELMCOUNT takes the name of a range.{equation.resolver.faults.nearest(key, ranges.names)}", "ELMCOUNT"
        )
    return Number(float(len(ranges.elements(key))))


def _summed(equation: EquationContext, node: Syntax) -> list[str]:
    """The ranges marked with ! in an argument; XMILE leaves the mark out where a range is not on the left."""
    if isinstance(node, Apply):
        key = normalised_name(node.word.name)
        if key in REDUCTIONS or (equation.xmile and key in ("max", "min") and len(node.arguments) == 1):
            return []
        parts = [*node.arguments, node.word] if node.word.subscripts else node.arguments
        return [key for part in parts for key in _summed(equation, part)]
    if isinstance(node, Operate):
        return [key for part in node.arguments for key in _summed(equation, part)]
    if not isinstance(node, Word):
        return []
    found = []
    for text in _subscripts(equation, node):
        key = normalised_name(text.rstrip("! "))
        free = equation.resolver.document.implicit_arrays and running(equation, key, False)[1] is None
        if (text.endswith("!") or free) and key in equation.resolver.ranges:
            found.append(key)
    return found


def _marked(equation: EquationContext, node: Syntax, names: set[str]) -> Syntax:
    """For XMILE: the argument with the mark that Vensim wants on the ranges a reduction runs over."""
    if not equation.resolver.document.implicit_arrays:
        return node
    if isinstance(node, Apply):
        return Apply(node.word, tuple(_marked(equation, part, names) for part in node.arguments))
    if isinstance(node, Operate):
        return Operate(node.operator, tuple(_marked(equation, part, names) for part in node.arguments))
    if isinstance(node, Word):
        subscripts = _subscripts(equation, node)
        return Word(node.name, tuple(one + "!" if normalised_name(one) in names else one for one in subscripts))
    return node


def _subscripts(equation: EquationContext, word: Word) -> tuple[str, ...]:
    """The subscripts of a word; XMILE may leave them all out."""
    draft = equation.resolver.drafts.get(equation.key_of(word.name))
    if not word.subscripts and draft is not None and equation.resolver.document.implicit_arrays:
        return draft.dims
    return word.subscripts
