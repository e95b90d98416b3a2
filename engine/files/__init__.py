"""Files: plain ones read, all written whole, rows as CSV."""

from .comma_separated import csv_of, csv_text
from .plain_files import (
    FileTrouble,
    UnreadableFile,
    beginning,
    cache_folder,
    lock,
    plain_file,
    put_on_disk,
    read_plain_file,
    reason,
    remove_unfinished,
    replacing,
    unfinished,
    write_whole,
)

__all__ = [
    "FileTrouble",
    "UnreadableFile",
    "beginning",
    "cache_folder",
    "csv_of",
    "csv_text",
    "lock",
    "plain_file",
    "put_on_disk",
    "read_plain_file",
    "reason",
    "remove_unfinished",
    "replacing",
    "unfinished",
    "write_whole",
]
