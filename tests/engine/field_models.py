"""The field's conformance models: where they lie, and how a clone fetches them.

``python -m tests.engine.field_models`` fetches them from their public home, each file by the hash that git gave its
content, whatever has happened there since; then the tests that read them run. They are MIT, and never in the project.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HOME = "https://github.com/SDXorg/test-models.git"
ROOT = Path(__file__).parents[2]
PINS = Path(__file__).with_name("field_models.txt")  # hash of a git blob, path
FETCHED = ROOT / "out" / "test-models"
BESIDE = ROOT.parent / "shared" / "test-models"
SUITE = FETCHED if FETCHED.is_dir() else BESIDE
MISSING = "the field's conformance models are not here: python -m tests.engine.field_models fetches them"


def pins() -> dict[str, str]:
    """Hash of each file's git blob by its path."""
    return {path: digest for digest, path in (line.split(" ", 1) for line in PINS.read_text().splitlines())}


def fetch(home: str = HOME, folder: Path = FETCHED) -> list[str]:
    """Bring every pinned file into `folder`; the paths whose pinned content is not at `home`.

    Raises CalledProcessError where there is no git, or `home` does not answer.
    """
    missing = []
    with tempfile.TemporaryDirectory() as clone:
        subprocess.run(["git", "clone", "--quiet", "--bare", home, clone], check=True)
        for path, digest in pins().items():
            found = subprocess.run(["git", "-C", clone, "cat-file", "blob", digest], capture_output=True)
            if found.returncode:
                missing.append(path)
                continue
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(found.stdout)
    return missing


def main() -> int:
    """Fetch, and say what came."""
    try:
        missing = fetch(*sys.argv[1:2])
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"The models could not be fetched: {error}. It needs git and a network.", file=sys.stderr)
        return 2
    print(f"{len(pins()) - len(missing)} of {len(pins())} files in {FETCHED.relative_to(ROOT)}")
    for path in missing:
        print(f"not there as pinned: {path}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
