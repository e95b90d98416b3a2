"""What an XMILE file may hold: what changes a value is read or refused by name, what changes none is left aside."""

from __future__ import annotations

import pytest

from innovation.engine.errors import ModelFileError, UnsupportedError
from innovation.engine.model import load_model

STOCK = (
    '<stock name="s"><eqn>10</eqn>{of_stock}<inflow>f</inflow></stock>'
    '<flow name="f"{mark}><eqn>TIME - 1</eqn>{of_flow}</flow><aux name="a"><eqn>3</eqn>{of_aux}</aux>'
)
CURVE = '<gf><xscale min="0" max="4"/><ypts>0,{last}</ypts></gf>'
KIND = '<dimensions><dim name="kind"/></dimensions>'
VENSIM = 'xmlns:vensim="http://www.vensim.com/XMILE"'
ISEE = 'xmlns:isee="http://iseesystems.com/XMILE"'


def variables(of_stock="", of_flow="", of_aux="", mark=""):
    return STOCK.format(of_stock=of_stock, of_flow=of_flow, of_aux=of_aux, mark=mark)


def course(read, text, name, **options):
    return read(text, **options).run(outputs=[name])[name].values[0].tolist()


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"of_flow": "<multiplier>2</multiplier>"}, '"f": <multiplier> is not supported: what enters the next stock'),
        ({"of_flow": "<leak>0.1</leak>"}, '"f": <leak> is not supported: conveyors'),
        ({"of_flow": "<leak_integers/>"}, '"f": <leak_integers> is not supported'),
        ({"of_flow": "<overflow/>"}, '"f": <overflow> is not supported: queues'),
        ({"of_stock": "<conveyor><len>4</len></conveyor>"}, '"s": <conveyor> is not supported: conveyors'),
        ({"of_stock": "<queue/>"}, '"s": <queue> is not supported'),
        ({"of_stock": "<oven/>"}, '"s": <oven> is not supported'),
        ({"of_stock": "<init_eqn>4</init_eqn>"}, '"s": <init_eqn> is not supported: only flows and auxiliaries'),
        ({"of_stock": CURVE.format(last=1)}, '"s": <gf> is not supported'),
        ({"of_stock": f"<vensim:netflow {VENSIM}>1</vensim:netflow>"}, "<vensim:netflow> beside <inflow>"),
        ({"of_aux": "<non_negative/>"}, '"a": <non_negative> is not supported: only stocks and flows'),
        ({"of_aux": f"<isee:summing {ISEE}/>"}, '"a": <isee:summing> is not supported'),
        ({"of_aux": '<own:rule xmlns:own="urn:own"/>'}, '"a": <own:rule> is not supported'),
        ({"of_aux": "<own:rule/>"}, '"a": <own:rule> is not supported'),  # a prefix nobody has declared
        ({"of_aux": "<shape/>"}, '"a": <shape> is not supported: it may change what the model means'),
        ({"mark": ' leak_start="0.5"'}, '"f": leak_start="…" of <flow> is not supported'),
        ({"mark": ' subscript="red"'}, '"f": subscript="…" of <flow> is not supported'),
        ({"mark": ' resource="other.xml"'}, '"f": resource="…" of <flow> is not supported: it reads another file'),
    ],
)
def test_what_may_change_the_meaning_of_a_variable_is_refused_by_name(read, where, said):
    with pytest.raises(UnsupportedError) as caught:
        read(variables(**where))

    (fault,) = caught.value.faults
    assert f"line {fault.line}, " in str(fault) and said in str(fault)


@pytest.mark.parametrize(
    "text",
    [
        "<doc>x</doc><units>m</units><range min='0' max='9'/><scale min='0' max='9'/><format precision='1'/><mathml/>",
        "<event_poster min='0' max='9'><threshold value='5'><event sim_action='pause'/></threshold></event_poster>",
        f"<isee:delay_aux {ISEE}/><display x='1'/>",
    ],
)
def test_what_changes_no_value_is_left_aside(read, text):
    marked = variables(of_stock=text, of_flow=text, of_aux=text, mark=' access="output"')

    assert course(read, marked, "s") == course(read, variables(), "s")


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ('<data><import resource="a.csv"/></data>', "<import> is not supported: it takes values from another file"),
        ("<behavior><queue/></behavior>", "<queue> is not supported"),
        ("<strange/>", "<strange> is not supported"),
        (f"<isee:strange {ISEE}/>", "<isee:strange> is not supported"),
        ('<macro name="m" filter="flow"><parm>x</parm><eqn>x</eqn></macro>', 'filter="…" of <macro> is not supported'),
        ("<header><includes><include resource='a.xml'/></includes></header>", "<includes> is not supported: it reads"),
        ('<model name="first"><variables/></model>', "a second <model> is not supported"),
    ],
)
def test_what_may_change_the_whole_file_is_refused_by_name(read, before, said):
    with pytest.raises(ModelFileError) as caught:
        read(variables(), before=before)

    assert any(said in str(fault) for fault in caught.value.faults)


