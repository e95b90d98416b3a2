"""The model file keeps the rules of Vensim's manual, each of which can fail, and its drawing is the model's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from itertools import combinations, product
from pathlib import Path

import pytest

import cli
from innovation.engine.errors import ModelFileError
from innovation.engine.frontend.vensim_elements import without_drawing
from innovation.engine.ir.structure import normalised_name
from innovation.engine.model import load_model
from innovation.model.vensim import RULES, broken_rules, view_titles
from innovation.model.vensim.drawn import VALVE, views_in
from innovation.model.vensim.sketch import with_sketch
from innovation.model.vensim.views import Sheet, sheets
from innovation.model.vensim.written import Written

ROOT = Path(__file__).parents[2]
CITY = ROOT / "model" / "innovation.mdl"
TOY = ROOT / "tests" / "models" / "toy_city" / "toy.mdl"

SOUND = """{UTF-8}
kind: big, small
	~~ Kinds of tank. |
shape: round, square
	~~ Shapes of tank. |

********************************************************
	.Tanks
********************************************************~
		Two tanks.
	|
water[kind] = INTEG(inflow[kind] - outflow[kind], initial water[kind])
	~ litre ~ Water; 水. |
initial water[kind] = 8, 2
	~ litre ~ Water at the start. |
inflow[kind] = tap * share[kind]
	~ litre/hour ~ What comes. |
outflow[kind] = water[kind] / residence
	~ litre/hour ~ What goes. |
share[kind] = 0.5, 0.5
	~ Dmnl ~ Part of the tap. |
residence = 3
	~ hour ~ Time in a tank. |
tap = base tap * WITH LOOKUP POINT
	~ litre/hour ~ The tap. |
base tap = 4
	~ litre/hour ~ The tap at the start. |
WITH LOOKUP POINT = WITH LOOKUP(Time, ((0,1),(5,2)))
	~ Dmnl ~ How far the tap is open. |
total water = SUM(water[kind!])
	~ litre ~ All water. |
initial total water = INITIAL(total water)
	~ litre ~ All water at the start. |
water before = DELAY FIXED(total water, residence, initial total water)
	~ litre ~ All water some time ago. |
held water = ACTIVE INITIAL(total water, initial total water)
	~ litre ~ All water. |
look((0,1),(5,2))
	~ Dmnl ~ A curve. |
cost[kind, shape] =
	1, 2;
	3, 4;
	~ Dmnl ~ Cost by kind and shape. |
total cost = look(SUM(cost[kind!, shape!]))
	~ Dmnl ~ All cost. |

********************************************************
	.Control
********************************************************~
		Control.
	|
INITIAL TIME = 0
	~ hour ~ Start. |
FINAL TIME = 4
	~ hour ~ End. |
TIME STEP = 0.5
	~ hour ~ Step. |
SAVEPER = 1
	~ hour ~ Between saved values. |
