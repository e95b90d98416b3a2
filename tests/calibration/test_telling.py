"""Progress as somebody at a terminal sees it, and as a log keeps it."""

from __future__ import annotations

import io
import sys

import pytest

from calibration.telling import Telling


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_one_line_that_is_written_over_whole(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    tell = Telling()

    tell("climbing", 1, 3, 600.0)
    tell("draws", 1, 2, 5.0)
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
        tell("drawing", done, 100, 100.0 - done)
    tell.end()

    assert capsys.readouterr().err.splitlines() == ["drawing: 0 %, 2 min left", "drawing: 100 %, 0 s left"]


@pytest.mark.parametrize(("left", "words"), [(89.4, "89 s"), (90.0, "2 min"), (1799.0, "30 min")])
def test_time_left_is_told_in_seconds_then_in_minutes(capsys, left, words):
    Telling()("drawing", 0, 1, left)

    assert words in capsys.readouterr().err
