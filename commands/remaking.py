"""`cli.py remake`: everything that is made from the model and the record, made again in order, as far as it is stale.

What is stale each command knows itself and says with --check; nothing of it is told a second time here. So a run that
was cut off goes on where it stopped.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .endings import Mistake
from .output import HERE

LONGEST = 200  # characters of a reason
FRESH, STALE, SKIPPED = "fresh", "stale", "skipped"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """Something that is made: arguments of Python that ask whether it is fresh (exit status 0), and that make it.

    Of several ways to make it the next is tried where one fails; without a check it is made whenever a step before it
    was. `needs` is a program, or a file of the project, without which the step is skipped.
    """

    name: str
    check: tuple[str, ...] | None
    make: tuple[tuple[str, ...], ...]
    needs: str | None = None

    @property
    def is_possible(self) -> bool:
        """Whether what it needs is here."""
        return self.needs is None or (HERE / self.needs).exists() or shutil.which(self.needs) is not None


@dataclass(frozen=True)
class State:
    """How a step stands: fresh, stale or skipped, and why."""

    step: Step
    state: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.step.name}: {self.state}{f' ({self.why})' if self.why else ''}"


def steps() -> tuple[Step, ...]:
    """What this project makes, in the order in which one thing rests on another."""
    cli = str(HERE / "cli.py")
    evidence = ("-m", "innovation.calibration.evidence")
    golden, bits = ("-m", "tests.test_golden"), ("-m", "tests.test_bits")
    return (
        Step("posterior", (cli, "calibrate", "--check"), ((cli, "rebind"), (cli, "calibrate"))),
        Step("nominal values", (cli, "nominal", "--check"), ((cli, "nominal"),)),
        Step("equal-cost mixes", (cli, "mixes", "--check"), ((cli, "mixes"),)),
        Step("golden figures", (*golden, "--check"), (golden,), needs="tests/test_golden.py"),
        Step("bits of figures", (*bits, "--check"), (bits,), needs="tests/test_bits.py"),
        Step("findings", (cli, "findings", "--check"), ((cli, "findings"),)),
        Step("evidence", (*evidence, "--check"), (evidence,)),
        Step("pages", (cli, "docs", "--check"), ((cli, "docs"),)),
        Step("pictures", None, (("-m", "tests.browser.screenshots"),), needs="chromium"),
    )


def states(every: Sequence[Step]) -> Iterator[State]:
    """How each step stands now; what rests on something stale may turn out stale once that is made."""
    before: list[str] = []
    for step in every:
        found = _state(step, bool(before))
        before += [step.name] if found.state == STALE else []
        yield found


def remake(every: Sequence[Step], say: Say) -> list[str]:
    """Make what is stale, in order; returns the names of the steps made.

    Raises Mistake where a step can't be made, or is still stale once it was: what comes after it is left as it is.
    """
    made: list[str] = []
    for number, step in enumerate(every):
        found = _state(step, bool(made))
        say(str(found))
        if found.state != STALE:
            continue
        if not any(_made(way, say) for way in step.make):
            raise _stopped(step, "could not be made", every[number + 1 :])
        after = _state(step, False)
        if after.state == STALE:
            raise _stopped(step, f"was made and is still stale ({after.why})", every[number + 1 :])
        made.append(step.name)
    return made


def _state(step: Step, later: bool) -> State:
    if not step.is_possible:
        return State(step, SKIPPED, f"there is no {step.needs} here")
    if step.check is None:
        return State(step, STALE, "what it shows was made again") if later else State(step, FRESH)
    asked = subprocess.run([sys.executable, *step.check], cwd=HERE, capture_output=True, text=True, check=False)
    if asked.returncode == 0:
        return State(step, FRESH)
    said = " ".join((asked.stderr.strip() or asked.stdout.strip() or f"exit status {asked.returncode}").split())
    return State(step, STALE, said if len(said) <= LONGEST else said[: LONGEST - 1] + "…")


def _made(way: Sequence[str], say: Say) -> bool:
    shown = [part.removeprefix(f"{HERE}/") for part in way]
    say(f"  {' '.join(shown)}")
    return subprocess.run([sys.executable, *way], cwd=HERE, check=False).returncode == 0


def _stopped(step: Step, said: str, rest: Sequence[Step]) -> Mistake:
    left = f" Left as they are: {', '.join(one.name for one in rest)}." if rest else ""
    return Mistake(f"{step.name} {said}.{left} Run the same again to go on.")
