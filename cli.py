"""The command line: the commands are in commands/, their exit statuses in commands/endings.py."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from innovation.commands import ended, parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer one command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given = parser().parse_args(arguments)
    return ended(lambda: given.answer(given))


if __name__ == "__main__":
    sys.exit(main())
