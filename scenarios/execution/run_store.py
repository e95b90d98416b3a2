"""A folder of results made in parts: each file whole or not there, one process at a time, no day or host in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from innovation.engine.files import UnreadableFile, lock, read_plain_file, remove_unfinished, replacing, unfinished
from innovation.model.files import DocumentError, Term, Value, fault, original, phrase, shortened, shown, why

MANIFEST = "manifest.json"
LOCK = ".lock"
PART = "part-[0-9][0-9][0-9][0-9][0-9].parquet"  # pattern of the names of parts
KINDS = ("batch", "sweep")
LARGEST_MANIFEST = 50_000_000  # bytes


class FolderError(DocumentError):
    """A folder of results cannot be used."""


def refusal(folder: Path, code: str, /, **values: Value) -> FolderError:
    """The error that says one thing of a folder."""
    return FolderError([fault(code, shown(folder), **values)])


@contextmanager
def held(
    folder: Path, manifest: Mapping[str, Any], same: Mapping[str, str], written: Iterable[str]
) -> Iterator[Mapping[str, Any]]:
    """Claim a folder for what a manifest describes, or go on with it where it was begun, and keep other processes out.

    Whose folder it is comes first: a stranger's is left byte for byte as it is. What a killed process left half-written
    is then removed, by the names that the command gives and no others. The system lets the lock go even where its
    holder is killed.

    Parameters
    ----------
    manifest
        To be written where the folder has none.
    same
        Entries of the manifest that must agree with what is there -> what they are called.
    written
        Patterns of the files that the command writes, from the folder.

    Yields the manifest that stands there. Raises FolderError as `claimable` does, or where another process works there.
    """
    claimable(folder, manifest, same)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = lock(folder / LOCK)
    except OSError as error:
        raise refusal(folder, "scenarios.cannot_write", why=why(error)) from None
    if file is None:
        raise refusal(folder, "scenarios.folder_busy")
    with file:
        found = claimable(folder, manifest, same)
        for pattern in (MANIFEST, *written):
            remove_unfinished(folder, pattern, idle=0.0)
        if found is None:
            keep_json(folder / MANIFEST, manifest)
        yield found or manifest


def claimable(folder: Path, manifest: Mapping[str, Any], same: Mapping[str, str]) -> Mapping[str, Any] | None:
    """The manifest of a folder that was begun for what this one describes; None where the folder is new or empty.

    Nothing is written. Raises FolderError where the folder holds something else, or is none, or cannot be read.
    """
    try:
        names = {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        if folder.is_symlink():
            raise refusal(folder, "scenarios.link_to_nothing") from None
        return None
    except (OSError, ValueError) as error:
        if isinstance(error, NotADirectoryError) and os.path.lexists(folder):
            raise refusal(folder, "scenarios.is_file") from None
        raise refusal(folder, "scenarios.cannot_write_here", why=why(error)) from None
    if MANIFEST not in names:
        if any(name != LOCK and not fnmatchcase(name, unfinished(MANIFEST)) for name in names):
            raise refusal(folder, "scenarios.strangers_folder")
        return None
    found = read_manifest(folder)
    if found.get("kind") != manifest["kind"]:
        held = (
            phrase("scenarios.results_of", kind=Term("scenarios.results", found["kind"]))
            if found.get("kind") in KINDS
            else phrase("scenarios.something_else")
        )
        raise refusal(folder, "scenarios.other_results", held=held, kind=Term("scenarios.results", manifest["kind"]))
    other = [name for name in same if found.get(name) != manifest[name]]
    if other:
        parted = tuple(
            phrase(
                "scenarios.another",
                what=Term("scenarios.mark", same[name]),
                then=_short(found.get(name)),
                now=_short(manifest[name]),
            )
            for name in other
        )
        raise refusal(folder, "scenarios.begun_otherwise", with_what=parted)
    return found


def keep(path: Path, content: bytes) -> None:
    """Write a file as `being_kept` does."""
    with being_kept(path) as part:
        part.write_bytes(content)


@contextmanager
def being_kept(path: Path) -> Iterator[Path]:
    """A file to write to, as `replacing` gives it. Raises FolderError where the disk is full."""
    try:
        with replacing(path) as part:
            yield part
    except OSError as error:
        raise refusal(path.parent, "scenarios.part_unwritten", name=path.name, why=why(error)) from None


def keep_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write plain data as JSON, the same bytes for the same data."""
    keep(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def digest(content: Any) -> str:
    """SHA-256 (hex) of plain data, blind to the order of names."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def digest_of(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _short(value: object) -> str:
    text = str(value)
    return text[:12] if len(text) == 64 else shortened(text)


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a folder of results says of itself. Raises FolderError where it is none."""
    try:
        content = json.loads(read_plain_file(folder / MANIFEST, LARGEST_MANIFEST).decode())
    except UnreadableFile as error:
        if error.absent:
            raise refusal(folder, "scenarios.no_manifest", manifest=MANIFEST) from None
        raise refusal(folder, "scenarios.manifest_unreadable", manifest=MANIFEST, why=why(error)) from None
    except (ValueError, RecursionError) as error:
        said = phrase("scenarios.nested") if isinstance(error, RecursionError) else original(error)
        raise refusal(folder, "scenarios.manifest_damaged", manifest=MANIFEST, why=said) from None
    if not isinstance(content, dict):
        raise refusal(folder, "scenarios.manifest_no_mapping", manifest=MANIFEST)
    return content


def room_for(folder: Path, size: float) -> None:
    """Raises FolderError where the disk below a folder has less room than so many bytes."""
    there = next(parent for parent in (folder, *folder.absolute().parents) if os.path.exists(parent))  # noqa: PTH110
    free = shutil.disk_usage(there).free
    if free < size:
        raise refusal(folder, "scenarios.no_room", size=size_in_words(size), free=size_in_words(free))


def size_in_words(size: float) -> str:
    """A number of bytes in the largest unit of which there is one."""
    for unit, each in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= each:
            return f"{size / each:.1f} {unit}"
    return f"{size:.0f} bytes"
