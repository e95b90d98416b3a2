"""XMILE files into Documents: the XML is checked and walked here, equations go to the parser the reader hands in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from innovation.engine.errors import MOST_VALUES, Faults, ModelFault, ModelFileError

from .syntax import (
    ACTIVE_INITIAL,
    STOCK,
    Apply,
    Curve,
    Definition,
    Literal,
    MacroText,
    ModelDocument,
    Operate,
    SubscriptRange,
    Syntax,
    Unread,
    Word,
)
from .vensim_elements import beyond_reading, check_length
from .xmile_equations import plain_equation
from .xmile_sim_specs import CONTROL_NAMES, controls, method, settled
from .xmile_tags import check_tags, tag_name

Parse = Callable[[str], Syntax]
Parts = list[tuple[tuple[str, ...], Any, list[Any]]]  # of an array: subscripts, the node that says more, its equations
_KINDS = {"aux", "flow", "stock", "gf"}
_CURVES = {"continuous": "interpolate", "extrapolate": "extrapolate", "discrete": "hold_backward"}


def read_xmile(path: Path, content: bytes, parse: Parse, faults: Faults) -> ModelDocument:
    """Parse an XMILE file's bytes; ``parse`` reads one equation. Faults are added, and what could be read comes back.

    Raises
    ------
    ModelFileError
        The file is no well-formed XML, declares entities, or has no model.
    """
    root = _root(path, content)
    models, specs = list(_children(root, "model")), next(_children(root, "sim_specs"), None)
    if not models or specs is None:
        raise ModelFileError(
            path,
            [ModelFault(0, "", "this XML is no XMILE model: expected <xmile xmlns=…> with <sim_specs> and <model>.")],
        )
    check_length(sum(len(node.text or "") for node in root.iter() if tag_name(node) == "eqn"), faults)
    ranges = tuple(_range(node, faults) for part in _children(root, "dimensions") for node in _children(part, "dim"))
    walker = _Walker(parse, faults, ranges, next(_children(root, "behavior"), ()))
    variables = list(walker.variables(models[0]))
    definitions = [*settled(list(controls(specs, walker.fault)), walker.doubled, walker.fault), *variables]
    macros = tuple(walker.macro(node) for node in _children(root, "macro"))
    check_tags(root, lambda node, name, message: walker.fault(node, name, message, True))
    for model in models[1:]:
        walker.fault(model, model.get("name", ""), "a second <model> is not supported: modules are not computed.", True)
    read = method(specs, walker.fault)
    if not faults and all(definition.name in CONTROL_NAMES for definition in definitions):
        faults.append(ModelFault(models[0].sourceline, "", "the model has no variable: <stock>, <flow> or <aux>."))
    return ModelDocument(tuple(definitions), ranges, macros, read, implicit_arrays=True)


def _root(path: Path, content: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, recover=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:  # where nothing at all can be read
        raise ModelFileError(
            path, [ModelFault(error.lineno or 0, "", f"the XML is broken here: {error.msg}.")]
        ) from None
    if root is not None and root.getroottree().docinfo.internalDTD is not None:  # in whatever encoding it stands
        raise ModelFileError(
            path,
            [ModelFault(0, "", "the file declares entities (<!DOCTYPE); a model needs none, and they are not read.")],
        )
    for entry in parser.error_log:
        if entry.domain_name != "NAMESPACE":  # files written by xmutil use a prefix they do not declare
            raise ModelFileError(
                path, [ModelFault(entry.line, "", f"the XML is broken here: {entry.message.strip()}.")]
            )
    if root is None:
        raise ModelFileError(path, [ModelFault(0, "", "this is no XML. Expected an XMILE model.")])
    return root


def _children(node: Any, *kinds: str) -> Iterator[Any]:
    return (child for child in node if tag_name(child) in kinds)


def _text(node: Any, kind: str) -> str:
    """The text of a node's first child of a kind."""
    return next((child.text or "" for child in _children(node, kind)), "")


