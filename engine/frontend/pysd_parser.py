"""Model files into Documents, equation by equation, through PySD's parser; no other file imports it.

PySD splits nothing here: we cut the file ourselves, so each equation keeps its line and one pass finds every fault.
"""

from __future__ import annotations

import ast
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from innovation.engine.errors import Faults, ModelFault, ModelFileError

from . import vensim_elements, xmile_equations
from .encoding import text_of
from .pysd_trees import to_syntax
from .syntax import (
    RAW_DATA,
    Apply,
    Definition,
    MacroText,
    Mapping,
    ModelDocument,
    SubscriptRange,
    Syntax,
    Text,
    Unread,
    Word,
)
from .xmile import read_xmile

VENSIM, XMILE = (".mdl",), (".xmile", ".stmx", ".itmx", ".xml")
_METHODS = {0: "euler", 5: "rk4"}  # the fourth number of a .mdl file's setting 15, in the order of Vensim's own menu
_OTHER_METHODS = {1: "RK4 Auto", 2: "Diff", 3: "RK2", 4: "RK2"}
_BARE_NAME = re.compile(r"(\"[^\"]*\"|\w[\w $.']*)\s*(\[[^\]]*\])?")
_DEPTH = 100_000
_depth_lock = threading.Lock()


def read_document(path: Path, content: bytes, faults: Faults) -> ModelDocument:
    """Parse a model file's bytes; the faults found are added, and what could be read comes back.

    Raises
    ------
    ModelFileError
        The file is empty, no text, or of no known kind.
    """
    if not content.strip():
        raise ModelFileError(
            path, [ModelFault(0, "", "the file is empty. Expected a Vensim (.mdl) or XMILE (.xmile, .stmx) model.")]
        )
    suffix = path.suffix.lower()
    if suffix not in VENSIM + XMILE:
        known = ", ".join(VENSIM + XMILE)
        raise ModelFileError(path, [ModelFault(0, "", f'a model file ends in one of {known}; "{path.name}" does not.')])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if suffix in VENSIM:
            return _read_vensim(path, content, faults)
        return read_xmile(path, content, _xmile_parser(), faults)


@cache
def _xmile_parser() -> Callable[[str], Syntax]:
    """PySD's parser for one equation of XMILE, by the ranks of the standard."""
    from pysd.translators.xmile import xmile_element, xmile_utils

    xmile_element.eval = _number_text  # nothing in a model file is run as Python
    visitor = _xmile_visitor(xmile_element.EquationVisitor)
    grammar = xmile_utils.parsimonious.Grammar(xmile_equations.GRAMMAR)
    return lambda text: to_syntax(visitor(grammar.parse(text)).translation)


@cache
def _vensim_parser() -> Callable[[str], Any]:
    """PySD's parser for one element of a .mdl file; what it returns carries the tree of its right side."""
    from pysd.translators.vensim import vensim_element, vensim_structures, vensim_utils

    vensim_element.eval = _number_text
    rules = vensim_utils.Grammar._read_grammar("components") % vensim_structures.parsing_ops
    visitor = _visitor(vensim_element.EquationVisitor)
    grammar = vensim_utils.parsimonious.Grammar(rules.replace(*_COMMAS))

    def parse(text: str) -> Any:
        component = vensim_element.Element(text, "", "").parse()
        kind = type(component).__name__
        if kind == "Lookup" or (kind == "Data" and not component.expression):
            component.parse()
        elif kind in ("Component", "UnchangeableConstant", "Data"):
            component.ast = visitor(grammar.parse(component.expression)).translation
        return component

    return parse


# PySD lets the comma between two arguments fall, and takes one after the last.
_COMMAS = ('((string / final_expr) _ ","? _)*', '((string / final_expr) _ ("," _ !")" / &")"))*')


def _visitor(base: Any) -> Any:
    """PySD's walk through an equation, in which every function keeps its name and arguments as they are written."""
    from pysd.translators.structures.abstract_expressions import CallStructure

    class Visitor(base):
        def visit_call(self, node: Any, parts: Any) -> Any:
            return self.add_element(CallStructure(self.elements[parts[0]], self.elements[parts[4]]))

    return Visitor


