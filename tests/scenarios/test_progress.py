"""How far a long command is, for a person, for a script, and not at all."""

from __future__ import annotations

import io
import json
import time

import pytest

from innovation.engine.progress import Progress, StepCounter
from innovation.scenarios.execution.progress_meter import Meter, time_in_words


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_sees_a_bar_with_rate_time_left_and_failures():
    screen = Screen()
    meter = Meter("bar", "members", screen)

    meter(Progress("members", 0, 200))
    meter(Progress("members", 100, 200, failed=3))
    meter.close()

    said = screen.getvalue()
    assert "100 of 200 members, 3 failed" in said
    assert "a second" in said
    assert said.endswith("\n")


def test_a_script_reads_a_line_of_json():
    stream = io.StringIO()
    meter = Meter("json", "members", stream)

    meter(Progress("members", 50, 200))
    meter(Progress("members", 200, 200, failed=1))

    told = json.loads(stream.getvalue().splitlines()[-1])
    assert told["done"] == told["total"] == 200
    assert told["failed"] == 1
    assert told["seconds_left"] == 0


def test_what_is_done_of_all_is_told_under_the_name_that_was_asked_for():
    meter = Meter("quiet", "members of a design", io.StringIO())

    meter(Progress("members", 0, 1200))
    meter(Progress("members", 500, 1200))

    assert meter.account() == "500 of 1,200 members of a design"


def test_a_second_step_has_its_own_name_and_clock_and_failures_stay(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    meter = Meter("json", "runs", stream)

    for second, step, done, failed in ((0, "runs", 0, 0), (10, "runs", 50, 2), (20, "indicators", 10, 0),
                                       (22, "indicators", 50, 0)):  # fmt: skip
        now[0] = float(second)
        meter(Progress(step, done, 50, failed))

    runs, indicators = map(json.loads, stream.getvalue().splitlines())
    assert (runs["unit"], runs["failed"], runs["a_second"]) == ("runs", 2, 5)
    assert (indicators["unit"], indicators["failed"], indicators["a_second"]) == ("indicators", 2, 20)


def test_a_counter_tells_at_once_what_was_there_and_then_what_is_done():
    told: list[Progress] = []

    counter = StepCounter(told.append, "runs", 9, done=4)
    counter.add(2, failed=1)
    counter.add(3)
    StepCounter(None, "runs", 9).add(9)

    assert [(now.step, now.done, now.total, now.failed) for now in told] == [
        ("runs", 4, 9, 0), ("runs", 6, 9, 1), ("runs", 9, 9, 1)
    ]  # fmt: skip


def test_a_log_file_gets_one_line_at_the_end():
    stream = io.StringIO()
    meter = Meter("bar", "runs", stream)

    meter(Progress("runs", 0, 20))
    meter(Progress("runs", 10, 20))
    assert stream.getvalue() == ""
    meter(Progress("runs", 20, 20))

    assert stream.getvalue().startswith("20 runs, ")


def test_quiet_says_nothing():
    screen = Screen()
    meter = Meter("quiet", "members", screen)

    meter(Progress("members", 0, 10))
    meter(Progress("members", 10, 10))
    meter.close()

    assert screen.getvalue() == ""


@pytest.mark.parametrize(("seconds", "said"), [(3, "3 s"), (600, "10 min"), (7200, "2.0 h")])
def test_times_are_in_the_unit_of_a_person(seconds, said):
    assert time_in_words(seconds) == said
