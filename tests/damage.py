"""Damage to texts, drawn from seeds, and a watch on the processor's time that reading them takes."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Sequence

from innovation.model.files.faults import DocumentError

LONGEST = 5.0  # seconds of the processor's time, ten times what the slowest takes: reading without bound passes it
SHREDS = ["---\n", "policies:\n", "lever: ", "to: ", "ramp: 1e300", "id: a+a\n", "%TAG ! x\n", "<<: ", "9" * 400]
SHREDS += re.findall(r"\S+", "&a *a !! ? { [ ' \" - : | > # ~ 1e300 .nan -.inf 0x1f 2011 \u202e \ufeff \0 漢 [] {}")
SHREDS += ["\t", "\r", "\x85", '"\\u202e"']


def damaged(text: str, chance: random.Random) -> str:
    """A text with one to five pieces dropped, repeated (up to thousands of times), moved or replaced."""
    for _ in range(chance.randrange(1, 6)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.randrange(1, 60))
        shred, other = chance.choice(SHREDS), chance.randrange(len(text) + 1)
        times = chance.choice([2, 30, 1000, 100_000 // (end - start + 1)])
        text = chance.choice(
            [
                text[:start] + text[end:],
                text[:start] + shred + text[start:],
                text[:start] + shred + text[end:],
                text[:start] + shred * times + text[end:],
                text[:start] + text[other : other + 100] + text[start:],
                text[:start] + text[start:end] * times + text[end:],
                text[:start] + chr(chance.randrange(0x3000)) + text[start + 1 :],
            ]
        )[:1_100_000]
    return text


def processor_time(act: Callable[[], object]) -> float:
    """Seconds of the processor's time that an act takes: the least of three where the first is too long.

    What shares the processor, or is loaded for the first time, can make one slow, and an input all of them.
    """
    taken = []
    while len(taken) < 3 and min(taken, default=LONGEST) >= LONGEST:
        begun = time.thread_time()
        act()
        taken.append(time.thread_time() - begun)
    return min(taken)


def slowest(read: Callable[[str], object], texts: Sequence[str]) -> float:
    """Seconds of the processor's time of the slowest reading; each reads, or is refused with faults of bounded size."""
    worst = 0.0
    for text in texts:
        taken = processor_time(lambda text=text: _answered(read, text))
        assert taken < LONGEST, f"{taken:.2f} s: {text[:300]!r} ({len(text)} characters)"
        worst = max(worst, taken)
    return worst


def _answered(read: Callable[[str], object], text: str) -> None:
    try:
        read(text)
    except DocumentError as error:
        assert error.faults
        assert len(error.faults) < 1000
        assert len(str(error).encode()) < 40_000
