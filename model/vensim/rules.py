"""The rules of Vensim's manual that a model's equations are held to, each with the page of the manual it comes from.

Pages stand below vensim.com/documentation. What no page says and Vensim itself writes is marked so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from innovation.engine import ModelFault
from innovation.engine.ir import TIME_CONTROLS, normalised_name
from innovation.engine.semantics import forms

from .written import Rule, Written, WrittenEquation

_ALONE = {  # functions that make their variable what it is, and the pages that say so
    "integ": ("INTEG", "fn_integ.html"),
    "initial": ("INITIAL", "fn_initial.html"),
    "active_initial": ("ACTIVE INITIAL", "fn_active_initial.html"),
    "delay_fixed": ("DELAY FIXED", "fn_delay_fixed.html"),
    "delay_information": ("DELAY INFORMATION", "fn_delay_information.html"),
    "delay_n": ("DELAY N", "fn_delay_n.html"),
    "sinteg": ("SINTEG", "fn_sinteg.html"),
    "with_lookup": ("WITH LOOKUP", "fn_with_lookup.html"),
}
_OVER_SUBSCRIPTS = {"sum", "prod", "vmin", "vmax", "vector_select"}
_LEVELS = {"integ", "delay_fixed", "delay_information", "delay_n", "sinteg"}
_MIXED = ({"data", "constant"}, {"auxiliary", "data", "initial", "constant"}, {"level", "constant", "data"}, {"lookup"})
_BARE = re.compile(r"[^\W\d_][\w '$]*")
_UNIT = re.compile(r"(?:1|[^\W\d][\w $]*)")
_PAIR = re.compile(r"\(\s*([^(),\s]+)\s*,\s*([^(),\s]+)\s*\)")
_MOST_SUBSCRIPTS, _MOST_LISTED, _FEWEST_POINTS = 8, 2, 2
_WRITES, _KNOWN = "as Vensim writes its files", "known of Vensim, on no page that we found"


def _marked(written: Written) -> Iterator[ModelFault]:
    if not written.text.isascii() and not written.text.startswith("{UTF-8}\n"):
        yield ModelFault(1, "", "the file has letters beyond ASCII. Its first line must be {UTF-8}.")


def _delimited(written: Written) -> Iterator[ModelFault]:
    yield from written.uncut


def _groups(written: Written) -> Iterator[ModelFault]:
    good = re.compile(r"\*{4,}\s*\n[ \t]*\.?[^\n*]+\n[ \t]*\*{4,}[ \t]*~[^~|]*\|")
    place = 0
    while found := re.compile(r"^[ \t]*\*+", re.MULTILINE).search(written.body, place):
        heading = good.match(written.body, found.start())
        if heading is None:
            line = written.body.count("\n", 0, found.start()) + 1
            yield ModelFault(line, "", "a group is: a line of ****, .name, a line of ****, then ~ comment |.")
        place = heading.end() if heading else written.body.find("\n", found.end()) % (len(written.body) + 1)


def _named(written: Written) -> Iterator[ModelFault]:
    for equation in written.equations:
        listed = () if equation.mark != ":" else written.ranges[equation.key]
        for name in (equation.name, *(part for part in listed if not part.startswith("("))):
            if not name.startswith('"') and not _BARE.fullmatch(name):
                yield equation.fault(f'"{name}" begins with no letter or has a mark: put it in quotation marks.')


def _unbroken(written: Written) -> Iterator[ModelFault]:
    for equation in written.equations:
        if re.search(r"[\w'$][ \t]*\n[ \t]*[\w'$]", re.sub(r"\{[^{}]*\}", "", equation.element.equation)):
            yield equation.fault("a name is broken over two lines. End the line with a backslash.")


def _continued(written: Written) -> Iterator[ModelFault]:
    for equation in written.equations:
        if re.search(r"\\(?!\s*\n)", re.sub(r'"[^"]*"', "", equation.element.equation)):
            yield equation.fault("a backslash stands inside a line. It continues a line, and is the last mark of it.")


def _once(written: Written) -> Iterator[ModelFault]:
    for equations in written.defined.values():
        for first, again in pairwise(equations):
            if not again.subscripts or again.subscripts == first.subscripts:
                yield again.fault(f"it is defined on line {first.element.line} already. Keep one equation.")


def _spelled(written: Written) -> Iterator[ModelFault]:
    first: dict[str, str] = {}
    for equation in written.equations:
        for name in (equation.name, *equation.names, *(name for name, _, _ in equation.subscripted)):
            plain = " ".join(name.replace("_", " ").split())
            kept = first.setdefault(normalised_name(name), plain)
            if plain != kept:
                yield equation.fault(f'"{plain}" was first written "{kept}", which Vensim would show. Write it so.')


def _distinct(written: Written) -> Iterator[ModelFault]:
    for equation in written.equations:
        if equation.mark == ":":
            for element in written.members(equation.key):
                if element in written.defined:
                    line = written.defined[element][0].element.line
                    yield equation.fault(
                        f'its element "{element}" is also a variable (line {line}). Rename one of them.'
                    )
        elif equation.key in written.ranges:
            yield equation.fault("it is also a range of subscripts. Rename one of them.")


def _free(written: Written) -> Iterator[ModelFault]:
    taken = {*forms(False), "time"}
    for equation in written.equations:
        for name in (equation.key, *(written.members(equation.key) if equation.mark == ":" else ())):
            if name in taken:
                yield equation.fault(f'"{name}" is the name of a function of Vensim, or of time. Choose another.')


def _balanced(written: Written) -> Iterator[ModelFault]:
    for equation in written.equations:
        depth = 0
        for mark in re.sub(r'"[^"]*"', "", equation.right):
            depth += (mark == "(") - (mark == ")")
            if depth < 0:
                break
        if depth:
            yield equation.fault("its brackets do not match. Close what is opened.")


def _known(written: Written) -> Iterator[ModelFault]:
    known = forms(False)
    for equation in written.equations:
        for call in equation.calls:
            if call.key in written.defined:
                continue
            if call.key not in known:
                yield equation.fault(f"{call.name} is no function of Vensim that we know.")
            elif len(call.arguments) not in known[call.key]:
                counts = " or ".join(map(str, sorted(known[call.key])))
                yield equation.fault(f"{call.name} takes {counts} arguments, found {len(call.arguments)}.")


def _alone(function: str) -> Callable[[Written], Iterator[ModelFault]]:
    def broken(written: Written) -> Iterator[ModelFault]:
        for equation in written.equations:
            for call in equation.calls:
                if call.key == function and (call.start > 0 or call.end < len(equation.right)):
                    rest = "Give it an element of its own, and read that here."
                    yield equation.fault(f'{call.name} does not stand alone on the right of "=". {rest}')

    return broken


def _points(written: Written) -> Iterator[ModelFault]:
    for equation, x, y in _tables(written):
        if len(x) < _FEWEST_POINTS or len(x) != len(y):
            yield equation.fault("a lookup has two points or more, an x and a y each, as in ((0,1),(2,3)).")


def _growing(written: Written) -> Iterator[ModelFault]:
    for equation, x, _ in _tables(written):
        if any(b <= a for a, b in pairwise(x)):
            yield equation.fault("the x of a lookup must grow from point to point.")


def _tables(written: Written) -> Iterator[tuple[WrittenEquation, list[float], list[float]]]:
    """The x and the y of every lookup, given as pairs or as all x and then all y; none where they are no numbers."""
    for equation in written.equations:
        tables = [
            call.arguments[1] for call in equation.calls if call.key == "with_lookup" and len(call.arguments) == 2
        ]
        for table in [*tables, *([equation.right] if equation.mark == "(" else [])]:
            bare = re.sub(r"\[[^\]]*\]", "", table)
            flat = [part.strip(" ()") for part in bare.split(",") if part.strip(" ()")]
            half = (len(flat) + 1) // 2
            x, y = (flat[::2], flat[1::2]) if _PAIR.search(bare) else (flat[:half], flat[half:])
            try:
                yield equation, [float(one) for one in x], [float(one) for one in y]
            except ValueError:
                yield equation, [], []


def _defined(written: Written) -> Iterator[ModelFault]:
    known = {*written.defined, *written.ranges, *written.elements, "time"}
    for equation in written.equations:
        for name in equation.names:
            if normalised_name(name) not in known:
                yield equation.fault(f'"{name}" is read and nowhere defined: Vensim would look for data of that name.')


def _listed(written: Written) -> Iterator[ModelFault]:
    for equation in written.equations:
        rows = equation.numbers
        if rows is None or (len(rows) == 1 and len(rows[0]) == 1):
            continue
        sizes = [len(written.members(n)) for n in map(normalised_name, equation.subscripts) if n in written.ranges]
        if len(sizes) > _MOST_LISTED:
            yield equation.fault("numbers are listed over two ranges at most. Write an equation an element.")
            continue
        need = [1, *sizes][-2:]
        if len(rows) != need[0] or any(len(row) != need[1] for row in rows):
            yield equation.fault(f"{need[0]} rows of {need[1]} numbers are expected.")
        elif len(rows) > 1 and not equation.right.rstrip().endswith(";"):
            yield equation.fault("each row of numbers ends with a semicolon, the last too.")


def _looped(written: Written) -> Iterator[ModelFault]:
    for equation in written.equations:
        left = set(map(normalised_name, equation.subscripts))
        for name, subscripts, _ in equation.subscripted:
            for part in map(normalised_name, subscripts):
                if part in written.ranges and part not in left:
                    yield equation.fault(
                        f'{name} runs over "{part}", which does not stand on the left. Sum it: {part}!'
                    )


def _summed(written: Written) -> Iterator[ModelFault]:
    for equation in written.equations:
        over = [call for call in equation.calls if call.key in _OVER_SUBSCRIPTS]
        for name, subscripts, place in equation.subscripted:
            marked = [part for part in subscripts if part.endswith("!")]
            if marked and not any(call.start < place < call.end for call in over):
                yield equation.fault(f"{name}[{marked[0]}] stands in no SUM, PROD, VMIN or VMAX.")
        for call in over:
            if "!" not in "".join(call.arguments):
                yield equation.fault(f"{call.name} sums over nothing: mark a range in it with !.")


def _one_shape(written: Written) -> Iterator[ModelFault]:
    for equation in written.equations:
        for name, subscripts, _ in ((equation.name, equation.subscripts, 0), *equation.subscripted):
            known = written.defined.get(normalised_name(name))
            if known and len(subscripts) != len(known[0].subscripts):
                yield equation.fault(
                    f"{name} has {len(known[0].subscripts)} subscripts elsewhere, here {len(subscripts)}."
                )
        for name in equation.names:
            known = written.defined.get(normalised_name(name))
            if known and known[0].subscripts and not re.search(rf"{re.escape(name)}\s*\[", equation.right):
                yield equation.fault(f"{name} is read without its subscripts.")


def _eight(written: Written) -> Iterator[ModelFault]:
    for equation in written.equations:
        if len(equation.subscripts) > _MOST_SUBSCRIPTS:
            yield equation.fault(f"it has {len(equation.subscripts)} subscripts; Vensim takes {_MOST_SUBSCRIPTS}.")


def _families(written: Written) -> Iterator[ModelFault]:
    for element, ranges in written.elements.items():
        wholes = [set(written.members(name)) for name in ranges]
        whole = max(wholes, key=len)
        if any(not members <= whole for members in wholes):
            yield ModelFault(
                0, element, f"it stands in {', '.join(sorted(ranges))}, and none of them holds the others."
            )


def _kind(equation: WrittenEquation) -> str:
    """What an equation makes of its variable, in Vensim's words."""
    if equation.mark == "(":
        return "lookup"
    if equation.mark in ("", ":="):
        return "data"
    first = equation.calls[0].key if equation.calls and equation.calls[0].start == 0 else ""
    kinds = {"initial": "initial", **dict.fromkeys(_LEVELS, "level")}
    return "constant" if equation.numbers else kinds.get(first, "auxiliary")


