"""Damaged and hostile model files: each gives a model or an error that names its file, and nothing in it is run.

All damage is drawn from seeds, so that a failure can be repeated.
"""

from __future__ import annotations

import random
import re
import time

import pytest

from innovation.engine.errors import LONGEST_READING, EngineError, ModelFileError
from innovation.engine.model import load_model
from innovation.engine.semantics.units import unit_faults

CONTROLS = "INITIAL TIME = 0 ~ year ~|\nFINAL TIME = 4 ~ year ~|\nTIME STEP = 0.5 ~ year ~|\nSAVEPER = 1 ~ year ~|\n"
VENSIM = [
    "kind: red, blue ~~ A range. |\n",
    "part: red ~~|\n",
    "curve([(0,0)-(4,9)],(0,1),(2,3.5),(4,9)) ~ litre ~ A lookup. |\n",
    "level[kind] = INTEG(fill[kind] - drain[kind], start[kind]) ~ litre ~ What is stored. |\n",
    "start[kind] = 20, 5.5 ~ litre ~|\n",
    "fill[kind] :EXCEPT: [part] = 1 + STEP(2, 1) ~ litre/year ~|\n",
    "fill[part] = curve(Time) / 3 ~ litre/year ~ {a comment} |\n",
    "drain[kind] = level[kind] / residence ~ litre/year ~|\n",
    "residence = 4 ~ year [1,9] ~ How long; \\\n\tit stays. |\n",
    "total = SUM(level[kind!]) ~ litre ~|\n",
    "seen = SMOOTH N(total, 3, 2, 2) + DELAY FIXED(total, 1, 0) ~ litre ~|\n",
    '"odd name!" = IF THEN ELSE(total > 10 :AND: :NOT: Time = 1, MAX(total, 2), -2^2) ~ litre ~|\n',
    "twice = HALF(total)*4 ~ litre ~|\n",
]
MACRO = ":MACRO: HALF(x)\nHALF = x/2 ~~|\n:END OF MACRO:\n"
XMILE = [
    '<stock name="level"><doc>Stored.</doc><eqn>20</eqn><inflow>fill</inflow><outflow>drain</outflow></stock>\n',
    '<flow name="fill"><eqn>effect * 2</eqn><non_negative/></flow>\n',
    '<flow name="drain"><eqn>IF TIME &gt; 1 THEN level/4 ELSE 0 {later}</eqn><units>litre/year</units></flow>\n',
    '<aux name="effect"><eqn>TIME</eqn><gf><xscale min="0" max="4"/><ypts>1,2,5</ypts></gf></aux>\n',
    '<aux name="size"><dimensions><dim name="kind"/></dimensions><element subscript="red"><eqn>2</eqn></element>'
    '<element subscript="blue"><eqn>5</eqn></element></aux>\n',
    '<aux name="whole"><eqn>SUM(size) + SMTH1(level, 2)</eqn></aux>\n',
]
FRAME = (
    '<?xml version="1.0" encoding="utf-8"?>\n<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">\n'
    "<sim_specs><start>0</start><stop>4</stop><dt>0.5</dt></sim_specs>\n"
    '<dimensions><dim name="kind"><elem name="red"/><elem name="blue"/></dim></dimensions>\n'
    "<model><variables>\n{}</variables></model></xmile>\n"
)
WHOLE = {"mdl": "{UTF-8}\n" + MACRO + "".join(VENSIM) + CONTROLS, "xmile": FRAME.format("".join(XMILE))}
SHREDS = re.findall(
    r"\S+",
    """INTEG( SMOOTH N( DELAY FIXED( :EXCEPT: :MACRO: :END OF MACRO: ~ | ~~| { } " [ ] ( ) , ; : := = -> <-> ! \\ ^ --
    1e999 nan inf None é 漢 :NA: :RAW: GET DIRECT DATA( 'a' WITH LOOKUP( SUM( TIME STEP Time $ . with_lookup( integ( #1
    <eqn> </eqn> <gf> &lt; <stock name='q'> </variables> <macro name='m'> <element subscript='a'> IF THEN ELSE""",
)
# what concerns a file as a whole
WITHOUT_A_LINE = re.compile(
    r"the file|text file|is not defined\. Every model needs it|no equation was found|XML|stopped"
)


