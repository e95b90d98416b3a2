"""`cli.py sketch`: a model drawn for Vensim, below its equations."""

from __future__ import annotations

import argparse
from pathlib import Path

from innovation.commands.endings import Mistake
from innovation.commands.options import Command, add_model
from innovation.commands.output import only_in_a_checkout, print_json, write


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("sketch", sketch, "draw the model file for Vensim, below its equations: a minute or two")
    add_model(made)
    made.add_argument("--check", action="store_true", help="write nothing; say what breaks a rule of Vensim's")


def sketch(given: argparse.Namespace) -> None:
    """Draw a model for Vensim, a view a module, below the equations of its .mdl file; what was drawn there goes.

    No equation, comment or setting changes, nor does any figure, the model's hash or what draws are bound to.
    """
    from innovation.engine import file_error, load_model
    from innovation.model import FOLDER
    from innovation.model.vensim import broken_rules, undrawn, view_titles, with_sketch

    if not (given.model or given.check):
        only_in_a_checkout()
    path = Path(given.model) if given.model else FOLDER / "innovation.mdl"
    if path.suffix.lower() != ".mdl":
        raise Mistake(f"{path} is no .mdl file; only these are opened by Vensim with a sketch in them.")
    structure = load_model(path).structure
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Mistake(f"{path} is not written in UTF-8. Save it so, with {{UTF-8}} as its first line.") from None
    if given.check:
        wrong = [*(fault for _, fault in broken_rules(text)), *undrawn(text)]
        if wrong:
            raise file_error(path, wrong)
        drawn = text
    else:
        drawn = with_sketch(text, structure)
        write(path, drawn.replace("\n", "\r\n") if b"\r\n" in content else drawn)
    if given.json:
        print_json({"file": str(path), "views": view_titles(drawn)})
    elif given.check:
        print(f"Every rule is kept, and what is drawn is what the equations say: {path}")
