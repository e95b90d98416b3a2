"""What each function means in each dialect, by value; and what is said of one that is not computed."""

from __future__ import annotations

from html import escape

import numpy as np
import pytest

from innovation.engine.errors import ModelFileError, UnsupportedError
from innovation.engine.semantics.functions import FUNCTIONS
from innovation.engine.semantics.vocabulary import REFUSED, forms, instead

TIMES = np.arange(9) / 2  # of the XMILE models here
LOAD = {"end": 4, "dt": 0.5}


def values(read, equation, **options):
    """An auxiliary of XMILE over time; ``u`` runs from -2 to 2."""
    both = f'<aux name="u"><eqn>TIME - 2</eqn></aux><aux name="v"><eqn>{escape(equation)}</eqn></aux>'
    return read(both, **options).run(outputs=["v"])["v"].values[0].tolist()


def faults(make):
    with pytest.raises(ModelFileError) as caught:
        make()
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("equation", "right"),
    [
        ("INT(u)", np.floor(TIMES - 2)),
        ("INT(-0.25) + INT(3)", [2] * 9),
        ("u MOD 1.5", np.mod(TIMES - 2, 1.5)),
        ("u MOD -1.5", np.mod(TIMES - 2, -1.5)),
        ("SAFEDIV(1, 1e-7)", [1e7] * 9),
        ("SAFEDIV(6, 0) + SAFEDIV(6, 0, 2) + SAFEDIV(6, 4)", [3.5] * 9),
        ("PULSE(3, 1)", [0, 0, 6, 0, 0, 0, 0, 0, 0]),
        ("PULSE(3, 1, 0)", [0, 0, 6, 0, 0, 0, 0, 0, 0]),
        ("PULSE(3, 1, 1.5)", [0, 0, 6, 0, 0, 6, 0, 0, 6]),
        ("PULSE(3, 0.75)", [0, 0, 6, 0, 0, 0, 0, 0, 0]),  # begins halfway between steps: all of it, one step later
        ("PULSE(3, 0.75, 1)", [0, 0, 6, 0, 6, 0, 6, 0, 6]),
        ("RAMP(2, 1, 3)", np.clip(2 * TIMES - 2, 0, 4)),
        ("PREVIOUS(u, 7)", [7, *(TIMES[:-1] - 2)]),
        ("IF TIME = 1 OR TIME = 3 THEN TIME ELSE PREVIOUS(SELF, 5)", [5, 5, 1, 1, 1, 1, 3, 3, 3]),
        ("DELAY(TIME, 1, -3)", [-3, -3, *TIMES[:-2]]),
        ("FORCST(TIME + 5, 4, 3, 0.2)", None),
        ("2 * PI + MIN(1, INF)", [2 * np.pi + 1] * 9),
        ("LOG10(1000) + MAX(u, 1e9)*0", [3] * 9),
    ],
)  # fmt: skip
def test_a_function_of_xmile_means_what_the_standard_says(read, equation, right):
    found = values(read, equation)

    if right is None:  # a forecast begins from the trend it is given: 5*(1 + 0.2*3)
        assert found[0] == pytest.approx(8)
    else:
        assert found == pytest.approx(list(right), abs=1e-12)


@pytest.mark.parametrize(
    ("expression", "right"),
    [
        ("INTEGER(u)", np.trunc(TIMES - 2)),
        ("QUANTUM(u, 0.75)", 0.75 * np.trunc((TIMES - 2) / 0.75)),
        ("QUANTUM(u, 0) + QUANTUM(u, -1)", 2 * (TIMES - 2)),
        ("MODULO(u, 1.5)", np.fmod(TIMES - 2, 1.5)),
        ("ZIDZ(1, 1e-7) + XIDZ(1, 1e-7, 3)", [3] * 9),
        ("PULSE TRAIN(0.5, 0.5, 1.5, 3.5)", [0, 1, 0, 0, 1, 0, 0, 1, 0]),  # the last pulse begins at the end
        ("PULSE TRAIN(0.5, 1, 1.5, 3.5)", [0, 1, 1, 0, 1, 1, 0, 1, 0]),  # and is cut off behind it
        ("PULSE TRAIN(0.5, 1, 1.5, 3.4)", [0, 1, 1, 0, 1, 1, 0, 0, 0]),
        ("PULSE TRAIN(1, 2, 1.5, 3)", [0, 0, 1, 1, 1, 1, 1, 0, 0]),  # longer than what lies between: always on
        ("PULSE TRAIN(0.75, 0, 1, 3)", [0, 0, 1, 0, 1, 0, 1, 0, 0]),
        ("RAMP(2, 3, 1)", np.where(TIMES > 3, -4, 0)),
        ("IF THEN ELSE(:NOT: u > 1, 1, 0)", TIMES <= 3),  # as Vensim's own output has it; XMILE's NOT binds first
        ("IF THEN ELSE(u > 1 :OR: u < 0 :AND: u < -1, 1, 0)", (TIMES > 3) | (TIMES < 1)),
        ("-u^2", -((TIMES - 2) ** 2)),
        ("2^-u^2 + 2^3^2", 2.0 ** -((TIMES - 2) ** 2) + 512),
    ],
)  # fmt: skip
def test_a_function_of_vensim_means_what_its_manual_says(load, expression, right):
    model = load(f"u = Time - 2 ~~|\nv = {expression} ~~|", **LOAD)

    assert model.run(outputs=["v"])["v"].values[0] == pytest.approx(np.array(right, float), abs=1e-12)


