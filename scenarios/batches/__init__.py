"""Batches: scenarios by members into a folder, with a summary and a page to read."""

from .batch_figures import FIGURES
from .batch_folder import MemberSource, batch

__all__ = [
    "FIGURES",
    "MemberSource",
    "batch",
]
