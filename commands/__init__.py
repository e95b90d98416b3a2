"""The command line's commands, one file each, with their options; what they share lies on this level."""

from .endings import ended
from .parsing import parser

__all__ = ["ended", "parser"]