def _limit(node: Any, end: str) -> float | None:
    given = next((child.get(end) for child in _children(node, "range")), None)
    try:
        return float(given) if given is not None else None
    except ValueError:
        return None


def _range(node: Any, faults: Faults) -> SubscriptRange:
    """A dimension: its elements, or so many numbered from 1."""
    name, size = node.get("name", ""), node.get("size", "")
    elements = tuple(child.get("name", "") for child in _children(node, "elem"))
    if not elements and size.isdecimal() and len(size) < 9 and int(size) <= MOST_VALUES:
        elements = tuple(str(number + 1) for number in range(int(size)))
    if not elements:
        faults.append(ModelFault(node.sourceline, name, f"this dimension has no elements, or more than {MOST_VALUES}."))
    return SubscriptRange(name, elements, line=node.sourceline)


class _Walker:
    """Reads the variables of a model or a macro."""

    def __init__(self, parse: Parse, faults: Faults, ranges: Iterable[SubscriptRange], behavior: Any) -> None:
        self.parse = parse
        self.faults = faults
        self.doubled: list[tuple[str, Any]] = []  # time controls that stand among the variables
        self.elements = {_plain(item.name): item.members for item in ranges}
        self.never_negative = {
            kind: any(
                _is_on(mark)
                for part in [behavior, *_children(behavior, kind)]
                for mark in _children(part, "non_negative")
            )
            for kind in ("stock", "flow")
        }

    def fault(self, node: Any, name: str, message: str, unsupported: bool = False) -> Unread:
        self.faults.append(ModelFault(node.sourceline, name, message, unsupported))
        return Unread()

    def variables(self, model: Any) -> Iterator[Definition]:
        """Everything that a model defines; in older files its variables stand in it directly."""
        wrapped = list(_children(model, "variables"))
        groups: dict[str, str] = {}
        for part in wrapped or [model]:
            for node in part:
                kind, name = tag_name(node), node.get("name", "")
                if kind == "group":
                    groups |= {_plain(entity.get("name", "")): name for entity in _children(node, "entity")}
                elif kind == "module":
                    self.fault(node, name, "<module> is not supported: a model is one <model>.", True)
        for part in wrapped or [model]:
            for node in _children(part, *_KINDS):
                name = node.get("name", "").replace("\\n", " ")
                if (control := _plain(name).upper()) in CONTROL_NAMES:
                    self.doubled.append((control, node))
                else:
                    yield from self.variable(node, name, groups.get(_plain(name), ""))

    def macro(self, node: Any) -> MacroText:
        """A macro; its value is its own equation."""
        name = node.get("name", "")
        inputs = tuple(" ".join((child.text or "").split()) for child in _children(node, "parm"))
        marked = [(child, child.get("default")) for child in _children(node, "parm") if child.get("default")]
        defaults = tuple(self.equation(child, name, text) for child, text in marked)
        if defaults and not all(child.get("default") for child in list(_children(node, "parm"))[-len(defaults) :]):
            self.fault(node, name, "an input without a default stands behind one that has one.")
        for child in _children(node, "sim_specs"):
            self.fault(child, name, "a macro with time controls of its own is not supported.", True)
        own = next(_children(node, "eqn"), None)
        right = (
            self.fault(node, name, "it has no equation.") if own is None else self.equation(own, name, own.text or "")
        )
        value = Definition(name, (), (), right, "", node.sourceline)
        inner = self.variables(node) if next(_children(node, "variables"), None) is not None else ()
        return MacroText(name, inputs, (), (value, *inner), node.sourceline, defaults)

    def variable(self, node: Any, name: str, group: str) -> Iterator[Definition]:
        """The equations of one variable: one, or one for each element."""
        dims = tuple(
            child.get("name", "") for part in _children(node, "dimensions") for child in _children(part, "dim")
        )
        equations = list(_children(node, "eqn"))
        parts = [
            (tuple(one.strip() for one in child.get("subscript", "").split(",")), child, list(_children(child, "eqn")))
            for child in _children(node, "element")
        ]
        if parts:
            parts = self.whole(node, name, dims, parts, equations)
        elif not parts and len(equations) > 1 and len(dims) == 1:  # as Vensim writes it: one for each element, in order
            members = self.elements.get(_plain(dims[0]), ())
            if len(members) != len(equations):
                message = f"it has {len(equations)} equations, and its dimension {dims[0]} has {len(members)} elements."
                self.fault(node, name, message)
            parts = [((one,), node, [equation]) for one, equation in zip(members, equations, strict=False)]
        unit, sentence = (" ".join(_text(node, kind).split()) for kind in ("units", "doc"))
        limits = (_limit(node, "min"), _limit(node, "max"))
        for subscripts, part, own in parts or [(dims, node, equations)]:
            right = self.right(node, part, own, name, subscripts if parts else ())
            yield Definition(
                name, subscripts, (), right, _shown(node, own, name), part.sourceline, unit, sentence, limits, group,
                flow=tag_name(node) == "flow",
            )  # fmt: skip

    def whole(self, node: Any, name: str, dims: tuple[str, ...], parts: Parts, equations: list[Any]) -> Parts:
        """All elements of an array: an equation for the whole of it stands for those that have none of their own."""
        sets = [self.elements.get(_plain(dim), ()) for dim in dims]
        if len(equations) > 1 or prod(map(len, sets)) > MOST_VALUES:
            self.fault(node, name, "it has more than one equation. Write each in an <element> of its own.")
            return parts
        own = {tuple(map(_plain, subscripts)): (part, found or equations) for subscripts, part, found in parts}
        missing = [place for place in product(*sets) if tuple(map(_plain, place)) not in own]
        if missing and not equations:
            listed = ", ".join(f"[{', '.join(place)}]" for place in missing[:5])
            self.fault(node, name, f"it has no equation for {listed}{', …' if len(missing) > 5 else ''}.")
        every = [(subscripts, part, found or equations) for subscripts, part, found in parts]
        return [*every, *((place, node, equations) for place in missing if equations)]

    def right(self, node: Any, part: Any, equations: list[Any], name: str, element: tuple[str, ...]) -> Syntax:
        """The right-hand side of an equation."""
        kind = tag_name(node)
        curve = next(_children(part, "gf"), None) if kind != "gf" else node
        curve = next(_children(node, "gf"), None) if curve is None else curve
        if len(equations) > 1:
            return self.fault(part, name, "it has more than one equation. Write each in an <element> of its own.")
        if curve is not None and (kind == "gf" or not equations):
            return self.curve(curve, name)
        if not equations:
            return self.fault(part, name, "it has no equation.")
        right = self.equation(equations[0], name, equations[0].text or "")
        if isinstance(right, Unread):
            return right
        if kind == "stock":
            held, net = Literal(float(self.stays_positive(node, kind))), self.net_flow(node, name, element)
            return net if isinstance(net, Unread) else Apply(Word(STOCK), (net, right, held))
        if curve is not None:
            points = self.curve(curve, name)
            right = Apply(Word("with_lookup"), (right, points)) if isinstance(points, Curve) else points
        first = next(_children(part, "init_eqn"), None)
        first = next(_children(node, "init_eqn"), None) if first is None else first
        if first is not None:
            start = self.equation(first, name, first.text or "")
            faulty = next((part for part in (right, start) if isinstance(part, Unread)), None)
            right = faulty or Apply(Word(ACTIVE_INITIAL), (right, start))
        if kind == "flow" and self.stays_positive(node, kind) and not isinstance(right, Unread):
            right = Apply(Word("max"), (right, Literal(0.0)))
        return right

    def net_flow(self, node: Any, name: str, element: tuple[str, ...]) -> Syntax:
        """What flows into a stock less what flows out of it, or the rate that Vensim writes as one."""
        flows, rate = list(_children(node, "inflow", "outflow")), next(_children(node, "vensim:netflow"), None)
        if rate is None:
            return _net_flow(node, element)
        if flows:
            return self.fault(rate, name, "<vensim:netflow> beside <inflow> or <outflow> is not supported.", True)
        return self.equation(rate, name, rate.text or "")

    def stays_positive(self, node: Any, kind: str) -> bool:
        own = next(_children(node, "non_negative"), None)
        return self.never_negative[kind] if own is None else _is_on(own)

    def equation(self, node: Any, name: str, text: str) -> Syntax:
        """An equation, or a fault and Unread."""
        self.faults.heed_time()
        if excess := beyond_reading(text):
            return self.fault(node, name, excess)
        if len(node):
            return self.fault(node, name, f"an equation is text; this one holds <{tag_name(node[0])}>.")
        plain = plain_equation(text)
        if not plain:
            return self.fault(node, name, "it has no equation.")
        if excess := beyond_reading(plain):
            return self.fault(node, name, excess)
        try:
            return self.parse(plain)
        except Exception as error:  # PySD's parser raises many kinds, none meant for the reader of this message
            return self.fault(node, name, _complaint(error))

    def curve(self, node: Any, name: str) -> Syntax:
        """The points of a graphical function."""
        method = "discrete" if node.get("discrete") == "true" else node.get("type", "continuous")
        if method not in _CURVES:
            return self.fault(node, name, f'"{method}" is no kind of graphical function: {", ".join(_CURVES)}.')
        try:
            y = _numbers(node, "ypts")
            x = _numbers(node, "xpts")
            scale = next(_children(node, "xscale"), None)
            if scale is not None and not x:
                low, high = float(scale.get("min")), float(scale.get("max"))
                x = [low + (high - low) * place / max(len(y) - 1, 1) for place in range(len(y))]
                x[-1:] = [high] if len(y) > 1 else [low]
        except (TypeError, ValueError):
            return self.fault(node, name, "the points of its graphical function cannot be read as numbers.")
        return Curve(tuple(x), tuple(y), _CURVES[method])


