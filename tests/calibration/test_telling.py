"""Progress as somebody at a terminal sees it, and as a log keeps it."""

from __future__ import annotations

import io
import sys

import pytest

from innovation.calibration.evidence.__main__ import in_words
from innovation.calibration.telling import Telling
from innovation.engine.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_one_line_that_is_written_over_whole(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    tell = Telling()

    tell(Progress("climbing", 1, 3, seconds_left=600.0))
    tell(Progress("draws", 1, 2, seconds_left=5.0))
    tell.end()
    tell.end()

    first, second = sys.stderr.getvalue().split("\r")[1:]
    assert first == "climbing: 33 %, 10 min left"
    assert second.rstrip() == "draws: 50 %, 5 s left"
    assert len(second) == len(first) + 1
    assert second.endswith("\n")


def test_a_log_has_the_first_word_the_last_and_little_between(capsys):
    tell = Telling()

    for done in range(101):
        tell(Progress("drawing", done, 100, seconds_left=100.0 - done))
    tell.end()

    assert capsys.readouterr().err.splitlines() == ["drawing: 0 %, 2 min left", "drawing: 100 %, 0 s left"]


@pytest.mark.parametrize(("left", "words"), [(89.4, "89 s"), (90.0, "2 min"), (1799.0, "30 min")])
def test_time_left_is_told_in_seconds_then_in_minutes(capsys, left, words):
    Telling()(Progress("drawing", 0, 1, seconds_left=left))

    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress("the baseline"), "the baseline"),
        (Progress("without GDP", 2, 9), "without GDP (3 of 9)"),
        (Progress("priors wide, step", 30, 90, seconds_left=12.3), "priors wide, step 30 of 90, 12 s left"),
    ],
)
def test_evidence_says_what_begins_and_how_much_of_it_is_done(progress, words):
    assert in_words(progress) == words