def read(folder, content, kind):
    """The model of a file with this content, or the error that it gives; both must be fit to be shown."""
    path = folder / f"fuzz.{kind}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    begun = time.thread_time()
    try:
        model = load_model(path)
    except ModelFileError as error:
        assert time.thread_time() - begun < LONGEST_READING
        assert str(error).startswith(f"{path}: ")
        assert error.faults
        for fault in error.faults:
            assert fault.message
            assert fault.line or fault.element or WITHOUT_A_LINE.search(fault.message), fault
        return error
    assert time.thread_time() - begun < LONGEST_READING
    assert len(model.variables) >= 4
    return model


def damaged(text, chance):
    """A text with a few pieces dropped, repeated, moved or replaced."""
    for _ in range(chance.randrange(1, 6)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.randrange(1, 40))
        shred, other = chance.choice(SHREDS), chance.randrange(len(text) + 1)
        letter = chr(chance.choice([0, 9, 10, 34, 92, 124, 126, 160, 0x2028, chance.randrange(32, 0x3000)]))
        text = chance.choice(
            [
                text[:start] + text[end:],
                text[:start] + shred + text[start:],
                text[:start] + shred + text[end:],
                text[:start] + text[other : other + 100] + text[start:],
                text[:start] + letter + text[start + 1 :],
                text[:start] + text[start:end] * chance.choice([*range(2, 30), 1000, 3000]) + text[end:],
                text.replace(chance.choice(SHREDS), shred),
            ]
        )
    return text


@pytest.mark.parametrize("kind", WHOLE)
def test_the_whole_files_are_sound(tmp_path, kind):
    model = read(tmp_path, WHOLE[kind], kind)

    assert not isinstance(model, EngineError), str(model)
    assert model.run().sizes["time"] >= 5


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("seed", range(4))
def test_a_file_cut_short_gives_a_model_or_faults(tmp_path, kind, seed):
    chance = random.Random(seed)
    for _ in range(12):
        read(tmp_path, WHOLE[kind][: chance.randrange(len(WHOLE[kind]))], kind)


@pytest.mark.slow
@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_cut_short_anywhere_gives_a_model_or_faults(tmp_path, kind):
    for end in range(len(WHOLE[kind])):
        read(tmp_path, WHOLE[kind][:end], kind)


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_file_gives_a_model_or_faults(tmp_path, kind, seed):
    chance = random.Random(seed)
    for _ in range(10):
        read(tmp_path, damaged(WHOLE[kind], chance), kind)


@pytest.mark.slow
@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("seed", range(100, 130))
def test_many_damaged_files_give_a_model_or_faults(tmp_path, kind, seed):
    chance = random.Random(seed)
    for _ in range(100):
        read(tmp_path, damaged(WHOLE[kind], chance), kind)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_a_file_does_not_change_its_hash(tmp_path, seed):
    chance = random.Random(seed)
    vensim, xmile = [*VENSIM, *CONTROLS.splitlines(keepends=True)], list(XMILE)
    chance.shuffle(vensim)
    chance.shuffle(xmile)

    mixed = [read(tmp_path, MACRO + "".join(vensim), "mdl"), read(tmp_path, FRAME.format("".join(xmile)), "xmile")]

    assert [model.hash for model in mixed] == [read(tmp_path, WHOLE[kind], kind).hash for kind in ("mdl", "xmile")]


@pytest.mark.parametrize("kind", ["mdl", "xmile"])
@pytest.mark.parametrize("seed", range(6))
def test_random_bytes_are_refused(tmp_path, kind, seed):
    chance = random.Random(seed)
    junk = chance.randbytes(chance.randrange(1, 3000))
    letters = bytes(chance.choices(range(9, 127), k=3000))

    found = [read(tmp_path, content, kind) for content in (junk, letters, WHOLE[kind].encode()[:300] + junk)]

    assert all(isinstance(one, ModelFileError) for one in found)