"""
END, DELAYED = " ~ Dmnl ~ One. |\n", "DELAY FIXED(total water, residence, initial total water)"
ALONE = ' stands alone on the right of "="'
EQUATIONS = [  # a rule, and what breaks it
    ("a file with letters beyond ASCII says {UTF-8} first", "{UTF-8}\n", ""),
    ("an element is equation ~ units ~ comment |", "All water. |\ninitial", "All water.\ninitial"),
    ("a group is **** .name **** ~ comment |", "****~\n\t\tTwo", "****\n\t\tTwo"),
    ("names in no quotation marks are letters, digits, spaces, _, ' and $", "residence", "3rd residence"),
    ("a name is not broken over lines", "= base tap *", "= base\ntap *"),
    ("a backslash continues a line and ends it", "tap = base", "tap = \\ base"),
    ("a variable has one equation, or one for each of its parts", "residence = 3\n", f"tap = 3{END}residence = 4\n"),
    ("a name is spelled as it was first", "/ residence", "/ Residence"),
    ("variables, ranges and elements have names of their own", "big, small", "big, tap"),
    ("functions and time lend their names to nothing", "residence", "max"),
    ("brackets match", "base tap * WITH", "(base tap * WITH"),
    ("functions are Vensim's, with the arguments it takes", "tap * share[kind]", "MAX(tap, 0, 1) * share[kind]"),
    ("functions are Vensim's, with the arguments it takes", "tap * share[kind]", "GREATER(tap) * share[kind]"),
    (f"INTEG{ALONE}", "INTEG(inflow", "0 + INTEG(inflow"),
    (f"INITIAL{ALONE}", "INITIAL(total water)", "INITIAL(total water) / 1"),
    (f"ACTIVE INITIAL{ALONE}", "ACTIVE INITIAL(", "1 * ACTIVE INITIAL("),
    (f"DELAY FIXED{ALONE}", "DELAY FIXED(", "1 * DELAY FIXED("),
    (f"WITH LOOKUP{ALONE}", "= WITH LOOKUP(", "= 1 * WITH LOOKUP("),
    (f"DELAY N{ALONE}", DELAYED, "1 * DELAY N(tap, residence, tap, 3)"),
    (f"DELAY INFORMATION{ALONE}", "DELAY FIXED(total water,", "1 * DELAY INFORMATION(total water,"),
    (f"SINTEG{ALONE}", DELAYED, "1 * SINTEG(tap, 1, 0, 9, 1, 0, 1)"),
    ("the x of a lookup grows", "((0,1),(5,2)))", "((5,1),(0,2)))"),
    ("a lookup has two points or more", "look((0,1),(5,2))", "look((0,1))"),
    ("a lookup has two points or more", "((0,1),(5,2)))", "((0,tap),(5,2)))"),
    ("all that is read is defined", "base tap *", "open tap *"),
    ("numbers fill their array, row by row; rows end with ;", "3, 4;", "3, 4"),
    ("numbers fill their array, row by row; rows end with ;", "= 8, 2", "= 8, 2, 1"),
    ("a range on the right stands on the left, or is summed", "tap * share[kind]", "tap * share[shape]"),
    ("! stands in functions over subscripts, and they have one", "SUM(water[kind!])", "SUM(water[big])"),
    ("! stands in functions over subscripts, and they have one", "tap * share[kind]", "tap * share[kind!]"),
    ("a variable has the same subscripts everywhere", "SUM(water[kind!])", "water[big] + share"),
    ("eight subscripts at most", "share[kind] = 0.5, 0.5", "share[a,b,c,d,e,f,g,h,i] = 0.5"),
    ("of ranges that share an element one holds the others", "round, square", "round, small"),
    ("a variable is of one type", "= 0.5, 0.5", f"= INITIAL(tap){END}share[big] = INTEG(tap, 0)"),
    ("the four control parameters are there", "SAVEPER = 1", "SAVED = 1"),
    ("the control parameters have the unit of time", "	~ hour ~ Step. |", "	~ day ~ Step. |"),
    ("units are names joined by * and /", "litre/hour ~ What comes", "litre per: hour; ~ What comes"),
    ("a unit is spelled one way", "litre ~ All water some", "Litres ~ All water some"),
]  # fmt: skip
SHOWN = r"a variable stands once in the drawing, in the view of its group"
SKETCH = [
    ("a view begins with its four lines; its name has 30 characters at most", "V300", "V200"),
    ("a view begins with its four lines; its name has 30 characters at most", "*Tanks", "*Tanks " + "and more " * 5),
    ("the views end with ///---\\\\\\, and the settings follow", ":L<%^E!@\n", ""),
    ("objects of a view are of known form, each with a number of its own", "\n10,1,", "\n10,2,"),
    ("objects of a view are of known form, each with a number of its own", "\n11,", "\nvalve,"),
    ("arrows join objects of their view and end in a list of points", ",128,0,-1--1--1,,1|(", ",128,0,-1--1--1,,2|("),
    ("a flow's name follows its valve", ",40,3,0,0,-1", ",8,3,0,0,-1"),
    ("a view shows what the equations define", ",base tap,", ",basic tap,"),
    (SHOWN, "tap = base tap * WITH", "pipe = 1 ~ Dmnl ~ New. |\ntap = base tap * WITH"),
    (SHOWN, "*Tanks", "*Pumps"),
    ("arrows and pipes are what the equations read", "tap = base tap * WITH", "tap = base tap + residence * WITH"),
    ("arrows and pipes are what the equations read", "look(SUM(cost[kind!, shape!]))", "SUM(cost[kind!, shape!])"),
]  # fmt: skip

Make = Callable[[str], Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def write(text: str) -> Path:
        path = tmp_path / "model.mdl"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sound text with its drawing."""
    path = tmp_path_factory.mktemp("sound") / "sound.mdl"
    path.write_text(SOUND, encoding="utf-8")
    return with_sketch(SOUND, load_model(path).structure)


