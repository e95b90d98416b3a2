"""From resolved drafts to Variables: kinds and inputs, which show only when all equations are known."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING

from engine.errors import MOST_TERMS, Fault, Faults
from engine.structure import (
    Call,
    Expression,
    Formula,
    Number,
    Numbers,
    Reduce,
    Reference,
    Rule,
    Stock,
    Table,
    Variable,
    children,
    references,
    rule_expressions,
)
from engine.subscripts import Ranges

if TYPE_CHECKING:
    from engine.resolve import Draft


def check_work(drafts: Iterable[Draft], faults: Faults) -> None:
    """Stop reading where the equations, written out element by element, have more parts than can be handled."""
    work = 0
    for draft in drafts:
        for piece in draft.pieces:
            work += prod(map(len, piece.over)) * sum(map(_parts, rule_expressions(piece.rule)))
            if work > MOST_TERMS:
                message = f"with this equation the model, element by element, has {work} terms"
                name = draft.name.partition(" in ")[2] if draft.hidden else draft.name
                faults.stop(Fault(piece.line, name, f"{message}; at most {MOST_TERMS} can be computed."))


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
