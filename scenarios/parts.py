"""A folder of results made in parts: each file whole or not there, one process at a time, no day or host in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from model import DocumentError, Fault
from model.documents import shown

MANIFEST = "manifest.json"
LOCK = ".lock"
UNFINISHED = ".part"


class FolderError(DocumentError):
    """A folder of results cannot be used."""


def refusal(folder: Path, message: str, remedy: str) -> FolderError:
    """The error that says one thing of a folder."""
    return FolderError([Fault(shown(folder), None, "", message, remedy)])


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder and keep other processes out of it; what a killed one left half-written is removed.

    Raises FolderError where the folder holds a stranger's files, another process works there, or nothing can be
    written. The system lets the lock go even where its holder is killed.
    """
    if folder.exists() and not folder.is_dir():
        raise refusal(folder, "This is a file.", "Name a folder, which need not exist.")
    if folder.is_dir() and not (folder / MANIFEST).exists() and any(map(_is_strange, folder.iterdir())):
        message = "The folder holds files that are not of this command."
        raise refusal(folder, message, "Name a new folder, or one that this command began.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("a")
    except OSError as error:
        message = f"Nothing can be written here: {error.strerror}."
        raise refusal(folder, message, "Name a folder of your own.") from None
    with file:
        if not _locked(file.fileno()):
            message = "Another process is writing into this folder."
            raise refusal(folder, message, "Wait until it ends, or name another folder.")
        for left in folder.rglob(f".*{UNFINISHED}"):
            left.unlink(missing_ok=True)
        yield


def _is_strange(path: Path) -> bool:
    return path.name != LOCK and not path.name.endswith(UNFINISHED)


def _locked(descriptor: int) -> bool:
    """Lock the open file if nobody else has; True also where the file system knows no locks."""
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


def keep(path: Path, content: bytes) -> None:
    """Write a file as `being_kept` does."""
    with being_kept(path) as part:
        part.write_bytes(content)


@contextmanager
def being_kept(path: Path) -> Iterator[Path]:
    """Give a place to write to, and afterwards put it on the disk and in place of `path`: all of it or nothing.

    Raises FolderError where the disk is full.
    """
    part = path.with_name(f".{path.name}{UNFINISHED}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        message = f"{path.name} cannot be written: {error.strerror or error}."
        raise refusal(path.parent, message, "Make room and start the same command again; it goes on here.") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def keep_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write plain data as JSON, the same bytes for the same data."""
    keep(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def digest(content: Any) -> str:
    """SHA-256 (hex) of plain data, blind to the order of names."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def take_up(folder: Path, manifest: Mapping[str, Any], same: Mapping[str, str]) -> Mapping[str, Any]:
    """Claim a folder for what a manifest describes, or go on with it where it was begun; returns what stands there.

    Parameters
    ----------
    manifest
        To be written where the folder has none.
    same
        Entries of the manifest that must agree with what is there -> what they are called.

    Raises FolderError where the folder holds something else.
    """
    path = folder / MANIFEST
    if not path.exists():
        keep_json(path, manifest)
        return manifest
    found = read_manifest(folder)
    if found.get("kind") != manifest["kind"]:
        message = f"The folder holds a {found.get('kind')}, not a {manifest['kind']}."
        raise refusal(folder, message, "Name another folder.")
    other = [name for name in same if found.get(name) != manifest[name]]
    if other:
        parted = ", ".join(
            f"another {same[name]} ({_short(found.get(name))}, not {_short(manifest[name])})" for name in other
        )
        raise refusal(
            folder, f"The folder was begun with {parted}.", "Name another folder, or go back to what it was begun with."
        )
    return found


def _short(value: object) -> str:
    text = str(value)
    return text[:12] if len(text) == 64 else text


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a folder of results says of itself. Raises FolderError where it is none."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"There is no {MANIFEST} here: this is no folder of results."
        raise refusal(folder, message, "Name a folder that `cli.py batch` or `cli.py sweep` wrote.") from None
    except (OSError, ValueError) as error:
        raise refusal(
            folder, f"{MANIFEST} cannot be read: {error}.", "Make the results again in a new folder."
        ) from None
    if not isinstance(content, dict):
        raise refusal(folder, f"{MANIFEST} holds no mapping.", "Make the results again in a new folder.")
    return content


def room_for(folder: Path, size: float) -> None:
    """Raises FolderError where the disk below a folder has less room than so many bytes."""
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(there).free
    if free < size:
        message = f"The results need about {in_words(size)} and the disk has {in_words(free)} left."
        raise refusal(folder, message, "Ask for fewer outputs, years or members, or name a folder on another disk.")


def in_words(size: float) -> str:
    """A number of bytes in the largest unit of which there is one."""
    for unit, each in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= each:
            return f"{size / each:.1f} {unit}"
    return f"{size:.0f} bytes"
