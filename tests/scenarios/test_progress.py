"""How far a long command is, for a person, for a script, and not at all."""

from __future__ import annotations

import io
import json

import pytest

from scenarios.progress import Meter, in_words


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_sees_a_bar_with_rate_time_left_and_failures():
    screen = Screen()
    meter = Meter("bar", "members", screen)

    meter.begin(0, 200)
    meter.add(100, 3)
    meter.close()

    said = screen.getvalue()
    assert "100 of 200 members, 3 failed" in said
    assert "a second" in said
    assert said.endswith("\n")


def test_a_script_reads_a_line_of_json():
    stream = io.StringIO()
    meter = Meter("json", "members", stream)

    meter.begin(50, 200)
    meter.add(150, 1)

    told = json.loads(stream.getvalue().splitlines()[-1])
    assert told["done"] == told["total"] == 200
    assert told["failed"] == 1
    assert told["seconds_left"] == 0


def test_what_is_done_of_all_can_be_told_instead():
    meter = Meter("quiet", "members", io.StringIO())

    meter.begin(0, 1200)
    meter.reach(500, 1200)
    meter.reach(1200, 1200)

    assert meter.account() == "1,200 of 1,200 members"


def test_a_log_file_gets_one_line_at_the_end():
    stream = io.StringIO()
    meter = Meter("bar", "runs", stream)

    meter.begin(0, 20)
    meter.add(10)
    assert stream.getvalue() == ""
    meter.add(10)

    assert stream.getvalue().startswith("20 runs, ")


def test_quiet_says_nothing():
    screen = Screen()
    meter = Meter("quiet", "members", screen)

    meter.begin(0, 10)
    meter.add(10)
    meter.close()

    assert screen.getvalue() == ""


@pytest.mark.parametrize(("seconds", "said"), [(3, "3 s"), (600, "10 min"), (7200, "2.0 h")])
def test_times_are_in_the_unit_of_a_person(seconds, said):
    assert in_words(seconds) == said
