"""Indices of sensitivity: how much a figure hangs on each factor."""

from .sensitivity import sobol

__all__ = [
    "sobol",
]
