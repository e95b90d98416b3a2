"""What an XMILE file may hold: each tag and attribute that is read, or known to change no value; any other is a fault.

By the standard (XMILE 1.0, chapters 2 and 4, and its schema) a tag may change what a variable means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ISEE = "isee:"  # what stands before the names of isee systems' own tags, VENSIM before those of Ventana Systems
VENSIM = "vensim:"


@dataclass(frozen=True)
class Tag:
    """A tag: the children that are looked into, those left aside, its attributes, and children refused among any."""

    inside: frozenset[str]
    aside: frozenset[str]
    attributes: frozenset[str]
    refused: frozenset[str] = frozenset()


def _tag(inside: str = "", aside: str = "", attributes: str = "") -> Tag:
    return Tag(frozenset(inside.split()), frozenset(aside.split()), frozenset(attributes.split()))


_SHOWN = "doc units mathml event_poster range scale format display isee:delay_aux isee:display"
_ANY = frozenset({"*"})
_TAGS = {
    "xmile": _tag(
        "header sim_specs behavior dimensions macro model data",
        "model_units style default_format prefs interface views view isee:prefs isee:equation_prefs isee:style"
        " isee:multiplayer_settings isee:time_formats isee:simulation_config isee:ai_information ai_information",
        "version level schemaLocation",
    ),
    "header": Tag(frozenset(), _ANY, _ANY, frozenset({"includes"})),
    "data": Tag(frozenset(), frozenset({"export", "isee:export"}), _ANY),
    "sim_specs": _tag(
        "start stop dt run vensim:saveper",
        "",
        "method time_units pause isee:save_interval isee:instantaneous_flows isee:sim_duration isee:simulation_delay"
        " isee:restore_on_start isee:run_prefix isee:pause_after_rates isee:pause_interval isee:ignore_module_errors"
        " isee:strict_units isee:loop_scores isee:loop_exhaustive_allowed isee:analyze_mode",
    ),
    "start": _tag(aside="doc"),
    "stop": _tag(aside="doc"),
    "vensim:saveper": _tag(aside="doc"),
    "dt": _tag(aside="doc", attributes="reciprocal"),
    "run": _tag(attributes="by"),
    "behavior": _tag("non_negative stock flow"),
    "behavior/stock": _tag("non_negative"),
    "behavior/flow": _tag("non_negative"),
    "dimensions": _tag("dim"),
    "dim": _tag("elem", "doc", "name size"),
    "elem": _tag(attributes="name"),
    "model": _tag(
        "variables stock flow aux gf module group", "views view display interface doc isee:dependencies",
        "name run namespace",
    ),
    "variables": _tag("stock flow aux gf module group", "isee:dependencies"),
    "stock": _tag(
        "eqn inflow outflow non_negative dimensions element vensim:netflow", _SHOWN,
        "name access autoexport",
    ),
    "flow": _tag("eqn gf init_eqn non_negative dimensions element", _SHOWN, "name access autoexport"),
    "aux": _tag("eqn gf init_eqn dimensions element", _SHOWN, "name access autoexport flow_concept"),
    "element": _tag("eqn gf init_eqn", _SHOWN, "subscript"),
    "gf": _tag("xscale yscale xpts ypts", _SHOWN, "name type discrete access autoexport"),
    "xscale": _tag(attributes="min max"),
    "yscale": _tag(attributes="min max"),
    "xpts": _tag(attributes="sep"),
    "ypts": _tag(attributes="sep"),
    "macro": _tag("parm eqn variables sim_specs", "doc format view views", "name namespace"),
    "parm": _tag(attributes="default"),
    **dict.fromkeys(("group", "module"), Tag(frozenset(), _ANY, _ANY)),  # a module is refused where it is read
    **dict.fromkeys(
        ("eqn", "init_eqn", "inflow", "outflow", "non_negative", "vensim:netflow"), Tag(frozenset(), _ANY, frozenset())
    ),
}  # fmt: skip
_WHY = {
    "conveyor": "conveyors are not computed",
    "queue": "queues are not computed",
    "oven": "ovens are not computed",
    "includes": "it reads another file",
    "import": "it takes values from another file",
    "init_eqn": "only flows and auxiliaries may start from a value of their own",
    "multiplier": "what enters the next stock would not be what left the last",
    "leak": "conveyors are not computed",
    "overflow": "queues are not computed",
    "resource": "it reads another file",
    "filter": "macros that change how stocks and flows work are not computed",
    "non_negative": "only stocks and flows can be kept from falling below 0",
}
Report = Callable[[Any, str, str], object]


def tag_name(node: Any) -> str:
    """The name of a tag, with 'isee:', 'vensim:' or its own prefix before it where it is not XMILE's; '' for no tag."""
    return _name(str(node.tag), node.prefix) if isinstance(node.tag, str) else ""


def _name(full: str, prefix: str | None = None) -> str:
    space, _, name = full.rpartition("}")
    for vendor in (ISEE, VENSIM):
        if vendor[:-1] in space.lower():
            return vendor + name
    standard = not space or "xmile" in space.lower() or "XMLSchema-instance" in space
    return name if standard else f"{prefix or space.strip('{')}:{name}"


def check_tags(node: Any, report: Report, above: str = "", owner: str = "") -> None:
    """Report each tag and attribute of a file that is neither read nor known to change no value."""
    name = tag_name(node)
    tag = _TAGS.get(f"{above}/{name}") or _TAGS[name]
    owner = node.get("name") or owner
    if tag.attributes is not _ANY:
        for key in node.attrib:
            attribute = _name(str(key))
            if attribute not in tag.attributes:
                report(node, owner, _sentence(f'{attribute}="…" of <{name}>', attribute))
    for child in node:
        kind = tag_name(child)
        if kind in tag.inside:
            check_tags(child, report, name, owner)
        elif kind in tag.refused or (kind and kind not in tag.aside and tag.aside is not _ANY):
            report(child, child.get("name") or owner, _sentence(f"<{kind}>", kind))


def _sentence(shown: str, name: str) -> str:
    why = _WHY.get(name, "it may change what the model means, and what it means is not known here")
    return f"{shown} is not supported: {why}."