def _is_on(node: Any) -> bool:
    """Whether a mark such as <non_negative/> is set: it may say false."""
    return "false" not in (node.text or "").lower()


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").lower().split())


def _numbers(node: Any, kind: str) -> list[float]:
    """The numbers of <xpts> or <ypts>; none where it is not there. Raises ValueError where one is no number."""
    found = next(_children(node, kind), None)
    return [float(part) for part in (found.text or "").split(found.get("sep", ","))] if found is not None else []


def _net_flow(node: Any, element: tuple[str, ...]) -> Syntax:
    """What flows into a stock less what flows out of it."""
    net: Syntax | None = None
    for child in [*_children(node, "inflow"), *_children(node, "outflow")]:
        flow = Word(" ".join((child.text or "").split()).strip('"'), element)
        out = tag_name(child) == "outflow"
        net = Operate("-" if out else "+", (net, flow)) if net else Operate("negative", (flow,)) if out else flow
    return net or Literal(0.0)


def _complaint(error: Exception) -> str:
    """What to say of an equation that PySD's parser gave up on."""
    text, place = getattr(error, "text", ""), getattr(error, "pos", None)
    rest = str(text)[place : place + 30].strip() if isinstance(place, int) else ""
    near = f' from "{rest}" on' if rest else ""
    return f"the equation cannot be read{near}. Check names, brackets and operators there."


def _shown(node: Any, equations: list[Any], name: str) -> str:
    """The equation as the file has it."""
    parts = [*equations, *_children(node, "inflow", "outflow")]
    return f"{name} = " + "; ".join(text for text in (" ".join((one.text or "").split()) for one in parts) if text)