def test_what_a_file_says_of_drawing_and_export_changes_nothing(read):
    before = (
        "<header><vendor>x</vendor><options><uses_arrays/></options></header>"
        f"<model_units><unit name='m'/></model_units><style color='red'/><isee:prefs {ISEE}/><data><export/></data>"
    )

    assert course(read, variables(), "s", before=before) == course(read, variables(), "s")


def test_an_equation_may_start_from_a_value_of_its_own(read):
    text = (
        '<stock name="s"><eqn>goal + f</eqn><inflow>f</inflow></stock>'
        '<flow name="f"><eqn>2</eqn><init_eqn>100</init_eqn></flow>'
        '<aux name="goal"><eqn>s + 1</eqn><init_eqn>7</init_eqn></aux>'
    )

    data = read(text).run()

    assert data["s"].values[0][:3].tolist() == [107, 108, 109]
    assert data["goal"].values[0][:2].tolist() == [108, 109]  # its start counts for starts alone
    assert data["f"].values[0][:2].tolist() == [2, 2]


@pytest.mark.parametrize("declared", [VENSIM, ""])
def test_the_rate_that_vensim_writes_into_a_stock_is_read(read, declared):
    text = f'<stock name="s"><eqn>8</eqn><vensim:netflow {declared}>-s/4</vensim:netflow></stock>'

    assert course(read, text, "s")[:3] == [8, 7, 6.125]


@pytest.mark.parametrize(
    ("mark", "first"), [("", -1), ("<non_negative/>", 0), ("<non_negative>false</non_negative>", -1)]
)
def test_a_mark_may_say_that_it_is_off(read, mark, first):
    assert course(read, variables(of_flow=mark), "f")[0] == first
    behavior = f"<behavior><flow>{mark}</flow></behavior>"
    assert course(read, variables(), "f", before=behavior)[0] == first


def test_elements_share_an_equation_and_have_graphical_functions_of_their_own(read):
    element = '<element subscript="{}">' + CURVE + "</element>"
    text = f'<aux name="g">{KIND}{element.format("red", last=4)}{element.format("blue", last=8)}<eqn>TIME</eqn></aux>'

    assert course(read, text, "g")[::2] == [[0, 0], [1, 2], [2, 4], [3, 6], [4, 8]]


def test_an_equation_of_the_array_stands_for_elements_that_have_none(read):
    text = f'<aux name="v">{KIND}<element subscript="blue"><eqn>TIME</eqn></element><eqn>9</eqn></aux>'

    assert course(read, text, "v")[:3] == [[9, 0], [9, 0.5], [9, 1]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'{KIND}<element subscript="red"><eqn>1</eqn></element>', "it has no equation for [blue]."),
        (f"{KIND}<eqn>1</eqn><eqn>2</eqn><eqn>3</eqn>", "it has 3 equations, and its dimension kind has 2 elements."),
        (
            f'{KIND}<element subscript="red">{CURVE.format(last=1)}</element>'
            '<element subscript="blue"><eqn>1</eqn></element>',
            "it is a lookup for some elements and has an equation for others",
        ),
        (
            f'{KIND}<element subscript="red"><eqn>1</eqn><non_negative/></element>'
            '<element subscript="blue"><eqn>1</eqn></element>',
            "<non_negative> is not supported",
        ),
    ],
)
def test_an_array_of_which_something_would_be_lost_is_a_fault(read, text, said):
    with pytest.raises(ModelFileError) as caught:
        read(f'<aux name="v">{text}</aux>')

    assert said in str(caught.value)


def test_an_array_of_lookups_is_read_by_element(read):
    element = '<element subscript="{}">' + CURVE + "</element>"
    curves = f'<aux name="g">{KIND}{element.format("red", last=4)}{element.format("blue", last=8)}</aux>'

    assert course(read, curves + '<aux name="y"><eqn>LOOKUP(g[blue], 3) + g[red](1)</eqn></aux>', "y")[0] == 7


