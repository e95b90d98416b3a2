"""Making all again: the order of steps, what is skipped, going on after a kill, and what fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

import cli
from innovation.commands import remaking
from innovation.commands.endings import Mistake
from innovation.commands.remaking import Step, remake, states, steps


def code(*lines):
    return ("-c", "\n".join(("import pathlib, sys", *lines)))


@pytest.fixture
def step(tmp_path):
    """A step that writes a file, after another's; its check says whether the file holds what that other's holds."""

    def make(name, of=None, *, fails=False, ways=None, **more):
        mine, theirs = repr(str(tmp_path / name)), repr(str(tmp_path / of)) if of else "None"
        wanted = f"wanted = pathlib.Path({theirs}).read_text() if {theirs} else 'first'"
        log = f"open({str(tmp_path / 'log')!r}, 'a').write({name + ' '!r})"
        check = code(
            f"file = pathlib.Path({mine})", wanted, "if not file.exists(): sys.exit('It is missing.')",
            "sys.exit(0 if file.read_text() == wanted else 'It is of another.')",
        )  # fmt: skip
        way = code(wanted, log, "sys.exit(1)" if fails else f"pathlib.Path({mine}).write_text(wanted)")
        return Step(name, check, ways or (way,), **more)

    return make


def log(tmp_path):
    file = tmp_path / "log"
    return file.read_text().split() if file.exists() else []


def test_steps_are_made_in_their_order_and_only_once(step, tmp_path):
    every, told = [step("a"), step("b", "a"), step("c", "b")], []

    assert remake(every, told.append) == ["a", "b", "c"]
    assert log(tmp_path) == ["a", "b", "c"]
    assert told[0] == "a: stale (It is missing.)"
    assert remake(every, told.append) == []
    assert told[-3:] == ["a: fresh", "b: fresh", "c: fresh"]


def test_a_change_makes_what_rests_on_it_stale_and_nothing_else(step, tmp_path):
    every = [step("x"), step("a"), step("b", "a"), step("c", "b")]
    remake(every, print)
    (tmp_path / "b").write_text("other")

    assert [found.state for found in states(every)] == ["fresh", "fresh", "stale", "stale"]
    assert remake(every, print) == ["b"]


def test_what_fails_stops_all_that_comes_after_and_a_second_run_goes_on(step, tmp_path):
    with pytest.raises(Mistake, match=r"b could not be made\. Left as they are: c\. Run the same again"):
        remake([step("a"), step("b", "a", fails=True), step("c", "b")], print)
    assert log(tmp_path) == ["a", "b"]

    assert remake([step("a"), step("b", "a"), step("c", "b")], print) == ["b", "c"]


def test_another_way_is_tried_where_the_first_fails(step, tmp_path):
    whole = step("a")
    every = [step("a", ways=(code("sys.exit(2)"), *whole.make))]

    assert remake(every, print) == ["a"]


def test_a_step_that_is_stale_once_it_was_made_is_a_fault(step):
    with pytest.raises(Mistake, match=r"a was made and is still stale \(It is missing"):
        remake([step("a", ways=(code("pass"),))], print)


def test_a_step_without_its_program_is_told_and_skipped(step):
    told = []

    assert remake([step("a"), step("b", needs="no-such-program")], told.append) == ["a"]
    assert told[-1] == "b: skipped (there is no no-such-program here)"


def test_a_step_without_a_check_is_made_when_another_was(step, tmp_path):
    picture = Step("picture", None, (code(f"open({str(tmp_path / 'log')!r}, 'a').write('picture ')"),))
    every = [step("a"), picture]

    assert remake(every, print) == ["a", "picture"]
    assert remake(every, print) == []


def test_a_run_that_is_killed_goes_on_with_what_was_not_made(step, tmp_path):
    slow = step("b", "a", ways=(code("import time", "time.sleep(60)"),))
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from innovation.commands.remaking import Step, remake; "
        f"remake({[step('a'), slow]!r}, lambda said: print(said, flush=True))"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script, str(remaking.HERE)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert run.stdout is not None
    while not run.stdout.readline().startswith("b: stale"):
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()

    assert remake([step("a"), step("b", "a")], print) == ["b"]
    assert log(tmp_path) == ["a", "b"]


def test_the_projects_steps_ask_commands_that_there_are(capsys):
    named = [step.name for step in steps()]
    ways = [way for step in steps() for way in ((step.check,) if step.check else ()) + step.make]
    commands = {way[1] for way in ways if way[0].endswith("cli.py")}

    assert named.index("posterior") < named.index("nominal values") < named.index("golden figures")
    assert named.index("evidence") < named.index("pages") < named.index("pictures")
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            cli.main([command, "--help"])
        assert ended.value.code == 0
        checked = any(way[1:] == (command, "--check") for way in ways)
        assert not checked or "--check" in capsys.readouterr().out


def test_the_command_lists_and_makes(monkeypatch, capsys, step):
    monkeypatch.setattr(remaking, "steps", lambda: (step("a"), step("b", "a")))

    assert cli.main(["remake", "--list"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "a: stale (It is missing.)"
    assert cli.main(["remake"]) == 0
    assert "Made: a, b." in capsys.readouterr().out
    assert cli.main(["remake"]) == 0
    assert "All is fresh." in capsys.readouterr().out


def test_the_list_has_each_step_before_the_next_is_asked(monkeypatch, capsys):
    seen = []

    def asked(every):
        for one in every:
            seen.append(capsys.readouterr().out)
            yield remaking.State(one, remaking.FRESH)

    monkeypatch.setattr(remaking, "steps", lambda: (Step("a", None, ()), Step("b", None, ())))
    monkeypatch.setattr(remaking, "states", asked)

    assert cli.main(["remake", "--list"]) == 0

    assert seen == ["", "a: fresh\n"]