def test_rounding_of_the_time_grid_costs_a_pulse_train_no_pulse(load):
    model = load("v = PULSE TRAIN(0.1, 0.1, 0.3, 0.7) ~~|", end=1, dt=0.1)

    assert np.flatnonzero(model.run(outputs=["v"])["v"].values[0]).tolist() == [1, 4, 7]


DELAYS = ["DELAY1({x}, {t})", "DELAY3({x}, {t})", "DELAYN({x}, {t}, 2)", "SMTH1({x}, {t})", "SMTH3({x}, {t})"]
DELAYS += ["SMTHN({x}, {t}, 2)", "TREND({x}, {t})", "FORCST({x}, {t}, 1)"]


@pytest.mark.parametrize("written", DELAYS)
def test_a_delay_of_xmile_shorter_than_its_steps_is_refused_and_one_as_long_is_not(read, written):
    stages = {"3(": 3, "N(": 2}.get(written.partition("{")[0][-2:], 1)
    name = written.partition("(")[0]

    values(read, written.format(x="TIME + 1", t=0.5 * stages))

    with pytest.raises(
        UnsupportedError, match=rf'"v": {name}.* over a time of .* needs .* of time, and a step is 0\.5'
    ):
        values(read, written.format(x="TIME + 1", t=0.5 * stages - 0.125))


@pytest.mark.parametrize("backend", ["numpy", "vectors"])
def test_a_parameter_that_makes_a_delay_too_short_ends_the_run(read, tmp_path, backend):
    from innovation.engine.backends.llvm import machine
    from innovation.engine.errors import RunError
    from innovation.engine.model import load_model

    if backend == "vectors" and not machine.available():
        pytest.skip("llvmlite does not work here")
    read('<aux name="t"><eqn>3</eqn></aux><aux name="v"><eqn>DELAY3(TIME, t)</eqn></aux>')
    model = load_model(tmp_path / "model.xmile", backend=backend)

    assert np.isfinite(model.run({"t": [1.5, 2.0]}, ["v"])["v"].values).all()
    with pytest.raises(RunError, match=r"DELAY3 \(nan where shorter than a step\) in v is nan at time 0, member 1"):
        model.run({"t": [2.0, 1.0]}, ["v"])


def test_a_delay_of_vensim_is_computed_as_its_manual_writes_it_out_however_short(load):
    model = load("a = DELAY3(Time, 0.5) ~~|\n" + (
        "c = l3/dl ~~|\nl3 = INTEG(r2 - c, dl*Time) ~~|\nr2 = l2/dl ~~|\nl2 = INTEG(r1 - r2, l3) ~~|\n"
        "r1 = l1/dl ~~|\nl1 = INTEG(Time - r1, l3) ~~|\ndl = 0.5/3 ~~|"), **LOAD)  # fmt: skip

    data = model.run(outputs=["a", "c"])

    assert data["a"].values == pytest.approx(data["c"].values, rel=1e-12)