def _xmile_visitor(base: Any) -> Any:
    """The same for XMILE, with its unary NOT and MOD between factors."""
    from pysd.translators.structures.abstract_expressions import (
        ArithmeticStructure,
        CallStructure,
        LogicStructure,
        ReferenceStructure,
    )
    from pysd.translators.xmile.xmile_utils import split_arithmetic

    plain: Any = _visitor(base)

    class Visitor(plain):
        def visit_not_expr(self, node: Any, parts: Any) -> Any:
            return self.add_element(LogicStructure([":NOT:"], (self.elements[parts[2]],)))

        def visit_prod_expr(self, node: Any, parts: Any) -> Any:
            return split_arithmetic(ArithmeticStructure, r"\*|/|mod", "".join(parts).strip(), self.elements)

        def visit_conditional_statement(self, node: Any, parts: Any) -> Any:
            choice = tuple(self.elements[part] for part in (parts[3], parts[8], parts[13]))
            return self.add_element(CallStructure(ReferenceStructure("if_then_else"), choice))

    return Visitor


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Room for recursion while a file is read: PySD's parser needs some sixty calls a bracket; our limits bound it."""
    with _depth_lock:
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(before, _DEPTH))
        try:
            yield
        finally:
            sys.setrecursionlimit(before)


_TERM = r"\s*(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)\s*"
_SUM = re.compile(rf"\s*[+-]?{_TERM}(?:[+-]{_TERM})*")


def _number_text(text: str) -> Any:
    """Stands in for the ``eval`` that PySD calls on parts of a file: sums of numbers and literals, nothing else."""
    if _SUM.fullmatch(text):
        terms = re.findall(rf"([+-]?)({_TERM})", text)
        total = 0.0
        for sign, term in terms:
            total = total - float(term) if sign == "-" else total + float(term)
        return total
    return ast.literal_eval(text)


def _read_vensim(path: Path, content: bytes, faults: Faults) -> ModelDocument:
    text = text_of(content)
    if "\x00" in text:
        raise ModelFileError(
            path,
            [ModelFault(0, "", "this is not a text file: it holds zero bytes. Expected Vensim's text format (.mdl).")],
        )
    cut = vensim_elements.cut_elements(text, faults)
    setting, line = cut.integration
    if setting not in _METHODS:
        message = f"integration by {_OTHER_METHODS.get(setting, f'setting {setting}')} is not supported."
        faults.append(ModelFault(line, "", f"{message} Choose Euler or RK4 Fixed in the model's settings.", True))
    vensim_elements.check_length(sum(len(element.equation) for element in cut.elements), faults)
    ranges: list[SubscriptRange] = []
    definitions: dict[str, list[Definition]] = {"": []}
    for element in cut.elements:
        parsed = _parse(element, _vensim_parser(), faults)
        if isinstance(parsed, SubscriptRange):
            ranges.append(parsed)
        elif parsed is not None:
            definitions.setdefault(element.macro, []).append(parsed)
    macros = tuple(
        MacroText(head.name, head.inputs, head.outputs, tuple(definitions.get(head.name, ())), head.line)
        for head in cut.macros
    )
    if not faults and not cut.elements:
        faults.append(
            ModelFault(0, "", "no equation was found. Expected elements: name = equation ~ unit ~ comment |.")
        )
    return ModelDocument(tuple(definitions[""]), tuple(ranges), macros, _METHODS.get(setting, "euler"))


