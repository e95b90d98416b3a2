"""The published record: figures, how each observes a run, and how they err."""

from .observations import DATA, Record, read_record

__all__ = [
    "DATA",
    "Record",
    "read_record",
]
