"""What calibration says in both languages: en.yaml and zh.yaml, with a section for each module that says it."""

from __future__ import annotations

from pathlib import Path

from innovation.model.files import Wording

FOLDER = Path(__file__).parent


def section(name: str) -> Wording:
    """The words of a section by language; nothing is read before they are asked for."""
    return Wording(FOLDER, name)
