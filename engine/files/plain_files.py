"""Files: only plain ones of bounded size are read, so that no name hangs, and all are written whole or not at all."""

from __future__ import annotations

import errno
import glob
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Any, BinaryIO

import platformdirs


class FileTrouble(StrEnum):
    """Why a file could not be read or written, in words that continue a sentence."""

    ABSENT = "there is no such file"
    TAKEN = "something else stands in its place"
    NO_FOLDER = "a part of its path is no folder"
    FOLDER = "this is a folder"
    NOT_PLAIN = "this is not a plain file"
    DENIED = "permission is denied"
    CIRCLE = "its symbolic links lead round in a circle"
    LONG_NAME = "its name is too long"
    NO_NAME = "no file can have this name"
    FULL = "the disk is full"
    USED_UP = "the share of the disk is used up"
    READ_ONLY = "the disk can only be read"
    MANY_OPEN = "too many files are open"
    NO_ANSWER = "the disk does not answer"


_REASONS = {
    errno.ENOENT: FileTrouble.ABSENT,
    errno.EEXIST: FileTrouble.TAKEN,
    errno.ENOTDIR: FileTrouble.NO_FOLDER,
    errno.EISDIR: FileTrouble.FOLDER,
    errno.EACCES: FileTrouble.DENIED,
    errno.EPERM: FileTrouble.DENIED,
    errno.ELOOP: FileTrouble.CIRCLE,
    errno.ENAMETOOLONG: FileTrouble.LONG_NAME,
    errno.ENOSPC: FileTrouble.FULL,
    errno.EDQUOT: FileTrouble.USED_UP,
    errno.EROFS: FileTrouble.READ_ONLY,
    errno.EMFILE: FileTrouble.MANY_OPEN,
    errno.EIO: FileTrouble.NO_ANSWER,
}
ABANDONED = 3600.0  # seconds: what was not written to for so long belongs to a process that was killed
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class UnreadableFile(Exception):
    """A file that is not read; its text is the reason, without the name. `absent` where there is no such file.

    `most` is the number of bytes that it has more of than are read, else None.
    """

    def __init__(self, reason: str, absent: bool = False, most: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.absent, self.most = reason, absent, most

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.absent, self.most)


def read_plain_file(path: Path, most: int) -> bytes:
    """The content of a plain file; nothing else is opened to wait, and no more than `most` bytes are read.

    Raises UnreadableFile where there is none, it is a folder, a device or a pipe, it is larger, or it may not be read.
    """
    content = _read(path, most + 1)
    if len(content) > most:
        raise UnreadableFile(f"it is larger than {most:,} bytes", most=most)
    return content


def plain_file(path: Path) -> Path:
    """The same name, for a library that opens large files itself; raises UnreadableFile as `read_plain_file`."""
    _read(path, 0)
    return path


def beginning(path: Path) -> str:
    """The first thousand bytes of a plain file as text; raises UnreadableFile as `read_plain_file`."""
    return _read(path, 1000).decode("utf-8", "replace")


def _read(path: Path, most: int) -> bytes:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | _NO_WAIT), "rb") as file:
            kind = os.fstat(file.fileno()).st_mode
            if stat.S_ISDIR(kind):
                raise UnreadableFile(FileTrouble.FOLDER)
            if not stat.S_ISREG(kind):
                raise UnreadableFile(FileTrouble.NOT_PLAIN)
            return file.read(most) or b""  # None where a file of the system has nothing yet
    except (OSError, ValueError) as error:
        raise UnreadableFile(reason(error), isinstance(error, FileNotFoundError)) from error


def write_whole(path: Path, content: str | bytes, mode: int = 0o666) -> None:
    """Write a file as `replacing` does; text in UTF-8, its line ends as they are."""
    with replacing(path, mode) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def replacing(path: Path, mode: int = 0o666) -> Iterator[Path]:
    """Give a new file beside `path` to write to, then put it on the disk and in place of `path` in one stroke.

    Nobody ever finds half of it, and where the writing fails `path` stays as it is and nothing is left beside it. What
    a process that was killed left of this file goes once it is ABANDONED. Folders on the way are made.

    Parameters
    ----------
    mode
        Permissions of the file, less those that the process masks.

    Raises OSError, or ValueError for a name that no file can have.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_unfinished(path.parent, glob.escape(path.name))
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
        yield part
        put_on_disk(part)
        part.replace(path)
    finally:
        with suppress(OSError, ValueError):
            part.unlink(missing_ok=True)


def put_on_disk(path: Path) -> None:
    """Wait until what was written to a file stands on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def unfinished(pattern: str) -> str:
    """The pattern of what `replacing` writes to, for the pattern of the files that it replaces."""
    place = PurePath(pattern)
    return str(place.with_name(f".{place.name}.{'[0-9a-f]' * 8}.part"))


def remove_unfinished(folder: Path, pattern: str, idle: float = ABANDONED) -> None:
    """Remove what killed processes left of files that match a pattern, as far as that is possible.

    Parameters
    ----------
    pattern
        Of the files they wrote, from the folder.
    idle
        Seconds for which a file was not written to. Zero only where a lock keeps other processes out.
    """
    with suppress(OSError):
        for left in folder.glob(unfinished(pattern)):
            if time.time() - left.stat().st_mtime >= idle:
                left.unlink(missing_ok=True)


def lock(path: Path) -> BinaryIO | None:
    """Open a file, made where there is none, and lock it; None where another process, or another opening, holds it.

    The lock lasts until the file is closed or its process ends, even where that is killed. Where the file system knows
    no locks it is given to whoever asks. Raises OSError where the file cannot be opened.
    """
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _NO_WAIT, 0o666), "ab")
    if _locked(file.fileno()):
        return file
    file.close()
    return None


def _locked(descriptor: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True


def cache_folder(name: str) -> Path | None:
    """The user's cache folder of this name, which need not exist; None where no home is known."""
    try:
        found = Path(platformdirs.user_cache_path(name))
    except RuntimeError:
        return None
    return found if found.is_absolute() else None


def reason(error: OSError | ValueError) -> str:
    """Why a file could not be read or written: a FileTrouble, or what the system says of a rare one."""
    if not isinstance(error, OSError):
        return FileTrouble.NO_NAME
    return _REASONS.get(error.errno or 0) or str(error.strerror or error).lower()


def is_plain_file(path: Path) -> bool:
    """Whether there is a plain file of this name; a name that no file can have is none."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False