def test_every_name_of_one_dialect_has_words_for_the_other():
    for xmile in (True, False):
        foreign = [name for name in forms(not xmile) if name not in forms(xmile)]
        assert all(len(instead(name, xmile)) > 30 for name in foreign)
        assert not [name for name in forms(xmile) if name in REFUSED]
        assert all(
            form is None or form.function in FUNCTIONS for each in forms(xmile).values() for form in each.values()
        )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("SINTEG(1, 5, 0, 10, 1, 0, 0)", "SINTEG is not supported: "),
        ("TIME BASE(2000, 1)", "TIME BASE is not supported: write slope*Time + start"),
        ("SSHAPE(1, 2, 3)", "SSHAPE is not supported: "),
        ("QUEUE FIFO(1, 2)", "QUEUE FIFO is not supported: conveyors, queues and ovens"),
        ("GET VDF DATA('a', 'b', 1, 2)", "GET VDF DATA is not supported: it reads another file"),
        ("RANDOM BETA(0, 1, 1, 1, 1, 1, 0)", "RANDOM BETA is not supported: random numbers"),
        ("SMTH3(1, 2)", "SMTH3 is not supported in a .mdl file: it is a function of XMILE; write SMOOTH3(input, time)"),
        ("INT(2.5)", "INT is not supported in a .mdl file: it is a function of XMILE; write INTEGER(x)"),
        ("PI()", "PI is not supported in a .mdl file"),
    ],
)  # fmt: skip
def test_a_function_the_field_knows_is_refused_by_name_with_what_to_do(load, written, said):
    with pytest.raises(UnsupportedError) as caught:
        load(f"v = {written} ~~|")

    (fault,) = caught.value.faults
    assert str(fault).startswith(f'line 1, "v": {said}')


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("SMOOTH3(u, 2)", "SMOOTH3 is not supported in an XMILE file: it is a function of Vensim; write SMTH3(input"),
        ("PULSE_TRAIN(1, 1, 2, 3)", "PULSE TRAIN is not supported in an XMILE file"),
        ("SAMPLE_IF_TRUE(u &gt; 0, u, 0)", "SAMPLE IF TRUE is not supported in an XMILE file"),
        ("ROUND(u)", "ROUND is not supported: write INT(x + 0.5)"),
        ("QLEN(u)", "QLEN is not supported: conveyors, queues and ovens are not computed"),
        ("MONTECARLO(50)", "MONTECARLO is not supported: random numbers"),
        ("NAN", "NAN is not supported: every value of a run must be a finite number"),
    ],
)  # fmt: skip
def test_a_function_that_xmile_does_not_have_or_stella_alone_has_is_refused_by_name(read, written, said):
    with pytest.raises(UnsupportedError) as caught:
        read(f'<aux name="u"><eqn>1</eqn></aux><aux name="v"><eqn>{written}</eqn></aux>')

    (fault,) = caught.value.faults
    assert str(fault).startswith(f'line 6, "v": {said}')


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("PULSE(10)", "PULSE takes 2 or 3 arguments, not 1."),
        ("MAX(1, 2, 3)", "MAX takes 1 or 2 arguments, not 3."),
        ("1 + INT(DELAY1(TIME))", "DELAY1 takes 2 or 3 arguments, not 1."),
        ("LOOKUP(u)", "LOOKUP takes 2 arguments, not 1."),
        ("XPULSE(1, 2)", 'unknown function "XPULSE". Did you mean: PULSE?'),  # a name inside the engine is nobody's
        ("MAX(1 2)", 'the equation cannot be read from "(1 2)" on.'),
        ("MAX(1, 2,)", 'the equation cannot be read from "(1, 2,)" on.'),
    ],
)
def test_a_function_given_wrongly_is_named(read, written, said):
    found = faults(lambda: read(f'<aux name="u"><eqn>1</eqn></aux><aux name="v"><eqn>{written}</eqn></aux>'))

    assert found[0].startswith(f'line 6, "v": {said}')


def test_an_equation_that_is_still_to_be_written_is_told_so(load):
    found = faults(lambda: load("v = A FUNCTION OF(u) ~~|\nu = 1 ~~|"))

    assert found == ['line 1, "v": it has no equation yet: Vensim writes A FUNCTION OF in its place.']


@pytest.mark.parametrize("written", ["MAX(1 2)", "MAX(1, 2, )", "SMOOTH(u[a] 3)"])
def test_a_comma_between_arguments_cannot_be_left_out(load, written):
    found = faults(lambda: load(f"r: a,b ~~|\nu[r] = 1 ~~|\nv = {written} ~~|"))

    assert found[0].startswith('line 3, "v": the equation cannot be read from')
