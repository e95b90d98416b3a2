"""What pyproject.toml cannot say of the package: what it depends on, and where the rooms lie in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

ROOMS = ("analysis", "calibration", "commands", "engine", "model", "scenarios", "ui")
PAGE = ("app.py", "page.py", ".streamlit", "static", "docs/calibration.md", "docs/diagrams")
SOURCE = ("requirements.in", "CHANGELOG.md", "CITATION.cff")


class Dependencies(MetadataHookInterface):
    """Reads the dependencies from requirements.in."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add them to the metadata."""
        text = Path(self.root, "requirements.in").read_text(encoding="utf-8")
        metadata["dependencies"] = [line for line in re.sub(r"[ \t]*#.*", "", text).splitlines() if line]


class Rooms(BuildHookInterface[Any]):
    """Puts the rooms and what the page needs into `innovation` in a wheel; a source distribution has them as they lie.

    Each is named: hatchling's own walk would leave out those that it has reached by a link.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add them to what is built; an editable install finds them in the checkout."""
        if self.target_name == "sdist":
            build_data["force_include"].update({part: part for part in (*ROOMS, *PAGE, *SOURCE)})
        elif version == "standard":
            build_data["force_include"].update({part: f"innovation/{part}" for part in (*ROOMS, *PAGE)})
