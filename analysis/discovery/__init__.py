"""Scenario discovery: where in the space of factors targets are missed."""

from .prim import ScenarioBox

__all__ = [
    "ScenarioBox",
]