@pytest.mark.parametrize("seed", range(5))
def test_unknown_functions_and_circles_are_named_in_a_sentence_each(tmp_path, seed):
    chance = random.Random(seed)
    names = ["".join(chance.choices("abcdefg", k=8)) for _ in range(6)]
    circle = "".join(f"{a} = 2 + {b} ~~|\n" for a, b in zip(names, [*names[1:], names[0]], strict=True))
    calls = "".join(f"u{number} = {name}(1, 2) ~~|\n" for number, name in enumerate(names))

    unknown = read(tmp_path, calls + CONTROLS, "mdl")
    circular = read(tmp_path, circle + CONTROLS, "mdl")

    assert [fault.line for fault in unknown.faults] == [1, 2, 3, 4, 5, 6]
    assert all(name.upper() in str(unknown) for name in names)
    assert "circular without a stock" in str(circular)
    assert all(name in str(circular) for name in names)


@pytest.mark.parametrize("seed", range(4))
def test_nonsense_for_units_is_a_finding_and_no_failure(tmp_path, seed):
    chance = random.Random(seed)
    marks = ["litre", "year", "1", "/", "*", "^", "(", ")", "-2", "Dmnl", "%", "元", "[", "]", "?", ",", '"', " "]
    units = ["".join(chance.choices(marks, k=chance.randrange(30))) for _ in range(40)] + ["(" * 9000, "a^9" * 9000]
    text = "".join(f"v{number} = Time * 2 ~ {unit} ~|\n" for number, unit in enumerate(units))

    model = read(tmp_path, text + CONTROLS, "mdl")

    found = unit_faults(model.structure)
    assert {fault.variable for fault in found} >= {"v40", "v41"}


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize(
    "code",
    [
        "__import__('os').system('touch {mark}')",
        'open("{mark}", "w")',
        "exec('open(\\'{mark}\\', \\'w\\')')",
        "(lambda: open('{mark}', 'w'))()",
        "[open('{mark}', 'w'), 1],(0,1),(1,2)",
        "1]; open('{mark}', 'w'); [1",
        "{{open('{mark}', 'w')}}",
        "1\n    open('{mark}', 'w')\n",
        "a'); open('{mark}', 'w') #",
        "${{open('{mark}', 'w')}}%s{mark!r}",
    ],
)
def test_nothing_in_a_file_is_run_as_python(tmp_path, kind, code):
    mark = tmp_path / "mark"
    code = code.replace("{mark}", str(mark)).replace("{{", "{").replace("}}", "}")
    slots = {
        "mdl": ["x = {} ~~|", "x = 1 ~ {} ~|", "x = 1 ~~ {} |", "{} = 1 ~~|", '"{}" = 2 ~~|', "l({}) ~~|",
                "r: {} ~~|\ny[r] = 1 ~~|", "x = WITH LOOKUP(Time, ({})) ~~|", ":MACRO: {}(x)\n:END OF MACRO:\n",
                "****\n.{}\n****~\n|", "x = 2 * {} ~~|", "r: a,b ~~|\nt[r] = {}, 3 ~~|",
                "x = GET DIRECT CONSTANTS({}) ~~|"],
        "xmile": ['<aux name="x"><eqn>{}</eqn></aux>', '<aux name="{}"><eqn>1</eqn></aux>',
                  '<gf name="g"><xscale min="0" max="1"/><ypts>{}</ypts></gf>',
                  '<aux name="x"><doc>{}</doc><eqn>1</eqn></aux>',
                  '<stock name="s"><eqn>1</eqn><inflow>{}</inflow></stock>', '<aux name="x"><eqn>3, {}</eqn></aux>'],
    }[kind]  # fmt: skip
    escaped = code.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") if kind == "xmile" else code

    for slot in slots:
        text = slot.replace("{}", escaped) + "\n"
        model = read(tmp_path, text + CONTROLS if kind == "mdl" else FRAME.format(text), kind)
        if not isinstance(model, EngineError):
            model.run()
            model.source({}, None)

    assert not mark.exists()