def _unmixed(written: Written) -> Iterator[ModelFault]:
    for equations in written.defined.values():
        kinds = {_kind(equation) for equation in equations}
        if not any(kinds <= allowed for allowed in _MIXED):
            yield equations[-1].fault(f"its equations make it {' and '.join(sorted(kinds))}. Make it one of them.")


def _controlled(written: Written) -> Iterator[ModelFault]:
    for name in TIME_CONTROLS:
        if name not in written.defined:
            yield ModelFault(0, name.replace("_", " ").upper(), "it is missing: no model runs without it.")


def _timed(written: Written) -> Iterator[ModelFault]:
    controls = [written.defined[name][0] for name in TIME_CONTROLS if name in written.defined]
    for control in controls[1:]:
        if _unit(control) != _unit(controls[0]):
            yield control.fault(f'its unit is "{_unit(control)}", that of {controls[0].name} "{_unit(controls[0])}".')


def _unit(equation: WrittenEquation) -> str:
    return equation.element.unit.partition("[")[0].strip()


def _measured(written: Written) -> Iterator[ModelFault]:
    for equation in written.equations:
        unit = _unit(equation)
        if unit and not all(_UNIT.fullmatch(part) for part in _bases(unit)):
            yield equation.fault(f'the unit "{unit}" is not names joined by * and /, with brackets.')


