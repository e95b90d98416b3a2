"""Batches: scenarios by members into a folder, with a summary and a page to read."""

from .batch_figures import FIGURES
from .batch_folder import Batch, MemberSource, batch

__all__ = [
    "FIGURES",
    "Batch",
    "MemberSource",
    "batch",
]
