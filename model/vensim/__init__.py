"""The model file as Vensim takes it: the rules of its manual, and the drawing that it opens with."""

from __future__ import annotations

from innovation.engine import ModelFault

from .drawn import views_in
from .rules import EQUATION_RULES
from .sketch import with_sketch
from .sketch_rules import REMEDY, SKETCH_RULES
from .written import Rule, Written

RULES = (*EQUATION_RULES, *SKETCH_RULES)

__all__ = ["RULES", "Rule", "broken_rules", "undrawn", "view_titles", "with_sketch"]


def broken_rules(text: str) -> list[tuple[Rule, ModelFault]]:
    """What in a .mdl text breaks a rule, rule by rule; a text without a drawing breaks no rule of one."""
    written = Written(text)
    return [(rule, fault) for rule in RULES for fault in rule.broken(written)]


def undrawn(text: str) -> list[ModelFault]:
    """What is wrong with a .mdl text that is to have a drawing and has none."""
    return [] if view_titles(text) else [ModelFault(0, "", f"no view shows any of its variables. {REMEDY}")]


def view_titles(text: str) -> list[str]:
    """The names of the views in a .mdl text."""
    return [view.title for view in views_in(text)]
