"""Files that somebody names: plain ones of bounded size are read and no others, so that no name hangs."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import platformdirs

_REASONS = {
    errno.ENOENT: "there is no such file",
    errno.EEXIST: "something else stands in its place",
    errno.ENOTDIR: "a part of its path is no folder",
    errno.EISDIR: "this is a folder",
    errno.EACCES: "permission is denied",
    errno.EPERM: "permission is denied",
    errno.ELOOP: "its symbolic links lead round in a circle",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the share of the disk is used up",
    errno.EROFS: "the disk can only be read",
    errno.EMFILE: "too many files are open",
    errno.EIO: "the disk does not answer",
}
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class UnreadableFile(Exception):
    """A file that is not read; its text is the reason, without the name. `absent` where there is no such file."""

    def __init__(self, reason: str, absent: bool = False) -> None:
        super().__init__(reason)
        self.absent = absent


def read_plain_file(path: Path, most: int) -> bytes:
    """The content of a plain file; nothing else is opened to wait, and no more than `most` bytes are read.

    Raises UnreadableFile where there is none, it is a folder, a device or a pipe, it is larger, or it may not be read.
    """
    content = _read(path, most + 1)
    if len(content) > most:
        raise UnreadableFile(f"it is larger than {most:,} bytes")
    return content


def beginning(path: Path) -> str:
    """The first thousand bytes of a plain file as text; raises UnreadableFile as `read_plain_file`."""
    return _read(path, 1000).decode("utf-8", "replace")


def _read(path: Path, most: int) -> bytes:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | _NO_WAIT), "rb") as file:
            kind = os.fstat(file.fileno()).st_mode
            if stat.S_ISDIR(kind):
                raise UnreadableFile("this is a folder")
            if not stat.S_ISREG(kind):
                raise UnreadableFile("this is not a plain file")
            return file.read(most) or b""  # None where a file of the system has nothing yet
    except (OSError, ValueError) as error:
        raise UnreadableFile(reason(error), isinstance(error, FileNotFoundError)) from error


def cache_folder(name: str) -> Path | None:
    """The user's cache folder of this name, which need not exist; None where no home is known."""
    try:
        found = Path(platformdirs.user_cache_path(name))
    except RuntimeError:
        return None
    return found if found.is_absolute() else None


def reason(error: OSError | ValueError) -> str:
    """Why a file could not be read or written, in words that continue a sentence."""
    if not isinstance(error, OSError):
        return "no file can have this name"
    return _REASONS.get(error.errno or 0) or str(error.strerror or error).lower()


def is_plain_file(path: Path) -> bool:
    """Whether there is a plain file of this name; a name that no file can have is none."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False