@pytest.fixture(scope="module")
def toy_sheets() -> dict[str, Sheet]:
    """The sheets of the toy city, by title."""
    return {sheet.title: sheet for sheet in sheets(Written(TOY.read_text("utf-8")), load_model(TOY).structure)}


@pytest.fixture(scope="module")
def drawn_toy() -> str:
    """The toy city's file with its drawing."""
    return with_sketch(TOY.read_text(encoding="utf-8"), load_model(TOY).structure)


def says(text: str) -> set[str]:
    return {rule.says for rule, _ in broken_rules(text)}


def test_the_citys_file_keeps_every_rule():
    assert [f"{fault} ({rule.page})" for rule, fault in broken_rules(CITY.read_text(encoding="utf-8"))] == []


def test_a_sound_file_keeps_every_rule(sound):
    assert says(SOUND) == set()
    assert says(sound) == set()


@pytest.mark.parametrize(("rule", "old", "new"), EQUATIONS)
def test_an_equation_that_breaks_a_rule_is_told(rule, old, new):
    assert old in SOUND

    assert rule in says(SOUND.replace(old, new))


@pytest.mark.parametrize(("rule", "old", "new"), SKETCH)
def test_a_drawing_that_breaks_a_rule_is_told(sound, rule, old, new):
    assert old in sound

    assert rule in says(sound.replace(old, new, 1))


def test_each_rule_names_its_page_and_has_a_case_that_breaks_it():
    assert all(rule.says and rule.page for rule in RULES)
    assert {rule.says for rule in RULES} == {rule for rule, *_ in (*EQUATIONS, *SKETCH)}


def test_values_of_the_start_that_go_in_a_circle_are_refused_when_the_file_is_read(make):
    circle = SOUND.replace("base tap = 4", "base tap = INITIAL(tap)")

    with pytest.raises(ModelFileError):
        load_model(make(circle))


def test_a_fault_says_line_element_and_remedy(sound):
    (fault,) = [
        fault for _, fault in broken_rules(sound.replace(",base tap,", ",basic tap,", 1)) if "basic" in fault.element
    ]

    assert sound.split("\n")[fault.line - 1].startswith("10,") and "base tap" in sound.split("\n")[fault.line - 1]
    assert (
        'view "Tanks" shows it' in str(fault)
        and "Did you mean: base tap" in str(fault)
        and "cli.py sketch" in str(fault)
    )


@pytest.mark.parametrize("path", [TOY, pytest.param(CITY, marks=pytest.mark.slow)], ids=["toy", "city"])
def test_pysd_finds_each_element_in_the_view_of_its_group(path, make, drawn_toy):
    from pysd.translators.vensim.vensim_file import VensimFile

    path = make(drawn_toy) if path == TOY else path
    written = Written(path.read_text(encoding="utf-8"))
    expected: dict[str, set[str]] = {}
    for equations in written.defined.values():
        expected.setdefault(equations[0].element.group.lower(), set()).add(equations[0].key)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = VensimFile(path)
        file.parse()
        file.parse_sketch([])

    found = [{normalised_name(name) for name in names} for names in file.sections[0].views_dict.values()]
    assert found == list(expected.values())


def test_the_drawing_changes_neither_hash_nor_figures_nor_what_a_fit_keeps(make, drawn_toy):
    plain = load_model(TOY)

    model = load_model(make(drawn_toy))

    assert model.hash == plain.hash
    assert model.run(outputs=["total output"]).equals(plain.run(outputs=["total output"]))
    moved = drawn_toy.replace("10,1,", "10,1001,")
    assert moved != drawn_toy and without_drawing(moved) == without_drawing(drawn_toy)


