"""What is believed before the record speaks, and what that says of it."""

from .space import Space

__all__ = [
    "Space",
]