def _literal(written: Written) -> Iterator[ModelFault]:
    first: dict[str, str] = {}
    for equation in written.equations:
        for unit in _bases(_unit(equation)):
            kept = first.setdefault(unit.lower().removesuffix("s"), unit)
            if kept != unit:
                yield equation.fault(f'the unit "{unit}" is "{kept}" elsewhere: two units to Vensim. Write one.')


def _bases(unit: str) -> list[str]:
    return [part.strip() for part in re.split(r"[*/()]", unit) if part.strip()]


EQUATION_RULES = (
    Rule("a file with letters beyond ASCII says {UTF-8} first", _WRITES, _marked),
    Rule("an element is equation ~ units ~ comment |", "22025.html, Equations", _delimited),
    Rule("a group is **** .name **** ~ comment |", "groups.html, Groups", _groups),
    Rule("names in no quotation marks are letters, digits, spaces, _, ' and $", "ref_variable_names.html", _named),
    Rule("a name is not broken over lines", "ref_variable_names.html", _unbroken),
    Rule("a backslash continues a line and ends it", "ref_variable_names.html", _continued),
    Rule("a variable has one equation, or one for each of its parts", "22025.html, Equations", _once),
    Rule("a name is spelled as it was first", "ref_variable_names.html", _spelled),
    Rule("variables, ranges and elements have names of their own", "ref_variable_types.html", _distinct),
    Rule("functions and time lend their names to nothing", _KNOWN, _free),
    Rule("brackets match", "22030.html, Equation Format and Conventions", _balanced),
    Rule("functions are Vensim's, with the arguments it takes", "Reference Guide, Functions", _known),
    *(
        Rule(f'{name} stands alone on the right of "="', f"{page}, {name}: Restrictions", _alone(key))
        for key, (name, page) in _ALONE.items()
    ),
    Rule("a lookup has two points or more", "lookups.html, Lookups", _points),
    Rule("the x of a lookup grows", _KNOWN, _growing),
    Rule("all that is read is defined", "ref_variable_types.html, Data", _defined),
    Rule("numbers fill their array, row by row; rows end with ;", "22070.html, constants with subscripts", _listed),
    Rule("a range on the right stands on the left, or is summed", "22220.html", _looped),
    Rule("! stands in functions over subscripts, and they have one", "22075.html, Subscript Functions", _summed),
    Rule("a variable has the same subscripts everywhere", "22220.html; ref_subscripts.html", _one_shape),
    Rule("eight subscripts at most", "ref_subscripts.html, Subscripts", _eight),
    Rule("of ranges that share an element one holds the others", "22100.html, Subranges", _families),
    Rule("a variable is of one type", "22215.html", _unmixed),
    Rule("the four control parameters are there", "ref_sim_control_params.html", _controlled),
    Rule("the control parameters have the unit of time", "ref_sim_control_params.html", _timed),
    Rule("units are names joined by * and /", "22275.html; ref_units_equiv.html", _measured),
    Rule("a unit is spelled one way", "ref_units_equiv.html, Units Synonyms", _literal),
)