def test_the_inputs_of_a_macro_may_have_defaults(read):
    before = (
        '<macro name="m"><parm>x</parm><parm default="x*2">y</parm><parm default="y+1">z</parm>'
        "<eqn>x*100 + y*10 + z</eqn></macro>"
    )
    calls = "".join(f'<aux name="v{n}"><eqn>m({given})</eqn></aux>' for n, given in enumerate(("1", "1, 5", "1, 5, 7")))

    data = read(calls, before=before).run()

    assert [float(data[f"v{n}"].values[0][0]) for n in range(3)] == [123, 156, 157]
    with pytest.raises(ModelFileError, match="macro m takes 1 to 3 arguments, not 4"):
        read('<aux name="v"><eqn>m(1, 2, 3, 4)</eqn></aux>', before=before)


SPECS = (
    '<xmile xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0" {isee}>{specs}'
    "<model><variables>{v}</variables></model></xmile>"
)
RATE = f"<vensim:saveper {VENSIM}>2</vensim:saveper>"


@pytest.mark.parametrize(
    ("specs", "times"),
    [
        ("<sim_specs><start>1</start><stop>3</stop></sim_specs>", [1, 2, 3]),
        ("<sim_specs><start>1</start><stop>2</stop><dt> TIME_STEP=0.5</dt></sim_specs>", [1, 1.5, 2]),
        ("<sim_specs><start>1<doc>x</doc></start><stop>2</stop><dt reciprocal='true'>2</dt></sim_specs>", [1, 1.5, 2]),
        ("<sim_specs isee:save_interval='1'><start>1</start><stop>3</stop><dt>0.5</dt></sim_specs>", [1, 2, 3]),
        (
            f"<sim_specs><start>1</start><stop>3</stop><dt>.5</dt>{RATE}</sim_specs>",
            [1, 3],
        ),
        (
            "<sim_specs isee:sim_duration='1.5' pause='2'><start>1</start><stop>2</stop><run by='all'/></sim_specs>",
            [1, 2],
        ),
    ],
)
def test_the_time_controls_are_read_as_tools_write_them(tmp_path, specs, times):
    path = tmp_path / "m.xmile"
    path.write_text(SPECS.format(isee=ISEE, specs=specs, v='<aux name="v"><eqn>1</eqn></aux>'))

    assert load_model(path).run()["time"].values.tolist() == times


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("><start>0</start><stop>2</stop><dt>a</dt>", '"TIME STEP": <dt> must be a number; this is "a".'),
        ("><start>0</start><stop>2</stop><run by='group'/>", '<run by="group"> is not supported'),
        (" isee:instantaneous_flows='true'><start>0</start><stop>2</stop>", "instantaneous_flows"),
        (" isee:new='1'><start>0</start><stop>2</stop>", 'isee:new="…" of <sim_specs> is not supported'),
        ("><start>0</start><stop>2</stop><save>2</save>", "<save> is not supported"),
    ],
)
def test_time_controls_of_another_meaning_are_refused(tmp_path, inside, said):
    path = tmp_path / "m.xmile"
    specs = f"<sim_specs{inside}</sim_specs>"
    path.write_text(SPECS.format(isee=ISEE, specs=specs, v='<aux name="v"><eqn>1</eqn></aux>'))

    with pytest.raises(ModelFileError) as caught:
        load_model(path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "written", "said"),
    [
        ("TIME STEP", "0.25", 'it is "0.25" here and 0.5 in <sim_specs>. Write the same in both.'),
        ("FINAL_TIME", "5", 'it is "5" here and 4 in <sim_specs>'),
        ("INITIAL TIME", "start", 'it is "start" here and 0 in <sim_specs>'),
    ],
)
def test_a_time_control_that_is_said_twice_differently_is_a_fault(read, name, written, said):
    with pytest.raises(ModelFileError) as caught:
        read(f'<aux name="{name}"><eqn>{written}</eqn></aux><aux name="v"><eqn>1</eqn></aux>')

    assert said in str(caught.value)


@pytest.mark.parametrize(("written", "times"), [("TIME_STEP", 9), ("2", 3)])
def test_a_save_interval_among_the_variables_is_read(read, written, times):
    controls = '<aux name="TIME STEP"><eqn>0.5</eqn></aux><aux name="FINAL TIME"><eqn>4</eqn></aux>'

    model = read(f'{controls}<aux name="SAVEPER"><eqn>{written}</eqn></aux><aux name="v"><eqn>SAVEPER</eqn></aux>')

    assert len(model.run()["time"]) == times
