"""What a caller may ask of a run, what comes back, and what is said when it cannot be."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from innovation.engine.errors import RunError
from innovation.engine.time_paths import Change, TimePath


def test_a_dataset_says_what_its_figures_are(tank):
    data = tank.run({"base tap": [1.0, 2.0]}, outputs=["water", "Total Water"], times=[0, 2.5, 20])

    assert dict(data.sizes) == {"member": 2, "time": 3, "tank": 2}
    assert data["tank"].values.tolist() == ["upper", "lower"]
    assert data["total_water"].attrs == {"unit": "litre", "label": "total water", "kind": "auxiliary"}
    assert data.attrs["model_hash"] == tank.hash
    assert data.attrs["dt"] == 0.125
    assert data["total_water"].dims == ("member", "time")


def test_a_model_tells_what_its_file_says(tank):
    tap = tank.variables["base tap"]
    water = tank.variables["water"]

    assert (tap.kind, tap.unit, tap.group, tap.limits) == ("constant", "litre/hour", "Water", (0.0, None))
    assert tap.sentence == "Flow of the tap at the start."
    assert water.inputs == ("inflow", "outflow", "initial water")
    assert (water.kind, water.dims, tank.variables["outflow"].kind) == ("stock", ("tank",), "flow")
    assert tank.constants["residence"].tolist() == [2, 4]
    assert tank.subscripts["tank"] == ("upper", "lower")
    assert (tank.initial_time, tank.final_time, tank.dt, tank.saveper) == (0, 20, 0.125, 0.5)
    assert tank.variables["level seen"].inputs == ("total water",)


def test_all_outputs_are_given_when_none_are_named(tank):
    data = tank.run()

    assert set(data.data_vars) == {name.replace(" ", "_") for name, v in tank.variables.items() if v.kind != "lookup"}
    assert len(data["time"]) == 41


def test_a_parameter_takes_one_value_or_one_a_member_or_an_element(tank):
    data = tank.run({"residence[lower]": [4.0, 8.0], "initial water": [1.0, 2.0]}, outputs=["water"], times=[0])

    assert data["water"].values[:, 0].tolist() == [[1, 2], [1, 2]]


def test_an_array_constant_may_differ_by_member(tank):
    data = tank.run({"initial water": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]}, outputs=["water"], times=[0])

    assert data["water"].values[:, 0].tolist() == [[1, 2], [3, 4], [5, 6]]


def test_every_wrong_parameter_is_named_at_once(tank):
    with pytest.raises(RunError) as caught:
        tank.run(
            {
                "bse tap": 1,
                "total water": 2,
                "more tap": float("nan"),
                "less tap": "fast",
                "residence": 3,
                "residence[midle]": 3,
                "alarm level": [[1, 2], [3, 4]],
                "soak time": [1, 2],
                "base tap": [1, 2, 3],
            }
        )

    message = str(caught.value)
    assert "8 faults in the parameters of a run" in message
    for said in (
        '"bse tap" is not in the model. Did you mean: base tap',
        "'total water' is computed by the model (auxiliary); parameters are its constants",
        "'more tap' is not a finite number",
        "'less tap' is 'fast'; expected a number",
        "'residence' has a single value; expected its own shape (2,) (tank 2), or one element as 'residence[upper]'",
        '"midle" is no element of tank',
        "'alarm level' has shape (2, 2)",
        "differ in their number of members (soak time: 2, base tap: 3)",
    ):
        assert said in message, said


def test_wrong_outputs_and_times_are_named(tank):
    with pytest.raises(RunError, match=r'"totl water" is not in the model. Did you mean: total water'):
        tank.run(outputs=["totl water"])
    with pytest.raises(RunError, match=r"times off the step grid: 0\.3\. Expected 0 to 20 in steps of 0.125"):
        tank.run(times=[0, 0.3, 1])
    with pytest.raises(RunError, match="times must increase"):
        tank.run(times=[1, 0])


def test_a_run_alone_gives_the_bits_it_has_among_many(tank, monkeypatch):
    monkeypatch.setattr("innovation.engine.backends.numpy.arrays.CHUNK", 1024)
    rng = np.random.default_rng(1)
    parameters = {
        "base tap": rng.uniform(0, 3, 1500),
        "residence[upper]": rng.uniform(0.5, 4, 1500),
        "soak time": rng.uniform(1, 9, 1500),
    }

    many = tank.run(parameters)

    for member in (0, 7, 1023, 1024, 1499):
        alone = tank.run({name: values[member] for name, values in parameters.items()})
        for name in many.data_vars:
            assert np.array_equal(alone[name].values[0], many[name].values[member]), name


def test_the_first_value_that_is_not_finite_is_named_with_its_member(load):
    model = load(
        "k = 1 ~~|\nlevel = INTEG(-k, 4) ~~|\nroot = SQRT(level) ~~|\nhidden = MAX(1, 1/root) ~~|", end=10, dt=1
    )

    with pytest.raises(RunError) as caught:
        model.run({"k": [0.0, 1.0, 2.0]}, outputs=["hidden"])

    assert "hidden is inf at time 4, member 1" in str(caught.value)  # the lowest member, at its first time
    assert "k = 1" in str(caught.value)


def test_an_infinity_that_a_later_function_hides_is_still_named(load):
    model = load("gap = Time - 3 ~~|\nratio = 1/gap ~~|\nshown = 1/(1 + EXP(-ABS(ratio))) ~~|", end=5, dt=1)

    with pytest.raises(RunError, match="ratio is inf at time 3, member 0"):
        model.run(outputs=["shown"])


def test_a_mask_flags_failed_members_and_keeps_the_others(load):
    model = load("k = 1 ~~|\nlevel = INTEG(-k, 4) ~~|\nroot = SQRT(level) ~~|", end=10, dt=1)

    data = model.run({"k": [0.0, 1.0, 0.4]}, on_failure="mask")

    assert data["failed"].values.tolist() == [False, True, False]
    assert np.isfinite(data["root"].values[[0, 2]]).all()


def test_a_division_by_zero_alone_is_the_same_as_among_others(load):
    model = load("d = 0 ~~|\nratio = 1/d ~~|\nshown = MIN(5, ratio) ~~|", end=1, dt=1)

    alone = model.run({"d": 0.0}, on_failure="mask")
    among = model.run({"d": [0.0, 2.0]}, on_failure="mask")

    assert alone["failed"].values.tolist() == [True]
    assert among["failed"].values.tolist() == [True, False]
    assert np.array_equal(alone["shown"].values[0], among["shown"].values[0])


def test_a_guarded_division_does_not_fail(load):
    model = load("ratio = IF THEN ELSE(Time = 0, 0, 1/Time) ~~|")

    assert model.run(outputs=["ratio"])["ratio"].values[0][0] == 0


def test_time_controls_may_be_given_and_halving_the_step_refines_the_answer(load):
    model = load("level = INTEG(-level, 1) ~~|", end=1, dt=0.1)

    errors = [
        abs(model.run({"TIME STEP": dt}, ["level"], times=[1])["level"].values[0, 0] - np.exp(-1))
        for dt in (0.1, 0.05, 0.025)
    ]

    assert errors[0] / errors[1] == pytest.approx(2, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.1)


def test_moving_a_parameter_generates_nothing_anew(tank, monkeypatch):
    tank.run({"base tap": 1.0, "more tap": TimePath((Change(3, 2.0),))}, ["total water"])
    monkeypatch.setattr("innovation.engine.model.make_kernel", lambda *_: pytest.fail("generated again"), raising=True)

    tank.run({"base tap": 2.5, "more tap": TimePath((Change(7, 1.0, 2),))}, ["total water"])


def test_many_threads_may_run_one_model(tank):
    expected = {k: tank.run({"base tap": float(k)}, ["total water"])["total_water"].values for k in range(8)}
    found: dict[int, np.ndarray] = {}

    def work(k: int) -> None:
        found[k] = tank.run({"base tap": float(k)}, ["total water"])["total_water"].values

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(np.array_equal(found[k], expected[k]) for k in range(8))


def test_only_what_the_outputs_need_is_computed(load):
    model = load("a = 1 ~~|\nb = INTEG(a, 0) ~~|\nc = INTEG(1/0, 0) ~~|")

    assert model.run(outputs=["b"])["b"].values[0][-1] == 10


def test_a_constant_behind_the_order_of_a_delay_is_no_parameter(load):
    model = load("late = DELAY N(Time, 2, 0, order) ~~|\norder = 3 ~~|")

    with pytest.raises(RunError, match="'order' is built into the equations"):
        model.run({"order": 2})


def test_variables_and_ranges_may_have_the_names_of_a_datasets_own(load):
    model = load("time: a, b ~~|\nx[time] = 1, 2 ~~|\nmember = x[a] + 2 ~~|\nfailed = 5 ~~|")

    data = model.run(on_failure="mask")

    assert data["x"].isel(member=0, time=0).values.tolist() == [1, 2]
    assert data["member_"].values[0, 0] == 3
    assert data["member_"].attrs["label"] == "member"
    assert data["failed_"].values[0, 0] == 5
    assert not data["failed"].any()


def test_time_controls_cannot_ask_for_endless_steps(load):
    with pytest.raises(RunError, match="steps; at most 1e"):
        load("x = Time ~~|").run({"TIME STEP": 1e-9})
