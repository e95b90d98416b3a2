"""A macro's equations put in place, once for each use: every name inside becomes an inner variable of that use."""

from __future__ import annotations

from dataclasses import replace

from engine.context import EquationContext
from engine.structure import Expression, Formula, Piece, Reference, normalised_name
from engine.syntax import Apply, MacroText

_DEEPEST = 50


def apply_macro(caller: EquationContext, macro: MacroText, node: Apply) -> Expression:
    """The value of a macro at the arguments of one use."""
    frame, resolver = caller.frame, caller.resolver
    most, given = len(macro.inputs), len(node.arguments)
    if not most - len(macro.defaults) <= given <= most:
        least = f"{most - len(macro.defaults)} to " if macro.defaults else ""
        raise caller.refuse(f"macro {macro.name} takes {least}{most} arguments, not {given}.", macro.name)
    if normalised_name(macro.name) in frame.inside:
        raise caller.refuse(f"macro {macro.name} uses itself.", macro.name)
    if len(frame.inside) >= _DEEPEST:
        raise caller.refuse(f"macros use each other more than {_DEEPEST} deep.", macro.name)
    if any(definition.subscripts for definition in macro.definitions):
        raise caller.refuse(
            f"macro {macro.name} has subscripted variables; that is not supported.", macro.name, unsupported=True
        )
    scope: dict[str, str] = {}
    for name, argument in zip(macro.inputs, node.arguments, strict=False):
        reference = caller.add(f"{macro.name} {name}", Formula(caller.expression(argument)))
        scope[normalised_name(name)] = reference.name
    for name, default in list(zip(reversed(macro.inputs), reversed(macro.defaults), strict=False))[: most - given][
        ::-1
    ]:
        inner = caller.within(replace(frame, scope=scope))  # a default may refer to the inputs before it
        reference = caller.add(f"{macro.name} {name}", Formula(inner.expression(default)))
        scope[normalised_name(name)] = reference.name
    drafts = []
    for definition in macro.definitions:
        key, draft = resolver.new_hidden(f"{macro.name} {definition.name}", frame)
        draft.definitions = [replace(definition, name=draft.name)]
        scope[normalised_name(definition.name)] = key
        drafts.append((draft, definition))
    for draft, definition in drafts:
        inside = replace(frame, definition=definition, scope=scope, inside=(*frame.inside, normalised_name(macro.name)))
        rule = caller.within(inside).rule(definition.right)
        if rule is not None:
            draft.pieces.append(Piece(frame.over, rule, frame.without, definition.line))
    result = scope.get(normalised_name(macro.name))
    if result is None:
        raise caller.refuse(
            f"macro {macro.name} does not define the variable {macro.name}, which is its value.", macro.name
        )
    return Reference(result, tuple((number, positions) for number, positions in enumerate(frame.over)))
