"""Dated changes: a path holds, steps or ramps, and stays; the model's own STEP and RAMP say the same."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.engine.errors import RunError
from innovation.engine.model import load_model
from innovation.engine.time_paths import Change, TimePath


def course(model, path, name="k"):
    return model.run({name: path}, [name])[name].values


def test_a_path_holds_ramps_and_stays(load):
    model = load("k = 2 ~~|")

    values = course(model, TimePath((Change(3, 4.0, 2), Change(7, 1.0))))[0]

    time = np.arange(21) * 0.5
    assert values == pytest.approx(np.where(time < 7, np.interp(time, [3, 5], [2, 4]), 1), abs=1e-15)


def test_a_path_without_changes_is_its_base(load):
    model = load("k = 2 ~~|")

    assert (course(model, TimePath(())) == 2).all()
    assert (course(model, TimePath((), base=5)) == 5).all()


def test_a_step_is_in_force_from_the_first_time_not_half_a_step_before_it(load):
    model = load("k = 0 ~~|", dt=1)

    starts = {2.0: 2, 2.4: 2, 2.5: 2, 2.6: 3}

    for start, first in starts.items():
        assert np.flatnonzero(course(model, TimePath((Change(start, 1.0),)))[0])[0] == first


def test_initial_values_see_the_path_at_the_start(load):
    model = load("k = 2 ~~|\nlevel = INTEG(0, k) ~~|")

    data = model.run({"k": TimePath((Change(-1, 9.0),))}, ["level"])

    assert data["level"].values[0][0] == 9


def test_members_may_follow_different_paths(load):
    model = load("k = 2 ~~|")

    values = course(model, TimePath((Change(4, np.array([1.0, 5.0])),), base=np.array([0.0, 3.0])))

    assert values[:, [0, -1]].tolist() == [[0, 1], [3, 5]]


def test_a_path_agrees_with_step_and_ramp_written_into_the_model(tank_file, tmp_path):
    model = load_model(tank_file)
    text = tank_file.read_text()
    for name, value, dated in (
        ("base tap", "1", "1 + STEP(1.5, 6) - STEP(0.5, 11.5)"),
        ("soak time", "3", "3 + RAMP(0.5, 4, 8)"),
    ):
        assert f"{name} = {value}\n" in text
        text = text.replace(f"{name} = {value}\n", f"{name} = {dated}\n")
    copy = tmp_path / "dated.mdl"
    copy.write_text(text)

    ours = model.run(
        {"base tap": TimePath((Change(6, 2.5), Change(11.5, 2.0))), "soak time": TimePath((Change(4, 5.0, 4),))}
    )
    written = load_model(copy).run()

    for name in written.data_vars:
        scale = np.abs(written[name].values).max()
        assert np.abs(ours[name].values - written[name].values).max() <= 1e-13 * scale, name


def test_every_fault_of_a_path_is_named(load):
    model = load("k = 2 ~~|\nj = 2 ~~|\nm = 2 ~~|")

    with pytest.raises(RunError) as caught:
        model.run(
            {
                "k": TimePath((Change(3, 1.0, 4), Change(5, 2.0))),
                "j": TimePath((Change(3, float("nan")), Change(4, "much"))),
                "m": TimePath((Change(3, 1.0, -1),)),
                "TIME STEP": TimePath((Change(3, 1.0),)),
            }
        )

    message = str(caught.value)
    assert "'k': the change at 5 lies inside the ramp from 3 to 7" in message
    assert "'j, change 1' is not a finite number" in message
    assert "'j, change 2' is 'much'" in message
    assert "ramp must be 0 or more" in message
    assert "'TIME STEP' is a time control" in message
