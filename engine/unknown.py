"""What to say of a word that an equation uses and that means nothing there."""

from __future__ import annotations

from engine.context import Draft, EquationContext, Refused
from engine.structure import normalised_name
from engine.syntax import Apply, Curve, Text, Unread
from engine.vocabulary import NOT_WRITTEN, REFUSED, forms, instead


def unknown_name(equation: EquationContext, name: str) -> Refused:
    """A name that no equation defines."""
    drafts, shown = equation.resolver.drafts, name.replace("_", " ").strip('"')
    if equation.frame.scope is not None and normalised_name(name) in drafts:
        outside = f"stands outside this macro. Write {shown}$, or give it as an argument."
        return equation.refuse(f'"{shown}" {outside}', name)
    if normalised_name(name) in REFUSED:
        return equation.refuse(f"{shown.upper()} is not supported: {REFUSED[normalised_name(name)]}.", name, True)
    close = equation.resolver.faults.nearest(shown, lambda: [one.name for one in drafts.values() if not one.hidden])
    return equation.refuse(f'"{shown}" is not defined.{close}', name)


def unknown_function(equation: EquationContext, node: Apply, draft: Draft | None) -> Refused:
    """A name with arguments that is neither a function, nor a lookup, nor a macro."""
    shown = node.word.name.replace("_", " ").strip('"')
    key = normalised_name(shown)
    if draft is not None and is_faulty(draft):
        return equation.given_up()
    if draft is not None:
        return equation.refuse(f'"{draft.name}" is neither a function nor a lookup, and is given an argument.', shown)
    if key == NOT_WRITTEN:
        return equation.refuse("it has no equation yet: Vensim writes A FUNCTION OF in its place.", shown)
    if here := instead(key, equation.xmile):
        return equation.refuse(f"{shown.upper()} is not supported {here}.", shown, unsupported=True)
    if key in REFUSED:
        return equation.refuse(f"{shown.upper()} is not supported: {REFUSED[key]}.", shown, unsupported=True)
    for part in node.arguments:
        if not isinstance(part, Text):
            equation.expression(part)
    close = equation.resolver.faults.nearest(shown, lambda: _functions(equation))
    return equation.refuse(f'unknown function "{shown.upper()}".{close}', shown)


def _functions(equation: EquationContext) -> list[str]:
    """All that may be given arguments in a file."""
    drafts = equation.resolver.drafts.values()
    lookups = [one.name for one in drafts if any(isinstance(part.right, Curve) for part in one.definitions)]
    macros = [macro.name for macro in equation.resolver.macros.values()]
    return [*(name.replace("_", " ").upper() for name in forms(equation.xmile)), *lookups, *macros]


def is_faulty(draft: Draft) -> bool:
    """Whether a variable's own fault has been named already."""
    return any(
        isinstance(item.right, Unread)
        or (isinstance(item.right, Apply) and normalised_name(item.right.word.name) in REFUSED)
        for item in draft.definitions
        if not draft.hidden
    )
