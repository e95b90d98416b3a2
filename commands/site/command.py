"""`cli.py site`: its options and its answer."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from innovation.commands.endings import Mistake
from innovation.commands.options import Command
from innovation.commands.output import HERE, LISTS, print_json

MARK = ".buildinfo"  # Sphinx leaves it in every site that it makes


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("site", site, "make a site of the documents and the Python names, to search and to print")
    made.add_argument("--out", metavar="DIR", type=Path, default=LISTS / "site", help="its folder (default: out/site)")
    made.add_argument("--external", action="store_true", help="also ask whether links to other sites lead somewhere")


def site(given: argparse.Namespace) -> None:
    """Make a site of the documents and of the Python names; refuse where a link or an anchor leads nowhere."""
    _check(given.out)
    import innovation

    from .building import build

    if not getattr(innovation, "__all__", None):
        print("innovation has no __all__: no Python name has a page.", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        faults = build(innovation, Path(folder), external=given.external)
        if faults:
            raise Mistake("\n".join(["The site is not made; mend these and make it again:", *faults]))
        shutil.copytree(Path(folder) / "html", given.out, dirs_exist_ok=True)
    first = given.out / "index.html"
    if given.json:
        print_json({"first": str(first), "pages": len(list(given.out.rglob("*.html")))})
    else:
        print(f"Wrote {first}")


def _check(out: Path) -> None:
    """Raises Mistake where no site can be made, or none there."""
    if not (HERE / "README.md").is_file():
        raise Mistake("The documents are in the project's folder, and this is an installed package. Ask there.")
    if out.exists() and not _replaceable(out):
        raise Mistake(f"{out} is not a site that this command made, and would be lost. Name another folder.")
    missing = [name for name in ("sphinx", "myst_parser", "numpydoc", "furo") if find_spec(name) is None]
    if missing:
        raise Mistake(f"{missing[0]} is not installed. Start this by `python3 run.py site`, which installs it.")


def _replaceable(out: Path) -> bool:
    return out.is_dir() and (not any(out.iterdir()) or (out / MARK).is_file())
