"""The <sim_specs> of an XMILE file: the integration method and the time controls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from .syntax import Definition, Literal, Operate, Syntax, Unread, Word
from .xmile_tags import tag_name

_METHODS = {"euler": "euler", "": "euler", "rk4": "rk4", "rk2": "rk4"}  # RK2 falls back to RK4 (XMILE 1.0, 3.4.1)
_NUMBER = re.compile(r"(?:[A-Za-z_ ]+=)?\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")  # Vensim writes TIME_STEP=1
_NAMES = {"start": "INITIAL TIME", "stop": "FINAL TIME", "dt": "TIME STEP"}
_ISEE = "{http://iseesystems.com/XMILE}"
CONTROL_NAMES = {*_NAMES.values(), "SAVEPER"}
Report = Callable[[Any, str, str, bool], Unread]


def method(specs: Any, report: Report) -> str:
    """The first integration method of the file's list that is computed: 'euler' or 'rk4'."""
    written = (specs.get("method") or "").strip()
    for one in written.split(","):
        if one.strip().lower() in _METHODS:
            return _METHODS[one.strip().lower()]
    message = f"integration by {written} is not supported. Choose Euler or RK4 in the model's settings."
    report(specs, "", message, True)
    return "euler"


def controls(specs: Any, report: Report) -> Iterator[Definition]:
    """The time controls; a step of time is 1 where the file says nothing."""
    unit = specs.get("time_units", "")
    nodes = {tag_name(node): node for node in reversed(specs)}
    for kind, name in _NAMES.items():
        node = nodes.get(kind)
        if node is None and kind != "dt":
            continue
        text = "1" if node is None else " ".join((node.text or "").split())
        right = _number(text)
        if isinstance(right, Unread):
            report(node, name, f'<{kind}> must be a number; this is "{text}".', False)
        elif node is not None and (node.get("reciprocal") or "").lower() == "true":
            right = Operate("/", (Literal(1.0), right))
        line = specs.sourceline if node is None else node.sourceline
        yield Definition(name, (), (), right, f"{name} = {text}", line, unit)
    if (run := nodes.get("run")) is not None and run.get("by", "all") != "all":
        report(run, "", f'<run by="{run.get("by")}"> is not supported: all of a model is run.', True)
    if specs.get(_ISEE + "instantaneous_flows", "false").lower() == "true":
        report(specs, "", 'isee:instantaneous_flows="true" is not supported.', True)
    yield _saveper(specs, nodes.get("vensim:saveper"), unit, report)


def settled(found: list[Definition], doubled: Iterable[tuple[str, Any]], report: Report) -> list[Definition]:
    """The time controls, where a file that was converted from Vensim has them as variables too: both must agree.

    ``doubled`` are those variables by name; what <sim_specs> says of saving by default gives way to theirs.
    """
    known = {definition.name: definition for definition in found}
    for name, node in doubled:
        if name not in known:
            continue  # its <start> or <stop> is missing, which is a fault by itself
        text = " ".join(next((child.text or "" for child in node if tag_name(child) == "eqn"), "").split())
        control = known[name]
        there, here = _value(control.right), _value(_saved(text) if name == "SAVEPER" else _number(text))
        if name == "SAVEPER" and isinstance(control.right, Word) and here is not None:
            known[name] = replace(control, right=Literal(here), text=f"{name} = {text}", line=node.sourceline)
        elif here != there:
            shown = "the step of time" if there is None else f"{there:g}"
            report(node, name, f'it is "{text}" here and {shown} in <sim_specs>. Write the same in both.', False)
    return list(known.values())


def _value(right: Syntax) -> float | None:
    """The number of a control; None for the step of time."""
    if isinstance(right, Operate):
        return 1 / value if (value := _value(right.arguments[1])) else None
    return right.value if isinstance(right, Literal) else None if isinstance(right, Word) else float("nan")


def _saved(text: str) -> Syntax:
    return Word("time_step") if text.lower() in ("", "time_step", "dt") else _number(text)


def _saveper(specs: Any, node: Any, unit: str, report: Report) -> Definition:
    """How often values are kept, which two vendors write: by themselves, as the standard has no word for it."""
    text = " ".join(((node.text if node is not None else specs.get(_ISEE + "save_interval")) or "").split())
    right = _saved(text)
    if isinstance(right, Unread):
        report(specs, "SAVEPER", f'the interval of saving must be a number; this is "{text}".', False)
    return Definition("SAVEPER", (), (), right, f"SAVEPER = {text or 'time_step'}", specs.sourceline, unit)


def _number(text: str) -> Syntax:
    found = _NUMBER.fullmatch(text)
    return Literal(float(found.group(1))) if found else Unread()
