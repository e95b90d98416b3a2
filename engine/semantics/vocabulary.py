"""The words of the trade in both dialects: what each means here, what is refused by name, what is no word at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from innovation.engine.frontend.syntax import Apply, Curve, Literal, Syntax, Text, Unread
from innovation.engine.ir.structure import normalised_name

from .context import Draft, EquationContext, Refused

# Left as a modeller writes it, right as ``functions.FUNCTIONS`` computes it; a function of more forms has more lines.
# Those without a right side are no expressions: ``equations`` and its parts read their arguments.
_BOTH = """
ABS(x) = abs(x)
ARCCOS(x) = arccos(x)
ARCSIN(x) = arcsin(x)
ARCTAN(x) = arctan(x)
COS(x) = cos(x)
COSH(x) = cosh(x)
EXP(x) = exp(x)
IF THEN ELSE(c, y, n) = if_then_else(c, y, n)
LN(x) = ln(x)
MAX(x, y) = max(x, y)
MIN(x, y) = min(x, y)
SIN(x) = sin(x)
SINH(x) = sinh(x)
SQRT(x) = sqrt(x)
STEP(h, s) = step(h, s)
SUM(x)
TAN(x) = tan(x)
TANH(x) = tanh(x)
"""
_VENSIM = """
ACTIVE INITIAL(x, i) = active_initial(x, i)
DELAY1(x, t) = delay(x, t, x, 1)
DELAY1I(x, t, i) = delay(x, t, i, 1)
DELAY3(x, t) = delay(x, t, x, 3)
DELAY3I(x, t, i) = delay(x, t, i, 3)
DELAY FIXED(x, t, i) = delay_fixed(x, t, i)
DELAY N(x, t, i, n) = delay_n(x, t, i, n)
ELMCOUNT(r)
FORECAST(x, t, h) = forecast(x, t, h)
GAME(x) = same(x)
INITIAL(x) = initial(x)
INTEG(r, i)
INTEGER(x) = integer(x)
LOG(x, b) = log(x, b)
LOOKUP EXTRAPOLATE(l, x)
MODULO(x, y) = modulo(x, y)
POWER(x, y) = power(x, y)
PROD(x)
PULSE(s, w) = pulse(s, w)
PULSE TRAIN(s, w, r, e) = pulse_train(s, w, r, e)
QUANTUM(x, y) = quantum(x, y)
RAMP(s, b, e) = ramp(s, b, e)
SAMPLE IF TRUE(c, x, i) = sample_if_true(c, x, i)
SMOOTH(x, t) = smooth(x, t, x, 1)
SMOOTHI(x, t, i) = smooth(x, t, i, 1)
SMOOTH3(x, t) = smooth(x, t, x, 3)
SMOOTH3I(x, t, i) = smooth(x, t, i, 3)
SMOOTH N(x, t, i, n) = smooth_n(x, t, i, n)
TREND(x, t, g) = trend(x, t, g)
VMAX(x)
VMIN(x)
WITH LOOKUP(x, l)
XIDZ(a, b, x) = xidz(a, b, x)
ZIDZ(a, b) = zidz(a, b)
"""
_XMILE = """
DELAY(x, t) = delay_fixed(x, t, x)
DELAY(x, t, i) = delay_fixed(x, t, i)
DELAY1(x, t) = delay(x, t, x, 1)
DELAY1(x, t, i) = delay(x, t, i, 1)
DELAY3(x, t) = delay(x, t, x, 3)
DELAY3(x, t, i) = delay(x, t, i, 3)
DELAYN(x, t, n) = delay_n(x, t, x, n)
DELAYN(x, t, n, i) = delay_n(x, t, i, n)
FORCST(x, t, h) = forecast(x, t, h)
FORCST(x, t, h, g) = forecast_from(x, t, h, g)
INIT(x) = initial(x)
INT(x) = floor(x)
LOG10(x) = log10(x)
LOOKUP(l, x)
MAX(x)
MIN(x)
PI() = pi()
PREVIOUS(x, i) = previous(x, i)
PULSE(m, s) = impulse(s, m)
PULSE(m, s, r) = impulse_train(s, r, m)
RAMP(s, b) = ramp(s, b)
RAMP(s, b, e) = ramp(s, b, e)
SAFEDIV(a, b) = safediv(a, b)
SAFEDIV(a, b, x) = safediv(a, b, x)
SMTH1(x, t) = smooth(x, t, x, 1)
SMTH1(x, t, i) = smooth(x, t, i, 1)
SMTH3(x, t) = smooth(x, t, x, 3)
SMTH3(x, t, i) = smooth(x, t, i, 3)
SMTHN(x, t, n) = smooth_n(x, t, x, n)
SMTHN(x, t, n, i) = smooth_n(x, t, i, n)
TREND(x, t) = trend(x, t, 0)
TREND(x, t, g) = trend(x, t, g)
"""


@dataclass(frozen=True)
class Form:
    """What a function with so many arguments means: a key of ``FUNCTIONS`` and what it is given, places or numbers."""

    function: str
    given: tuple[int | float, ...]

    def arguments(self, written: tuple[Syntax, ...]) -> list[Syntax]:
        """The arguments as the function takes them."""
        return [written[one] if isinstance(one, int) else Literal(one) for one in self.given]


Forms = dict[str, dict[int, Form | None]]  # by normalised name, then by the number of arguments


@cache
def forms(xmile: bool) -> Forms:
    """The functions of a dialect; None stands for one that reads its arguments itself."""
    found: Forms = {}
    for line in (_BOTH + (_XMILE if xmile else _VENSIM)).strip().splitlines():
        left, _, right = line.partition(" = ")
        name, letters = _call(left)
        function, given = _call(right) if right else ("", [])
        places = tuple(letters.index(one) if one in letters else float(one) for one in given)
        found.setdefault(name.lower().replace(" ", "_"), {})[len(letters)] = Form(function, places) if right else None
    return found


def _call(text: str) -> tuple[str, list[str]]:
    name, _, inside = text.rstrip(")").partition("(")
    return name, [one.strip() for one in inside.split(",") if one.strip()]


_ELSEWHERE = {  # the same thing in the other dialect, where it has another name
    "delay1i": "DELAY1(input, time, initial)",
    "delay3i": "DELAY3(input, time, initial)",
    "delay_fixed": "DELAY(input, time, initial)",
    "delay_n": "DELAYN(input, time, order, initial)",
    "elmcount": "the number of its elements",
    "forecast": "FORCST(input, time, horizon)",
    "game": "its argument",
    "initial": "INIT(x)",
    "integ": "a <stock>",
    "integer": "INT(x), which rounds down",
    "log": "LN(x)/LN(base)",
    "modulo": "x MOD y",
    "power": "x^y",
    "prod": "a product written out",
    "pulse_train": "PULSE(amount, start, interval), an amount in one DT",
    "quantum": "INT(x/y)*y, which rounds down",
    "sample_if_true": "IF condition THEN value ELSE PREVIOUS(SELF, initial)",
    "smooth": "SMTH1(input, time)",
    "smoothi": "SMTH1(input, time, initial)",
    "smooth3": "SMTH3(input, time)",
    "smooth3i": "SMTH3(input, time, initial)",
    "smooth_n": "SMTHN(input, time, order, initial)",
    "vmax": "MAX(x)",
    "vmin": "MIN(x)",
    "with_lookup": "a <gf> in the variable",
    "lookup_extrapolate": 'a <gf> of type "extrapolate"',
    "xidz": "SAFEDIV(a, b, otherwise)",
    "zidz": "SAFEDIV(a, b)",
    "active_initial": "<init_eqn>",
    "delay": "DELAY FIXED(input, time, initial)",
    "delayn": "DELAY N(input, time, initial, order)",
    "forcst": "FORECAST(input, time, horizon)",
    "init": "INITIAL(x)",
    "int": "INTEGER(x), which rounds towards 0",
    "log10": "LOG(x, 10)",
    "lookup": "name(x)",
    "previous": "DELAY FIXED(x, TIME STEP, initial)",
    "pi": "3.14159265358979",
    "safediv": "ZIDZ(a, b) or XIDZ(a, b, otherwise)",
    "smth1": "SMOOTH(input, time) or SMOOTHI(input, time, initial)",
    "smth3": "SMOOTH3(input, time) or SMOOTH3I(input, time, initial)",
    "smthn": "SMOOTH N(input, time, initial, order)",
}


# Functions that exist in the trade and that the engine does not compute: refused by name, never guessed at.
_RANDOM = """random_uniform random_normal random_0_1 random_exponential random_poisson random_gamma random_beta
    random_triangular random_lognormal random_weibull random_pink_noise random_binomial random_negative_binomial
    random_lookup random normal exprnd lognormal poisson uniform beta binomial gamma geometric logistic montecarlo
    negbinomial pareto triangular weibull randomint"""


_OTHER_FILES = """get_xls_data get_direct_data get_xls_constants get_direct_constants get_xls_lookups get_direct_lookups
    get_xls_subscript get_direct_subscript get_123_data get_123_constants get_123_lookups get_vdf_data
    get_vdf_constants get_vdf_lookups get_odbc_data get_odbc_constants get_odbc_lookups get_data_at_time
    get_data_between_times get_data_last_time get_data_first_time get_data_max get_data_min get_data_mean get_data_stdv
    get_data_median get_data_total_points tabxl sample_data"""


_DATA = "cumulate cumulatef time_shift data_equation"


_SHOWN = "message pause sensirunno runcount sensirun"


_QUEUES = """conveyor queue queue_fifo queue_fifo_attrib queue_age_average queue_age_in_range queue_age_oldest
    queue_attrib_average queue_attrib_in_range queue_attrib_max queue_attrib_min queue_attrib_quantity
    delay_conveyor delay_batch delay_lost qelem qlen queue_length cap cooktime ctflow ctmax ctmean ctmin ctstddev
    cycletime throughput ostate oven entryvalue residencetime sizeof"""


_LATER = """allocate_available allocate_by_priority alloc_p marketp demand_at_price supply_at_price find_market_price
    find_zero allocate vector_select vector_sort_order vector_reorder vector_rank vector_elm_map vector_lookup
    invert_matrix matrix_invert get_time_value shift_if_true simultaneous delay_material delay_information delay_p
    delayp delay_profile gamma_ln gammaln lookup_forward lookup_backward lookup_invert lookup_area lookup_slope
    lookup_handle lookupinv lookuparea lookupmean lookupxy probinterp internal_rate_of_return sample_until tabbed_array
    self history cgrowth sintegration rank mean stddev size endval reinitial task_effort sum_over interpolate
    derivn invnorm normalcdf factorial combinations permutations pct percent expbound step_tsize rework
    arctan2 smooth_lookup irr unbound trajectory"""


NOT_WRITTEN = "a_function_of"


_INSTEAD = {
    NOT_WRITTEN: "its equation has still to be written",
    "sinteg": "Vensim bounds and rounds the stock after each step; write an INTEG with flows that stop at its bounds",
    "time_base": "write slope*Time + start",
    "depreciate_straightline": "write the stock and its depreciation as INTEG and DELAY FIXED",
    "depreciate_by_schedule": "write the stock and its depreciation as INTEG and DELAY FIXED",
    "npv": "write the discounted sum as a stock: INTEG(stream*factor, initial)",
    "sshape": "write the curve as a lookup",
    "ramp_from_to": "write RAMP(slope, start, end) with slope = height/(end - start)",
    "counter": "write start + (TIME - STARTTIME) MOD (end - start)",
    "sinwave": "write amplitude*SIN(6.283185307*TIME/period)",
    "coswave": "write amplitude*COS(6.283185307*TIME/period)",
    "squarewave": "write it with IF and the remainder of the time",
    "round": "write INT(x + 0.5), or INTEGER(x + 0.5) in Vensim",
    "rootn": "write x^(1/n)",
    "logn": "write LN(x)",
    "sgn": "write it with IF: 1 above 0, -1 below",
    "sign": "write it with IF: 1 above 0, -1 below",
    "switch": "write it with IF: 1 where a > b, else 0",
    "iff": "write it with IF",
    "pmt": "write its formula",
    "pv": "write its formula",
    "fv": "write its formula",
    "nan": "every value of a run must be a finite number",
    "mod": "write x MOD y, or MODULO(x, y) in Vensim",
}


REFUSED: dict[str, str] = {
    **dict.fromkeys(_RANDOM.split(), "random numbers are drawn outside a model, as parameters"),
    **dict.fromkeys(_OTHER_FILES.split(), "it reads another file"),
    **dict.fromkeys(_DATA.split(), "it computes from a data set; data variables can only be read"),
    **dict.fromkeys(_SHOWN.split(), "it steers a session with a person, and a run has none"),
    **dict.fromkeys(_QUEUES.split(), "conveyors, queues and ovens are not computed"),
    **dict.fromkeys(_LATER.split(), "the engine has no equations for it yet"),
    **_INSTEAD,
}


def instead(name: str, xmile: bool) -> str:
    """Where a function of the other dialect is out of place, and what to write; nothing for any other name."""
    if name in forms(xmile) or name not in forms(not xmile):
        return ""
    where, other = ("in an XMILE file", "Vensim") if xmile else ("in a .mdl file", "XMILE")
    return f"{where}: it is a function of {other}; write {_ELSEWHERE[name]}"


def unknown_name(equation: EquationContext, name: str) -> Refused:
    """A name that no equation defines."""
    drafts, shown = equation.resolver.drafts, name.replace("_", " ").strip('"')
    if equation.frame.scope is not None and normalised_name(name) in drafts:
        outside = f"stands outside this macro. Write {shown}$, or give it as an argument."
        return equation.refuse(f'"{shown}" {outside}', name)
    if normalised_name(name) in REFUSED:
        return equation.refuse(f"{shown.upper()} is not supported: {REFUSED[normalised_name(name)]}.", name, True)
    close = equation.resolver.faults.nearest(shown, lambda: [one.name for one in drafts.values() if not one.hidden])
    return equation.refuse(f'"{shown}" is not defined.{close}', name)


def unknown_function(equation: EquationContext, node: Apply, draft: Draft | None) -> Refused:
    """A name with arguments that is neither a function, nor a lookup, nor a macro."""
    shown = node.word.name.replace("_", " ").strip('"')
    key = normalised_name(shown)
    if draft is not None and is_faulty(draft):
        return equation.given_up()
    if draft is not None:
        return equation.refuse(f'"{draft.name}" is neither a function nor a lookup, and is given an argument.', shown)
    if key == NOT_WRITTEN:
        return equation.refuse("it has no equation yet: Vensim writes A FUNCTION OF in its place.", shown)
    if here := instead(key, equation.xmile):
        return equation.refuse(f"{shown.upper()} is not supported {here}.", shown, unsupported=True)
    if key in REFUSED:
        return equation.refuse(f"{shown.upper()} is not supported: {REFUSED[key]}.", shown, unsupported=True)
    for part in node.arguments:
        if not isinstance(part, Text):
            equation.expression(part)
    close = equation.resolver.faults.nearest(shown, lambda: _functions(equation))
    return equation.refuse(f'unknown function "{shown.upper()}".{close}', shown)


def _functions(equation: EquationContext) -> list[str]:
    """All that may be given arguments in a file."""
    drafts = equation.resolver.drafts.values()
    lookups = [one.name for one in drafts if any(isinstance(part.right, Curve) for part in one.definitions)]
    macros = [macro.name for macro in equation.resolver.macros.values()]
    return [*(name.replace("_", " ").upper() for name in forms(equation.xmile)), *lookups, *macros]


def is_faulty(draft: Draft) -> bool:
    """Whether a variable's own fault has been named already."""
    return any(
        isinstance(item.right, Unread)
        or (isinstance(item.right, Apply) and normalised_name(item.right.word.name) in REFUSED)
        for item in draft.definitions
        if not draft.hidden
    )
