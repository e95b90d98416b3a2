"""SUM, PROD, VMIN, VMAX and ELMCOUNT: which ranges they run over, and their argument resolved inside those loops."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import prod

from engine.context import EquationContext
from engine.errors import MOST_VALUES
from engine.functions import REDUCTIONS
from engine.indexing import running
from engine.structure import Expression, Number, Reduce, normalised_name
from engine.subscripts import SubscriptLoop
from engine.syntax import Apply, Operate, Syntax, Word


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
