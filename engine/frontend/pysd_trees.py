"""PySD's syntax trees, recognised by the names of their classes, as ours."""

from __future__ import annotations

from typing import Any

from innovation.engine.ir.primitives import NOT_AVAILABLE

from .syntax import RAW_DATA, Apply, Curve, Listing, Literal, Operate, Syntax, Text, Word


def to_syntax(node: Any) -> Syntax:
    """PySD's syntax tree as ours; functions keep the names that the file gives them."""
    kind = type(node).__name__
    if isinstance(node, bool | int | float) or kind in ("float64", "int64"):
        value = float(node)
        return Literal(NOT_AVAILABLE if value != value else value)
    if kind == "ndarray":
        values = tuple(float(value) for value in node.ravel())
        return Literal(values[0]) if node.ndim == 0 else Listing(values)
    if isinstance(node, str):
        return Text(node)
    if kind == "ReferenceStructure":
        subscripts = node.subscripts.subscripts if node.subscripts is not None else ()
        if not isinstance(node.reference, str):
            raise ValueError("a name is expected here")
        return Word(node.reference, tuple(subscripts))
    if kind == "ArithmeticStructure":
        return _arithmetic(list(node.operators), [to_syntax(part) for part in node.arguments])
    if kind == "LogicStructure":
        return _logic([name.upper() for name in node.operators], [to_syntax(part) for part in node.arguments])
    if kind == "CallStructure":
        word = to_syntax(node.function)
        assert isinstance(word, Word)
        return Apply(word, tuple(to_syntax(part) for part in node.arguments))
    if kind == "LookupsStructure":
        return Curve(tuple(map(float, node.x)), tuple(map(float, node.y)), node.type)
    if kind == "InlineLookupsStructure":
        return Apply(Word("with_lookup"), (to_syntax(node.argument), to_syntax(node.lookups)))
    return Apply(Word(_STRUCTURES[kind]), ())


_STRUCTURES = {"GetLookupsStructure": "get_direct_lookups", "DataStructure": RAW_DATA}


_MOST_POWERS = 50


def _arithmetic(operators: list[str], arguments: list[Syntax]) -> Syntax:
    """Operators of one rank: powers bind from the right, the others from the left."""
    if operators == ["negative"]:
        inner = arguments[0]
        return Literal(-inner.value) if isinstance(inner, Literal) else Operate("negative", (inner,))
    if operators[-1] == "^":
        if len(operators) > _MOST_POWERS:
            raise ValueError("too many powers of powers")
        result = arguments[-1]
        for base in reversed(arguments[:-1]):
            if isinstance(base, Literal) and base.value < 0:  # the minus of -2^x belongs to the power
                result = Operate("negative", (Operate("^", (Literal(-base.value), result)),))
            else:
                result = Operate("^", (base, result))
        return result
    result = arguments[0]
    for operator, argument in zip(operators, arguments[1:], strict=True):
        result = Operate(operator.lower(), (result, argument))
    return result


def _logic(operators: list[str], arguments: list[Syntax]) -> Syntax:
    """NOT, a comparison, or a chain in which :AND: binds before :OR: (Vensim manual, operator precedence)."""
    if operators == [":NOT:"]:
        return Operate("not", (arguments[0],))
    if operators[0] not in (":AND:", ":OR:"):
        return Operate(operators[0], tuple(arguments))
    terms = [arguments[0]]
    for operator, argument in zip(operators, arguments[1:], strict=True):
        if operator == ":AND:":
            terms[-1] = Operate("and", (terms[-1], argument))
        else:
            terms.append(argument)
    result = terms[0]
    for term in terms[1:]:
        result = Operate("or", (result, term))
    return result