def _parse(
    element: vensim_elements.Element, parser: Callable[..., Any], faults: Faults
) -> Definition | SubscriptRange | None:
    """One element through PySD's parser; a fault and None where it cannot be read."""
    faults.heed_time()
    equation = vensim_elements.without_comments(element.equation)
    name = element.name
    if excess := vensim_elements.beyond_reading(equation):
        faults.append(ModelFault(element.line, name, excess))
        return _unread(element)
    head, *arrow = re.split(r"(?<!<)->", equation, maxsplit=1)
    try:  # PySD counts the elements that a mapping names among the range's own: it gets the part before the arrow
        text = head if arrow and "=" not in head else vensim_elements.with_plain_bases(equation)
        if _BARE_NAME.fullmatch(text):
            text += " :INTERPOLATE:"  # a data variable, as Vensim takes it
        component = parser(text)
        kind = type(component).__name__
        if kind == "SubscriptRange":
            return _range(component, equation, element, faults)
        if kind in ("Constraint", "TestInput"):
            faults.append(
                ModelFault(
                    element.line, name, "reality checks (:THE CONDITION:, :TEST INPUT:) are not supported.", True
                )
            )
            return None
        right = to_syntax(component.ast)
    except Exception as error:  # PySD's parser raises many kinds, none meant for the reader of this message
        faults.append(_parse_fault(element, equation, error))
        return _unread(element)
    unit, limits = vensim_elements.unit_and_limits(element.unit)
    if kind == "Data":
        right = _data(component, right)
    exceptions = tuple(tuple(group) for group in component.subscripts[1])
    return Definition(
        component.name, tuple(component.subscripts[0]), exceptions, right, equation, element.line, unit,
        element.sentence, limits, element.group, source=element.equation,
    )  # fmt: skip


def _data(component: Any, right: Syntax) -> Syntax:
    """A data variable without an equation, or one that an Excel file gives; others are computed from data."""
    word = right.word.name if isinstance(right, Apply) else ""
    if word == RAW_DATA:
        return Apply(Word(word), (Text(component.keyword or "interpolate"),))
    return right if word.startswith("get_") else Apply(Word("data_equation"), ())


def _unread(element: vensim_elements.Element) -> Definition:
    """What is left of an equation that the parser could not read: its name and subscripts."""
    left = element.equation[len(element.name) :].partition("=")[0]
    inside = left.partition("[")[2].partition("]")[0] if left.lstrip().startswith("[") else ""
    subscripts = tuple(part.strip() for part in inside.split(",") if part.strip())
    return Definition(element.name, subscripts, (), Unread(), "", element.line, source=element.equation)


def _parse_fault(element: vensim_elements.Element, equation: str, error: Exception) -> ModelFault:
    """What the parser stumbled over, in words: the text from where it stopped."""
    if equation.count("(") != equation.count(")"):
        opened, closed = equation.count("("), equation.count(")")
        return ModelFault(element.line, element.name, f"{opened} brackets are opened and {closed} closed.")
    text, place = getattr(error, "text", None), getattr(error, "pos", None)
    rest = text[place : place + 30].strip() if isinstance(text, str) and isinstance(place, int) else ""
    if not rest:
        right = equation.partition("=")[2].strip() or equation
        return ModelFault(
            element.line,
            element.name,
            f'the equation cannot be read: "{right[:40]}". Check its operators and brackets.',
        )
    line = vensim_elements.line_of(rest.split(" ")[0].strip("()+-*/,"), element.equation, element.line)
    return ModelFault(
        line, element.name, f'the equation cannot be read from "{rest}" on. Check names, brackets and operators there.'
    )


def _range(component: Any, equation: str, element: vensim_elements.Element, faults: Faults) -> SubscriptRange | None:
    """A subscript range with its mappings, which we read ourselves: PySD keeps only the name mapped to."""
    if isinstance(component.definition, str):
        return SubscriptRange(component.name, (), (), component.definition, element.line)
    if isinstance(component.definition, dict):
        faults.append(
            ModelFault(
                element.line, component.name, "GET XLS/DIRECT SUBSCRIPT is not supported: it reads another file.", True
            )
        )
        return SubscriptRange(component.name, ())
    mappings = []
    for part in _outer_parts("".join(re.split(r"(?<!<)->", equation, maxsplit=1)[1:])):
        onto, colon, targets = part.strip("() ").partition(":")
        listed = tuple(target.strip() for target in targets.split(",")) if colon else None
        mappings.append(Mapping(onto.strip(), listed))
    return SubscriptRange(component.name, tuple(component.definition), tuple(mappings), None, element.line)


def _outer_parts(text: str) -> list[str]:
    """Split at commas outside brackets."""
    parts, depth = [""], 0
    for mark in text:
        depth += (mark in "([") - (mark in ")]")
        if mark == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += mark
    return [part.strip() for part in parts if part.strip()]
