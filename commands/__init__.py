"""The command line's commands, one file each, with their options; what they share lies on this level."""

from .parsing import main

__all__ = ["main"]
