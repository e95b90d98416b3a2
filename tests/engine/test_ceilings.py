"""Files that could take hours or all memory: each is read or refused below a ceiling of processor time and memory.

They are read in a process of their own, which the system ends at the ceiling.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="no ceilings on this system")

ROOT = Path(__file__).parents[2]
CONTROLS = "INITIAL TIME = 0 ~~|\nFINAL TIME = 4 ~~|\nTIME STEP = 0.5 ~~|\nSAVEPER = 1 ~~|\n"
FRAME = (
    '<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">'
    "<sim_specs><start>0</start><stop>4</stop><dt>0.5</dt></sim_specs><model><variables>{}</variables></model></xmile>"
)
CEILING = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (240, 240))
sys.path.insert(0, sys.argv[1])
import platformdirs
platformdirs.user_cache_path = lambda *_: __import__("pathlib").Path(sys.argv[2]) / "no folder" / "x"
from innovation.engine import EngineError, load_model
said = {}
for path in sys.argv[3:]:
    try:
        said[path] = f"{len(load_model(path).variables)} variables"
    except EngineError as error:
        said[path] = str(error)
print(json.dumps(said))
"""


def read_below_a_ceiling(folder, files):
    """What reading each file (name -> content) says, in a process held to 4 GB and 4 minutes in all."""
    paths = []
    for name, content in files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
    done = subprocess.run(
        [sys.executable, "-c", CEILING, ROOT, folder, *paths], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"ended by {done.returncode}: {done.stderr[-2000:]}"
    return {Path(path).name: said for path, said in json.loads(done.stdout).items()}


@pytest.mark.slow
def test_a_small_file_that_would_grow_without_end_is_refused(tmp_path):
    macros = ":MACRO: m0(x)\nm0 = x ~~|\n:END OF MACRO:\n" + "".join(
        f":MACRO: m{n}(x)\nm{n} = m{n - 1}(x) + m{n - 1}(x) ~~|\n:END OF MACRO:\n" for n in range(1, 40)
    )
    ranges = "r0: x, y ~~|\n" + "".join(f"r{n}: r{n - 1}, r{n - 1} ~~|\n" for n in range(1, 60))
    chain = "".join(f"x{n} = x{n + 1} ~~|\n" for n in range(1000)) + "x1000 = 2 ~~|\n"
    files = {
        "macros.mdl": macros + "a = m39(1) ~~|\n",
        "ranges.mdl": ranges + "a[r59] = 1 ~~|\n",
        "range.mdl": "d: (d1-d999999999999) ~~|\na[d] = 1 ~~|\n",
        "array.mdl": "d: (d1-d9999) ~~|\na[d,d,d] = 1 ~~|\n",
        "sum.mdl": "d: (d1-d9999) ~~|\nb[d] = 1 ~~|\na[d] = SUM(b[d!]*c[e!]) ~~|\ne: (e1-e9999) ~~|\nc[e] = 1 ~~|\n",
        "terms.mdl": f"d: (d1-d20000) ~~|\na[d] = {'+'.join(['Time'] * 900)} ~~|\n",
        "dims.mdl": f"d: x, y ~~|\na[{','.join('d' * 21)}] = 1 ~~|\n",
        "smooths.mdl": "".join(f"a{n} = {'SMOOTH N(' * 99}Time{', 200, 0, 99)' * 99} ~~|\n" for n in range(20)),
        "deep.mdl": f"a = {'(' * 100_000}1{')' * 100_000} ~~|\n",
        "long.mdl": f"a = {'+'.join(['1'] * 100_000)} ~~|\n",
        "order.mdl": chain + "y = SMOOTH N(Time, 4, 0, x0) ~~|\n",
        "heads.mdl": ":MACRO: a(" * 100_000,
        "minus.mdl": f"a = {'-' * 50_000}1 ~~|\n",
        "powers.mdl": f"a = {'^'.join(['2'] * 9_000)} ~~|\n",
        "digits.mdl": f"a = {'9' * 90_000} ~~|\n",
    }

    said = read_below_a_ceiling(tmp_path, {name: text + CONTROLS for name, text in files.items()})

    expected = {
        "macros.mdl": "functions and macros have unfolded into 50000 inner variables",
        "ranges.mdl": "5 variables",
        "range.mdl": 'line 1, "d": a range of 999999999998 elements; at most 1000000 are read',
        "array.mdl": 'line 2, "a": with this variable the model has 999700029999 values',
        "sum.mdl": "at most 1000000 can be computed",
        "terms.mdl": "element by element, has",
        "dims.mdl": 'line 2, "a": it has 21 subscripts; at most 20 are read',
        "smooths.mdl": "functions and macros have unfolded into 50000 inner variables",
        "deep.mdl": 'line 1, "a": the equation has 200005 characters',
        "long.mdl": 'line 1, "a": the equation has 200003 characters',
        "order.mdl": 'line 1002, "y": the order of a SMOOTH N must be a whole number',
        "heads.mdl": "reading stopped after 200 faults",
        "minus.mdl": 'line 1, "a": the equation cannot be read',
        "powers.mdl": 'line 1, "a": the equation cannot be read',
        "digits.mdl": 'line 1, "a": a number here is too large',
    }
    assert {name: text if expected[name] not in text else expected[name] for name, text in said.items()} == expected


@pytest.mark.slow
def test_ten_megabytes_of_anything_are_read_or_refused(tmp_path):
    chance, size = random.Random(1), 10_000_000
    xml = FRAME.format("{}<aux name='a'><eqn>1</eqn></aux>")
    files = {
        "bytes.mdl": chance.randbytes(size),
        "bytes.xmile": chance.randbytes(size),
        "letters.mdl": chance.randbytes(size).translate(bytes(9 + place % 118 for place in range(256))),
        "bars.mdl": "|" * size,
        "no bars.mdl": "".join(f"x{n} = {n} ~~\n" for n in range(size // 17)),
        "equation.mdl": f"a = {'+'.join(['1'] * (size // 2))} ~~|\n{CONTROLS}",
        "comment.mdl": f"a = 1 ~~ {'word ' * (size // 5)} |\n{CONTROLS}",
        "drawing.mdl": f"a = 1 ~~|\n{CONTROLS}\\\\\\---/// Sketch\n{'10,1,a,1,2,3' * (size // 12)}",
        "unit.mdl": f"a = 1 ~ {'(' * size} ~|\n{CONTROLS}",
        "quotes.mdl": '"' * size,
        "equation.xmile": xml.format(f"<aux name='b'><eqn>{'+'.join(['1'] * (size // 2))}</eqn></aux>"),
        "open.xmile": xml.format("<aux>" * (size // 5)),
        "blank.xmile": xml.format(" " * (size - 500_000)),
        "name.xmile": xml.format(f"<aux name='{'a' * size}'><eqn>1</eqn></aux>"),
    }

    said = read_below_a_ceiling(tmp_path, files)

    sound = {name for name, text in said.items() if text.endswith("variables")}
    assert sound == {"comment.mdl", "drawing.mdl", "unit.mdl", "blank.xmile"}
    assert all(str(tmp_path / name) in text for name, text in said.items() if name not in sound)


@pytest.mark.slow
def test_tens_of_thousands_of_elements_are_read(tmp_path):
    count = 30_000
    files = {
        "chain.mdl": "x0 = 1 ~~|\n" + "".join(f"x{n} = x{n - 1} + SIN(Time) ~~|\n" for n in range(1, count)) + CONTROLS,
        "auxes.xmile": FRAME.format("".join(f'<aux name="a{n}"><eqn>{n}</eqn></aux>\n' for n in range(count))),
    }

    said = read_below_a_ceiling(tmp_path, files)

    assert said == dict.fromkeys(files, f"{count + 4} variables")
