"""One equation at a time: names resolved, functions and macros expanded into primitives and inner stocks."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

from innovation.engine.errors import ModelFault
from innovation.engine.frontend.syntax import (
    ACTIVE_INITIAL,
    STOCK,
    Apply,
    Curve,
    Listing,
    Literal,
    MacroText,
    Operate,
    Syntax,
    Text,
    Unread,
    Word,
)
from innovation.engine.ir.primitives import call
from innovation.engine.ir.structure import (
    Call,
    Expression,
    Formula,
    Interpolate,
    Number,
    Numbers,
    Piece,
    Reduce,
    Reference,
    Rule,
    Stock,
    Time,
    normalised_name,
)

from .context import EquationContext, Frame, ModelContext, Refused
from .functions import FUNCTIONS, PI, REDUCTIONS
from .initial_values import value_at_start
from .references import as_number, count_elements, index_of, listed, look_up, make_table, reduce_over, table_behind
from .vocabulary import forms, is_faulty, unknown_function, unknown_name

_XMILE_CONTROLS = {"dt": "time_step", "starttime": "initial_time", "stoptime": "final_time"}
_XMILE_NUMBERS = {"pi": PI, "inf": Number(float("inf"))}
_EVERYWHERE = {"time", "time_step", "initial_time", "final_time", *_XMILE_CONTROLS, *_XMILE_NUMBERS, "self"}
DEEPEST_EXPRESSION = 40  # deeper parts become inner variables, so that no back-end needs deep recursion
_DEEPEST = 50


class Equation:
    """Resolves the right-hand side of one equation; a ``context.EquationContext`` for all that it calls."""

    def __init__(self, resolver: ModelContext, frame: Frame) -> None:
        self.resolver = resolver
        self.frame = frame

    def rule(self, right: Syntax) -> Rule | None:
        """The rule of the equation, or None where it has a fault."""
        try:
            if isinstance(right, Unread):
                return None
            if isinstance(right, Curve):
                return make_table(self, right)
            if isinstance(right, Listing):
                return Formula(listed(self, right))
            if isinstance(right, Apply) and self.is_stock(right):
                flow, initial, *more = right.arguments
                non_negative = bool(more and isinstance(more[0], Literal) and more[0].value)
                return Stock(self.expression(flow), self.expression(initial), non_negative)
            return Formula(self.expression(right))
        except Refused:
            return None

    def is_stock(self, right: Apply) -> bool:
        """Whether this is an INTEG of Vensim, with its two arguments, or a <stock> of XMILE."""
        if self.xmile or normalised_name(right.word.name) != "integ":
            return right.word.name == STOCK
        self._check_count("integ", right)
        return True

    def refuse(self, message: str, word: str = "", unsupported: bool = False) -> Refused:
        """Record a fault of this equation, on the line where the word stands."""
        definition = self.frame.definition
        line = self.resolver.line_of(definition, word)
        self.resolver.faults.append(ModelFault(line, definition.name, message, unsupported))
        return Refused()

    def given_up(self) -> Refused:
        """The exception that ends a piece of the equation whose fault has been recorded elsewhere."""
        return Refused()

    def within(self, frame: Frame) -> Equation:
        """The same for a part that stands in another frame."""
        return Equation(self.resolver, frame)

    # expressions

    def expression(self, node: Syntax) -> Expression:
        """The resolved form of a piece of syntax, never deeper than ``DEEPEST_EXPRESSION``.

        A faulty piece becomes a placeholder, so that the faults beside it are found as well.
        """
        try:
            result = self._expression(node)
        except Refused:
            return Number(0.0)
        return self.name_once(result) if _depth(result) > DEEPEST_EXPRESSION else result

    def _expression(self, node: Syntax) -> Expression:
        if isinstance(node, Literal):
            if not isfinite(node.value):
                raise self.refuse("a number here is too large.")
            return Number(node.value)
        if isinstance(node, Word):
            return self._value(node)
        if isinstance(node, Operate):
            return self._operate(node)
        if isinstance(node, Apply):
            return self._apply(node)
        if isinstance(node, Text):
            raise self.refuse(f"the text '{node.value}' has no place in an equation.", node.value)
        kind = "a list of numbers" if isinstance(node, Listing) else "a lookup's points"
        raise self.refuse(f"{kind} must stand alone on the right of the equation.")

    def _value(self, word: Word) -> Expression:
        key = self.key_of(word.name)
        if key == "time":
            return Time()
        if self.xmile and key in _XMILE_CONTROLS and key not in self.resolver.drafts:
            key = _XMILE_CONTROLS[key]
        draft = self.resolver.drafts.get(key)
        if draft is None:
            if self.xmile and key in _XMILE_NUMBERS:
                return _XMILE_NUMBERS[key]
            if self.xmile and key == "self":
                return Reference(self.key_of(self.frame.definition.name), tuple(enumerate(self.frame.over)))
            if key in self.resolver.ranges or self.resolver.ranges.is_element(key):
                return as_number(self, key)
            raise unknown_name(self, word.name)
        if is_faulty(draft):
            raise self.given_up()
        if any(isinstance(item.right, Curve) for item in draft.definitions):
            raise self.refuse(f'"{draft.name}" is a lookup; give it an argument, as in {draft.name}(x).', word.name)
        return Reference(key, index_of(self, word, draft))

    def key_of(self, name: str) -> str:
        """The key that a name means here: a macro has names of its own."""
        key = normalised_name(name)
        if self.frame.scope is not None:
            if key.endswith("$"):
                return key[:-1]
            return self.frame.scope.get(key, key if key in _EVERYWHERE else "#unknown " + key)
        return key

    # operators and functions

    def _operate(self, node: Operate) -> Expression:
        """An operator; a chain that binds from the left may have thousands of terms, so it is walked, not recursed."""
        chain: list[Operate] = []
        first: Syntax = node
        while isinstance(first, Operate) and len(first.arguments) == 2:
            chain.append(first)
            first = first.arguments[0]
        if isinstance(first, Operate):
            result: Expression = Call(first.operator, (self.expression(first.arguments[0]),))
        else:
            result = self.expression(first)
        depth = _depth(result)
        for link in reversed(chain):
            right = self.expression(link.arguments[1])
            result = (
                FUNCTIONS["mod"](self, result, right) if link.operator == "mod" else call(link.operator, result, right)
            )
            depth = max(depth, _depth(right)) + 1
            if depth > DEEPEST_EXPRESSION:
                result, depth = self.name_once(result), 1
        return result

    def _apply(self, node: Apply) -> Expression:
        key = normalised_name(node.word.name)
        if key == "with_lookup" and len(node.arguments) == 2 and isinstance(node.arguments[1], Curve):
            return Interpolate(make_table(self, node.arguments[1]), self.expression(node.arguments[0]))
        draft = self.resolver.drafts.get(self.key_of(node.word.name))
        if draft is not None and (table := table_behind(self, node.word, draft)) is not None:
            if len(node.arguments) != 1:
                raise self.refuse(f'lookup "{draft.name}" takes 1 argument, not {len(node.arguments)}.', node.word.name)
            return Interpolate(table, self.expression(node.arguments[0]))
        if key in self.resolver.macros:
            return apply_macro(self, self.resolver.macros[key], node)
        if node.word.name == ACTIVE_INITIAL:
            return call("active_initial", *map(self.expression, node.arguments))
        if key in forms(self.xmile):
            return self._function(key, node)
        raise unknown_function(self, node, draft)

    def _function(self, key: str, node: Apply) -> Expression:
        """A function of the dialect that the file is written in."""
        self._check_count(key, node)
        form = forms(self.xmile)[key][len(node.arguments)]
        if form is not None:
            return FUNCTIONS[form.function](self, *map(self.expression, form.arguments(node.arguments)))
        if key in REDUCTIONS:
            return reduce_over(self, key, node)
        if key in ("max", "min"):
            return reduce_over(self, f"v{key}", node)
        if key == "elmcount":
            return count_elements(self, node)
        if key in ("lookup", "lookup_extrapolate"):
            return look_up(self, node, "extrapolate" if key == "lookup_extrapolate" else "")
        if key == "with_lookup":
            raise self.refuse("WITH LOOKUP takes an argument and points: WITH LOOKUP(x, ((0,1),(2,3))).", "WITH LOOKUP")
        raise self.refuse("INTEG must stand alone on the right of the equation.", "INTEG")

    def _check_count(self, key: str, node: Apply) -> None:
        """Refuse a function that is given too many or too few arguments."""
        counts = sorted(forms(self.xmile)[key])
        if len(node.arguments) not in counts:
            wanted, shown = " or ".join(map(str, counts)), key.replace("_", " ").upper()
            many = "" if wanted == "1" else "s"
            raise self.refuse(f"{shown} takes {wanted} argument{many}, not {len(node.arguments)}.", shown)

    # what expansions may ask for (context.ExpansionContext)

    @property
    def method(self) -> str:
        """How the model's stocks are integrated: 'euler' or 'rk4'."""
        return self.resolver.document.method

    @property
    def xmile(self) -> bool:
        """Whether the file is XMILE, and not Vensim's."""
        return self.resolver.document.implicit_arrays

    def name_once(self, expression: Expression) -> Expression:
        """The expression as a reference to an inner variable, if it is no plain value already."""
        if isinstance(expression, Number | Numbers | Reference | Time):
            return expression
        return self.add("part", Formula(expression))

    def add(self, label: str, rule: Rule) -> Reference:
        """A new inner variable with this rule."""
        reference = self.reserve(label)
        self.fill(reference, rule)
        return reference

    def reserve(self, label: str) -> Reference:
        """A reference to an inner variable whose rule follows."""
        key, draft = self.resolver.new_hidden(label, self.frame)
        return Reference(key, index_of(self, Word(key), draft))

    def fill(self, reference: Reference, rule: Rule) -> None:
        """Give a reserved inner variable its rule."""
        piece = Piece(self.frame.over, rule, self.frame.without, self.frame.definition.line)
        self.resolver.drafts[reference.name].pieces.append(piece)

    def whole_number(self, expression: Expression, meaning: str) -> int:
        """The value at the start of an expression that must be a whole number there, known from the file alone."""
        value, constants = value_at_start(self.resolver, expression)
        self.resolver.built_in |= constants
        if value is None or value not in range(1, 101):
            found = "" if value is None else f", not {value:g}"
            raise self.refuse(
                f"{meaning} must be a whole number from 1 to 100 when the run starts, known from numbers and constants"
                f"{found}.",
                unsupported=True,
            )
        return int(value)

    def at_start(self, expression: Expression) -> float | None:
        """The value of an expression at the start, where the file alone tells it."""
        return value_at_start(self.resolver, expression)[0]

    def refuse_part(self, message: str) -> Exception:
        """The exception to raise where a function is used in a way that is not supported."""
        return self.refuse(message, unsupported=True)

    def must_not_move(self, expression: Expression, meaning: str) -> None:
        """Refuse the model if the expression changes during a run."""
        self.resolver.still.append((self.frame.definition, expression, meaning))


def _depth(expression: Expression) -> int:
    """Levels of an expression, counted as far as the limit asks."""
    level: list[Expression] = [expression]
    depth = 0
    while level and depth <= DEEPEST_EXPRESSION + 1:
        depth += 1
        level = [part for item in level for part in _parts(item)]
    return depth


def _parts(expression: Expression) -> tuple[Expression, ...]:
    if isinstance(expression, Call):
        return expression.arguments
    if isinstance(expression, Reduce):
        return (expression.body,)
    return (expression.argument,) if isinstance(expression, Interpolate) else ()


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
