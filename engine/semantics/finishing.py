"""What shows only when all equations are resolved: what moves, how much work they are; then drafts become Variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod

from innovation.engine.errors import MOST_TERMS, Faults, ModelFault
from innovation.engine.frontend.syntax import Definition
from innovation.engine.ir.structure import (
    Call,
    Expression,
    FixedDelay,
    Formula,
    Held,
    Number,
    Numbers,
    Reduce,
    Reference,
    Rule,
    Stock,
    Table,
    Time,
    Variable,
    children,
    references,
    rule_expressions,
    walk,
)

from .context import Draft
from .subscripts import Ranges


def check_still(
    drafts: Mapping[str, Draft], still: Iterable[tuple[Definition, Expression, str]], faults: Faults
) -> None:
    """Refuse expressions that must keep their value during a run and do not."""
    readers: dict[str, list[str]] = {}
    moving: list[str] = []
    for key, draft in drafts.items():
        rules = [piece.rule for piece in draft.pieces]
        formulas = [rule.expression for rule in rules if isinstance(rule, Formula)]
        if any(isinstance(rule, Stock | FixedDelay | Held) for rule in rules) or any(map(_reads_time, formulas)):
            moving.append(key)
        for formula in formulas:
            for reference in references(formula):
                readers.setdefault(reference.name, []).append(key)
    moves = set(moving)
    while moving:
        new = set(readers.get(moving.pop(), ())) - moves
        moves |= new
        moving += new
    for definition, expression, meaning in still:
        if _reads_time(expression) or any(reference.name in moves for reference in references(expression)):
            message = f"{meaning} changes during the run; that is not supported."
            faults.append(ModelFault(definition.line, definition.name, message, True))


def check_work(drafts: Iterable[Draft], faults: Faults) -> None:
    """Stop reading where the equations, written out element by element, have more parts than can be handled."""
    work = 0
    for draft in drafts:
        for piece in draft.pieces:
            work += prod(map(len, piece.over)) * sum(map(_parts, rule_expressions(piece.rule)))
            if work > MOST_TERMS:
                message = f"with this equation the model, element by element, has {work} terms"
                name = draft.name.partition(" in ")[2] if draft.hidden else draft.name
                faults.stop(ModelFault(piece.line, name, f"{message}; at most {MOST_TERMS} can be computed."))


def _parts(expression: Expression) -> int:
    """How many parts an expression has, each as often as its sums run over it."""
    inside = 1 + sum(map(_parts, children(expression)))
    return inside * prod(expression.sizes) if isinstance(expression, Reduce) else inside


class Finisher:
    """Drafts into Variables: kinds, inputs, and the faults that show only when all are known."""

    def __init__(self, drafts: dict[str, Draft], ranges: Ranges, built_in: set[str]) -> None:
        self.drafts = drafts
        self.built_in = built_in
        self.ranges = ranges
        self.flows = {key for draft in drafts.values() for key in self._terms_of_stocks(draft)}

    def variables(self) -> dict[str, Variable]:
        """All variables of the model by key."""
        return {key: self._variable(key, draft) for key, draft in self.drafts.items()}

    def _terms_of_stocks(self, draft: Draft) -> Iterable[str]:
        if draft.hidden:
            return
        for piece in draft.pieces:
            if isinstance(piece.rule, Stock):
                yield from _terms(piece.rule.rate)

    def _variable(self, key: str, draft: Draft) -> Variable:
        last = {
            part: next((getattr(item, part) for item in reversed(draft.definitions) if getattr(item, part)), "")
            for part in ("unit", "sentence", "group")
        }
        first = draft.definitions[0] if draft.definitions else None
        limits = next((item.limits for item in draft.definitions if item.limits != (None, None)), (None, None))
        names = dict.fromkeys(self.drafts[name].name for name in self._inputs(draft) if name in self.drafts)
        return Variable(
            draft.name, self._kind(key, draft), last["unit"], last["sentence"], last["group"],
            first.line if first else 0,
            tuple(self.ranges.spelling[dim] for dim in draft.dims), "\n".join(item.text for item in draft.definitions),
            tuple(names), limits, tuple(draft.pieces), draft.hidden, key in self.built_in,
        )  # fmt: skip

    def _kind(self, key: str, draft: Draft) -> str:
        rules: list[Rule] = [piece.rule for piece in draft.pieces]
        if any(isinstance(rule, Stock) for rule in rules):
            return "stock"
        if any(isinstance(rule, Table) for rule in rules):
            return "lookup"
        if rules and all(isinstance(rule, Formula) and isinstance(rule.expression, Number | Numbers) for rule in rules):
            return "constant"
        return "flow" if key in self.flows or any(item.flow for item in draft.definitions) else "auxiliary"

    def _inputs(self, draft: Draft) -> Iterable[str]:
        """The visible variables an equation reads, in reading order, those read through inner variables included."""
        seen: set[str] = set()
        waiting = [iter(_read(draft))] if not draft.hidden else []
        while waiting:
            name = next(waiting[-1], None)
            if name is None:
                waiting.pop()
                continue
            inner = self.drafts.get(name)
            if inner is None or not inner.hidden:
                yield name
            elif name not in seen:
                seen.add(name)
                waiting.append(iter(_read(inner)))


def _read(draft: Draft) -> list[str]:
    """The keys that a variable's pieces refer to."""
    expressions = [expression for piece in draft.pieces for expression in rule_expressions(piece.rule)]
    return [reference.name for expression in expressions for reference in references(expression)]


def _terms(rate: Expression) -> Iterable[str]:
    """The variables that a signed sum adds up."""
    if isinstance(rate, Reference):
        yield rate.name
    elif isinstance(rate, Call) and rate.function in ("+", "-", "negative"):
        for part in rate.arguments:
            yield from _terms(part)


def _reads_time(expression: Expression) -> bool:
    return any(isinstance(part, Time) for part in walk(expression))
