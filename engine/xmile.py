"""XMILE files into Documents: the XML is checked and walked here, equations go to the parser the reader hands in."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any

from engine.elements import DEEPEST_BRACKETS, too_deep, with_plain_bases
from engine.errors import Fault, ModelFileError
from engine.syntax import Definition, Document, Range, Syntax, Unread

_LOOKUP_CALL = re.compile(r"\blookup\s*\(\s*(\w+)\s*,", re.IGNORECASE)  # LOOKUP(table, x), which PySD reads as points
_METHODS = {"euler": "euler", "": "euler", "rk4": "rk4"}
_UNREAD = ("module", "macro", "conveyor", "queue", "oven")


def read_xmile(
    path: FilePath, content: bytes, section: Callable[..., Any], to_syntax: Callable[[Any], Syntax]
) -> tuple[Document, list[Fault]]:
    """Parse an XMILE file's bytes with PySD's ``Section`` class; faults come back with what could be read.

    Raises
    ------
    ModelFileError
        The file is no well-formed XML, declares entities, or has no model.
    """
    root = _root(path, content)
    space = root.nsmap.get(None, "")
    if not space or root.find(f"{{{space}}}model") is None or root.find(f"{{{space}}}sim_specs") is None:
        raise ModelFileError(
            path, [Fault(0, "", "this XML is no XMILE model: expected <xmile xmlns=…> with <sim_specs> and <model>.")]
        )
    faults = [
        Fault(node.sourceline, node.get("name", ""), f"<{kind}> is not supported.", True)
        for kind in _UNREAD
        for node in root.iter(f"{{{space}}}{kind}")
    ]
    for node in root.iter(f"{{{space}}}eqn"):
        if too_deep(node.text or ""):
            name = node.getparent().get("name", "")
            faults.append(
                Fault(node.sourceline, name, f"brackets are nested deeper than {DEEPEST_BRACKETS}. Split the equation.")
            )
            node.text = "0"
        node.text = _LOOKUP_CALL.sub(r"\1(", with_plain_bases(node.text or ""))
    specs = root.find(f"{{{space}}}sim_specs")
    method = (specs.get("method") or "").strip()
    if method.lower() not in _METHODS:
        message = f"integration by {method} is not supported. Choose Euler or RK4 in the model's settings."
        faults.append(Fault(specs.sourceline, "", message, True))
    try:
        parsed = section("__main__", path, "main", [], [], root, space, False, None)
        parsed.parse(parse_all=False)
    except Exception as error:  # PySD reads nodes without checking that they are there
        raise ModelFileError(
            path, [Fault(0, "", f"the model's parts cannot be read ({type(error).__name__}: {error}).")]
        ) from error
    definitions: list[Definition] = []
    for component in parsed.components:
        definitions += _definitions(component, parsed.behaviors, to_syntax, faults)
    ranges = tuple(Range(item.name, tuple(item.definition)) for item in parsed.subscripts)
    return Document(tuple(definitions), ranges, (), _METHODS.get(method.lower(), "euler"), implicit_arrays=True), faults


def _root(path: FilePath, content: bytes) -> Any:
    from lxml import etree

    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ModelFileError(
            path, [Fault(0, "", "the file declares entities (<!DOCTYPE); a model needs none, and they are not read.")]
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(content, parser)
    for entry in parser.error_log:
        if entry.domain_name != "NAMESPACE":  # files written by xmutil use a prefix they do not declare
            raise ModelFileError(path, [Fault(entry.line, "", f"the XML is broken here: {entry.message}.")])
    return root


def _definitions(
    component: Any, behaviors: dict[str, bool], to_syntax: Callable[[Any], Syntax], faults: list[Fault]
) -> list[Definition]:
    """The equations of one variable; a fault where one cannot be read."""
    name = component.name
    node = getattr(component, "node", None)
    line = node.sourceline if node is not None else 0
    try:
        component.parse(behaviors)
        element = component.get_abstract_element()
        rights = [(part.subscripts, to_syntax(part.ast)) for part in element.components]
    except Exception as error:  # PySD's parser raises many kinds, none meant for the reader of this message
        faults.append(Fault(line, name, _complaint(error)))
        dims = (
            tuple(child.get("name", "") for child in node.iter() if str(child.tag).endswith("}dim"))
            if node is not None
            else ()
        )
        return [Definition(name, dims, (), Unread(), "", line)]
    low, high = element.limits or (None, None)
    return [
        Definition(
            name, tuple(part.strip() for part in subscripts[0]), (), right, _text(component, node), line,
            " ".join((element.units or "").split()), " ".join((element.documentation or "").split()), (low, high),
            flow=type(component).__name__ == "Flow",
        )
        for subscripts, right in rights
    ]  # fmt: skip


def _complaint(error: Exception) -> str:
    """What to say of an equation that PySD's parser gave up on."""
    if "KeyError" in str(error) or "positional argument" in str(error):
        return "a function in this equation has too many or too few arguments."
    text, place = getattr(error, "text", ""), getattr(error, "pos", None)
    rest = str(text)[place : place + 30].strip() if isinstance(place, int) else ""
    near = f' from "{rest}" on' if rest else ""
    return f"the equation cannot be read{near}. Check names, brackets and operators there."


def _text(component: Any, node: Any) -> str:
    """The equation as the file has it."""
    if node is None:
        return f"{component.name} = {component.eqn}"
    parts = [
        " ".join((child.text or "").split())
        for child in node.iter()
        if re.search(r"\}(eqn|inflow|outflow)$", str(child.tag))
    ]
    return f"{component.name} = " + "; ".join(part for part in parts if part)
