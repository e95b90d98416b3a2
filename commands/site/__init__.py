"""`cli.py site`: the project's documents as a site, with a page for each public name of `innovation`."""

from .command import add

__all__ = ["add"]
