"""The sections of the page of evidence."""

from .places import label, set_name

__all__ = [
    "label",
    "set_name",
]
