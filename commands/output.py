"""What commands print and write, and where."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .endings import Mistake

HERE = Path(__file__).parents[1]
DOCS = HERE / "docs"
IS_CHECKOUT = (HERE / "run.py").is_file()  # else a package that was installed
# Where goes what no place is named for: lists of members that failed, draws.
LISTS = (HERE if IS_CHECKOUT else Path()) / "out"


def print_json(content: Any) -> None:
    """Plain data for a script."""
    print(json.dumps(content, ensure_ascii=False, indent=1))


def only_in_a_checkout() -> None:
    """Raises Mistake in an installed package, whose files stay as they were installed."""
    if not IS_CHECKOUT:
        raise Mistake(f"This would change files of the installed package in {HERE}. Run it in a checkout.")


def write(path: Path, text: str) -> None:
    """Write a whole file and say so on stderr; Mistake where it cannot be written."""
    from innovation.engine.files import reason, write_whole

    try:
        write_whole(path, text)
    except (OSError, ValueError) as error:
        raise Mistake(f"{path} cannot be written: {reason(error)}. Name another place.") from None
    print(f"Wrote {path}", file=sys.stderr)


def replaceable(path: Path, is_own: Callable[[str], bool]) -> None:
    """Raises Mistake where a file stands that this command did not write, as its beginning tells."""
    from innovation.engine.files import UnreadableFile, beginning

    try:
        if is_own(beginning(path)):
            return
    except UnreadableFile as error:
        if error.absent and not path.is_symlink():
            return
        raise Mistake(f"{path} cannot be written: {error}. Name another place.") from None
    raise Mistake(f"{path} is not a table that this command wrote, and would be lost. Name another place.")


def stands(path: Path, text: str) -> bool:
    """Whether a file holds this text and nothing else, however its lines end."""
    from innovation.engine.files import UnreadableFile, read_plain_file

    content = text.encode()
    try:
        return read_plain_file(path, 2 * len(content)).replace(b"\r\n", b"\n") == content
    except UnreadableFile:
        return False


def same(one: Path, other: Path) -> bool:
    """Whether two names are of one file that is there."""
    try:
        return one.samefile(other)
    except OSError:
        return False