def test_a_drawing_made_anew_is_the_same_and_keeps_the_settings(sound, make):
    kept = sound.replace("15:0,0,0,0,0,0", "15:0,0,0,5,0,0").replace("1:Current.vdf", "1:Mine.vdf")
    model = load_model(make(kept))

    again = with_sketch(kept, model.structure)

    assert model.structure.method == "rk4"
    assert again == kept


def test_another_process_draws_the_same_to_the_byte(sound, make):
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from innovation.engine import load_model\nfrom innovation.model.vensim import with_sketch\n"
        "path = Path(sys.argv[1])\n"
        "sys.stdout.buffer.write(with_sketch(path.read_text('utf-8'), load_model(path).structure).encode())"
    )

    again = subprocess.run(
        [sys.executable, "-c", script, make(SOUND)],
        cwd=ROOT, capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": "7"},
    ).stdout  # fmt: skip

    assert again.decode() == sound


@pytest.mark.parametrize("path", [TOY, CITY], ids=["toy", "city"])
def test_no_word_of_a_view_overlaps_another_or_a_valve(path, drawn_toy):
    text = drawn_toy if path == TOY else CITY.read_text(encoding="utf-8")

    found = views_in(text)

    assert found
    for view in found:
        words = [(one.fields[2], one.box.grown(-1)) for one in view.words.values()]  # places are rounded to pixels
        valves = [(one.number, one.box) for one in view.objects if one.kind == VALVE]
        pairs = [*combinations(words, 2), *product(words, valves), *combinations(valves, 2)]
        assert [(view.title, a, b) for (a, one), (b, other) in pairs if one.overlaps(other)] == []


def test_stocks_are_boxes_and_their_flows_pipes(toy_sheets):
    sheet = toy_sheets["C Knowledge"]

    names = [word.name for word in sheet.words]
    ends = {
        names[flow.flow]: tuple(None if end is None else names[end] for end in (flow.source, flow.target))
        for flow in sheet.flows
    }
    assert ends == {
        "research completed": (None, "knowledge"),
        "knowledge forgotten": ("knowledge", None),
        "platform openings": (None, "platforms"),
    }
    shapes = {word.name: word.shape for word in sheet.words if not word.shadow}
    assert (
        shapes["knowledge"] == "stock"
        and shapes["research completed"] == "flow"
        and shapes["forgetting"] == "auxiliary"
    )
    assert {word.name for word in sheet.words if word.shadow} == {
        "science money",
        "research share",
        "total share",
        "platform share",
    }


def test_the_command_draws_a_file_and_tells_when_the_drawing_is_another_models(tmp_path, capsys):
    path = Path(shutil.copy(TOY, tmp_path))

    assert cli.main(["sketch", "--model", str(path)]) == 0
    assert view_titles(path.read_text(encoding="utf-8")) == [
        "A Economy",
        "B Money",
        "C Knowledge",
        "K Scoreboard",
        "Control",
    ]
    capsys.readouterr()
    text = path.read_text(encoding="utf-8").replace("platform cost", "cost of a platform", 2)
    path.write_text(text, encoding="utf-8")

    assert cli.main(["sketch", "--check", "--model", str(path)]) == 2
    told = capsys.readouterr().err
    assert '"cost of a platform"' in told and "no view shows it" in told and "Run `cli.py sketch`" in told
    assert cli.main(["sketch", "--model", str(path)]) == 0
    assert cli.main(["sketch", "--check", "--model", str(path)]) == 0


def test_the_command_tells_of_a_file_without_a_drawing(tmp_path, capsys):
    path = Path(shutil.copy(TOY, tmp_path))

    assert cli.main(["sketch", "--check", "--model", str(path)]) == 2

    told = capsys.readouterr().err
    assert "no view shows any of its variables. Run `cli.py sketch`" in told


def test_pysimlin_reads_the_drawing(make, drawn_toy):
    simlin = pytest.importorskip("simlin", reason="pysimlin has no wheel for this machine")

    assert [issue.message for issue in simlin.load(str(make(drawn_toy))).check()] == [
        issue.message for issue in simlin.load(str(TOY)).check()
    ]
