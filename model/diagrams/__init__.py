"""Diagrams of the model, drawn from its file: what is shown, where it stands, how it looks, the pages made of it."""

from .pages import diagram_pages

__all__ = ["diagram_pages"]
